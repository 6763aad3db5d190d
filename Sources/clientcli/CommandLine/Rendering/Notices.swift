// Notices and updates, as `watch` and the interactive session show them.

import BoxOfficeClient
import BoxOfficeTerminal

extension ReceivedNotice: Shown {
    /// The kind, the number, and then what the notice says, under the names that the answers have too.
    var json: JSON {
        let content: (kind: String, body: JSON)
        switch self.content {
        case .notice(let notice): content = (notice.opcode.name, notice.json)
        case .gap: content = ("gap", [:])
        case .unknown(let opcode): content = ("unknown", ["opcode": JSON(opcode)])
        }
        let head: JSON = ["kind": JSON(content.kind), "sequence": JSON(sequence), "replayed": JSON(isReplayed)]
        return head.with(content.body)
    }

    func lines(_ look: Look) -> [String] {
        switch content {
        case .notice(let notice): ["\(look.style.dim(look.clock(notice.at)))  \(notice.text(look))"]
        case .gap: ["Older notices are no longer kept: look at reservations, payments and queue status instead."]
        case .unknown(let opcode): ["A notice of a kind that this version does not know (\(opcode))"]
        }
    }
}

extension Notice {
    /// When it happened.
    var at: Instant {
        switch self {
        case .admitted(let notice): notice.at
        case .called(let notice): notice.at
        case .activeEnding(let notice): notice.at
        case .tokenExpired(let notice): notice.at
        case .held(let notice): notice.at
        case .holdEnding(let notice): notice.at
        case .holdExpired(let notice): notice.at
        case .released(let notice): notice.at
        case .pointsCharged(let notice): notice.at
        case .receipt(let notice): notice.at
        case .refundMade(let notice): notice.at
        case .concertChanged(let notice): notice.at
        case .tokenRemoved(let notice): notice.at
        }
    }

    /// The reservation it is about, when it is about one.
    var reservation: Reservation? {
        switch self {
        case .held(let notice): notice.reservation
        case .holdEnding(let notice): notice.reservation
        case .holdExpired(let notice): notice.reservation
        case .released(let notice): notice.reservation
        case .receipt(let notice): notice.reservation
        case .refundMade(let notice): notice.reservation
        case .admitted, .called, .activeEnding, .tokenExpired, .pointsCharged, .concertChanged, .tokenRemoved: nil
        }
    }

    /// The place it is about, when it is about one.
    var place: TokenID? {
        switch self {
        case .admitted(let notice): notice.token
        case .called(let notice): notice.token
        case .activeEnding(let notice): notice.token
        case .tokenExpired(let notice): notice.token
        case .tokenRemoved(let notice): notice.token
        case .held, .holdEnding, .holdExpired, .released, .pointsCharged, .receipt, .refundMade, .concertChanged: nil
        }
    }

    var json: JSON {
        let head: JSON = ["at": JSON(at)]
        switch self {
        case .admitted(let it): return head.with(room(it.concert, it.token, ["activeUntil": JSON(it.activeUntil)]))
        case .called(let it): return head.with(room(it.concert, it.token, ["calledUntil": JSON(it.calledUntil)]))
        case .activeEnding(let it): return head.with(room(it.concert, it.token, ["activeUntil": JSON(it.activeUntil)]))
        case .tokenExpired(let it): return head.with(room(it.concert, it.token, ["reason": JSON(it.reason.name)]))
        case .tokenRemoved(let it):
            return head.with(room(it.concert, it.token, ["reason": JSON(it.reason), "barred": JSON(it.isBarred)]))
        case .held(let it): return head.with(booking(it.reservation))
        case .holdEnding(let it): return head.with(booking(it.reservation))
        case .holdExpired(let it): return head.with(booking(it.reservation))
        case .released(let it): return head.with(booking(it.reservation))
        case .pointsCharged(let it):
            return head.with(["entry": JSON(it.entry), "amount": JSON(it.amount), "balance": JSON(it.balance)])
        case .receipt(let it):
            let payment: JSON = [
                "payment": JSON(it.payment.payment), "amount": JSON(it.payment.amount), "balance": JSON(it.balance),
                "entry": JSON(it.payment.entry),
            ]
            return head.with(payment).with(booking(it.reservation))
        case .refundMade(let it):
            return head.with(["amount": JSON(it.amount), "balance": JSON(it.balance)]).with(booking(it.reservation))
        case .concertChanged(let it):
            return head.with([
                "concert": JSON(it.concert), "performance": JSON(it.performance), "startsAt": JSON(it.startsAt),
            ])
        }
    }

    private func room(_ concert: ConcertID, _ token: TokenID, _ more: JSON) -> JSON {
        let room: JSON = ["concert": JSON(concert), "token": JSON(token)]
        return room.with(more)
    }

    /// What remained of the hold when the notice was made.
    private func booking(_ reservation: Reservation) -> JSON {
        reservation.json(remainingSeconds: reservation.remaining(at: at).remainingSeconds)
    }

    fileprivate func text(_ look: Look) -> String {
        let style = look.style
        switch self {
        case .admitted(let it):
            return
                "\(style.green("admitted")) to concert \(it.concert): hold and pay until \(look.clock(it.activeUntil))"
        case .called(let it):
            return "\(style.yellow("called")) for concert \(it.concert): come back until \(look.clock(it.calledUntil))"
        case .activeEnding(let it):
            return "\(style.yellow("time is ending")) for concert \(it.concert), at \(look.clock(it.activeUntil))"
        case .tokenExpired(let it):
            return "\(style.red("place expired")) for concert \(it.concert): \(it.reason.clause)"
        case .tokenRemoved(let it):
            let bar = it.isBarred ? "; you may not join again" : ""
            return
                "\(style.red("place ended")) by an operator, for concert \(it.concert): “\(sanitize(it.reason))”\(bar)"
        case .held(let it):
            let until = look.clock(it.reservation.expiresAt)
            return "\(style.yellow("held")) \(booked(it.reservation)) until \(until)"
        case .holdEnding(let it):
            let left = countdown(microseconds: it.reservation.remaining(at: at).count)
            return "\(style.yellow("hold ends")) in \(left): \(booked(it.reservation))"
        case .holdExpired(let it): return "\(style.red("hold expired")): \(booked(it.reservation))"
        case .released(let it): return "released \(booked(it.reservation))"
        case .pointsCharged(let it):
            return "\(style.green("charged")) \(grouped(it.amount)) points, balance \(grouped(it.balance))"
        case .receipt(let it):
            let balance = "balance \(grouped(it.balance))"
            return
                "\(style.green("paid")) \(grouped(it.payment.amount)) points for \(booked(it.reservation)), \(balance)"
        case .refundMade(let it):
            let balance = "balance \(grouped(it.balance))"
            return "\(style.yellow("refunded")) \(grouped(it.amount)) points for \(booked(it.reservation)), \(balance)"
        case .concertChanged(let it):
            return "\(style.yellow("date changed")): date \(it.performance) now starts \(look.time(it.startsAt))"
        }
    }

    private func booked(_ reservation: Reservation) -> String {
        "reservation \(reservation.reservation): \(listed(reservation.labels))"
    }
}
