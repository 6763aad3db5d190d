// Reservations: held, paid, given back.

import BoxOfficeClient
import BoxOfficeTerminal

extension Reservation {
    var labels: [String] { seats.map(\.label) }

    /// - Parameter remainingSeconds: of the hold; 0 when it is over.
    func json(remainingSeconds: UInt64) -> JSON {
        [
            "reservation": JSON(reservation), "status": JSON(status.name), "seats": JSON(labels),
            "performance": JSON(performance), "concert": JSON(concert), "total": JSON(total),
            "prices": .list(seats.map { JSON($0.price) }), "heldAt": JSON(heldAt), "expiresAt": JSON(expiresAt),
            "remainingSeconds": JSON(remainingSeconds), "payment": JSON(payment) { JSON($0) },
            "endedAt": JSON(endedAt) { JSON($0) },
        ]
    }

    /// What remains of the hold at a moment.
    func remaining(at now: Instant) -> Microseconds { status == .held ? expiresAt - now : Microseconds(0) }

    func paintedStatus(_ look: Look) -> (@Sendable (String) -> String)? {
        switch status {
        case .held: look.style.yellow
        case .confirmed: look.style.green
        case .expired, .released, .refunded: look.style.dim
        case .unknown: nil
        }
    }
}

extension ReservationState: Shown {
    /// Rounded up; any number may have come.
    var remainingSeconds: UInt64 { remainingMilliseconds / 1000 + (remainingMilliseconds % 1000 > 0 ? 1 : 0) }

    var json: JSON { reservation.json(remainingSeconds: remainingSeconds) }

    func lines(_ look: Look) -> [String] {
        let seats = look.style.bold(listed(reservation.labels))
        let number = "Reservation \(reservation.reservation)"
        switch reservation.status {
        case .held:
            let left = countdown(seconds: Int(clamping: remainingSeconds))
            return [
                "\(number): \(seats) \(look.style.yellow("held")) for you, \(grouped(reservation.total)) points",
                "\(look.style.bold(left)) left to pay, until \(look.clock(reservation.expiresAt)):  "
                    + "boxoffice pay \(reservation.reservation)",
            ]
        case .released: return ["\(number) released: \(seats) can be had again."]
        default:
            let paint = reservation.paintedStatus(look) ?? { $0 }
            return ["\(number): \(seats) \(paint(reservation.status.name)), \(grouped(reservation.total)) points"]
        }
    }
}

extension Paid: Shown {
    var json: JSON {
        let own: JSON = [
            "payment": JSON(payment.payment), "reservation": JSON(payment.reservation),
            "status": JSON(reservation.status.name), "amount": JSON(payment.amount), "balance": JSON(balance),
            "entry": JSON(payment.entry), "at": JSON(payment.at),
        ]
        return own.with(reservation.json(remainingSeconds: 0))
    }

    func lines(_ look: Look) -> [String] {
        [
            "\(look.style.green("Paid")) \(grouped(payment.amount)) points: \(look.style.bold(listed(reservation.labels)))"
                + " \(reservation.seats.count == 1 ? "is" : "are") yours (reservation \(payment.reservation))",
            "Balance: \(grouped(balance)) points",
        ]
    }
}

extension Refunded: Shown {
    var json: JSON {
        let own: JSON = [
            "reservation": JSON(reservation.reservation), "status": JSON(reservation.status.name),
            "amount": JSON(amount), "entry": JSON(entry), "at": JSON(at),
        ]
        return own.with(reservation.json(remainingSeconds: 0))
    }

    func lines(_ look: Look) -> [String] {
        ["Refunded \(grouped(amount)) points for reservation \(reservation.reservation): \(listed(reservation.labels))"]
    }
}
