import BoxOfficeProtocol

// The numbers that always hold (docs/domain.md). Tests check them after every step, a start after its load.

extension Engine {
    /// Traps with the invariant's number when one is broken: a broken promise in our own state is a defect, and the
    /// supervisor starts anew from disk.
    public func checkInvariants() {
        if let broken = brokenInvariant() { preconditionFailure(broken) }
    }

    /// The first invariant that does not hold, and where; nil when all do.
    public func brokenInvariant() -> String? {
        seatsBroken() ?? ledgerBroken() ?? paymentsBroken() ?? roomsBroken() ?? noticesBroken()
    }

    private func seatsBroken() -> String? {
        var owners: [PerformanceID: [SeatIndex: ReservationID]] = [:]
        for row in reservations.values where row.isLive {
            for seat in row.seats {
                if let other = owners[row.performance, default: [:]].updateValue(row.id, forKey: seat) {
                    return
                        "I1: seat \(seat) of performance \(row.performance) is in reservations \(other) and \(row.id)"
                }
                if performances[row.performance]!.owners[Int(seat.rawValue)] != row.id {
                    return "I1: seat \(seat) of performance \(row.performance) does not know reservation \(row.id)"
                }
            }
            if row.status == .held, row.expiresAt <= latest {
                return "I7: reservation \(row.id) is held past its deadline"
            }
        }
        for (id, state) in performances {
            let owned = state.owners.reduce(0) { $0 + ($1 == ReservationID(0) ? 0 : 1) }
            if owned != owners[id]?.count ?? 0 { return "I1: performance \(id) has \(owned) seats with an owner" }
            if Int(state.held + state.sold) != owned { return "I1: performance \(id) counts its seats wrongly" }
            let free = state.statuses.reduce(0) { $0 + ($1 == .available ? 1 : 0) }
            if free != state.availableCount { return "I1: performance \(id) counts its free seats wrongly" }
        }
        return nil
    }

    private func ledgerBroken() -> String? {
        var sum: Int64 = 0
        for (account, points) in accounts {
            sum &+= points.rawValue
            if case .member = account, points < Points(0) { return "I3: the balance of \(account) is \(points)" }
        }
        return sum == 0 ? nil : "I2: the ledger sums to \(sum)"
    }

    private func paymentsBroken() -> String? {
        var paid: [ReservationID: PaymentRow] = [:]
        for payment in payments.values where paid.updateValue(payment, forKey: payment.reservation) != nil {
            return "I4: reservation \(payment.reservation) has two payments"
        }
        for row in reservations.values {
            let wasPaid = row.status == .confirmed || row.status == .refunded
            guard let payment = paid[row.id] else {
                if wasPaid { return "I4: reservation \(row.id) is \(row.status.name) without a payment" }
                continue
            }
            if !wasPaid || payment.amount != row.total || payment.id != row.payment {
                return "I4: payment \(payment.id) does not fit reservation \(row.id)"
            }
        }
        return nil
    }

    private func roomsBroken() -> String? {
        for (concert, room) in rooms {
            if room.active.count > Int(room.row.capacity), !room.isOverfullByOperator {
                return "I5: room \(concert) has \(room.active.count) active tokens of \(room.row.capacity)"
            }
            let inside = tokens.values.filter { $0.concert == concert }
            if inside.filter({ $0.status == .waiting }).count != room.line.count
                || inside.filter({ $0.status == .active }).count != room.active.count
                || inside.filter({ $0.status == .called }).count != room.called.count
            {
                return "I5: room \(concert) counts its tokens wrongly"
            }
        }
        return nil
    }

    private func noticesBroken() -> String? {
        for (member, state) in members where state.notices.firstKept == 0 {
            return "I6: notices of member \(member) are numbered from 0"
        }
        return nil
    }
}
