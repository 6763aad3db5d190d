import BoxOfficeProtocol

// The numbers that always hold (docs/domain.md). Tests check them after every step, a start after its load.

extension Engine {
    /// The first invariant that does not hold, and where; nil when all do.
    public func brokenInvariant() -> String? {
        seatsBroken() ?? ledgerBroken() ?? paymentsBroken() ?? roomsBroken() ?? noticesBroken()
    }

    /// Every seat has one owner, so a live reservation that does not own its seats shares one with another.
    private func seatsBroken() -> String? {
        var live: [PerformanceID: Int] = [:]
        for row in reservations.values where row.isLive {
            let owners = performances[row.performance]!.owners
            for seat in row.seats where owners[Int(seat.rawValue)] != row.id {
                let owner = owners[Int(seat.rawValue)]
                return "I1: seat \(seat) of performance \(row.performance) is of reservations \(owner) and \(row.id)"
            }
            live[row.performance, default: 0] += row.seats.count
            // What is still to be carried out, as after a load, may be late.
            if row.status == .held, row.expiresAt <= latest, deadlines.next.map({ $0 > latest }) ?? true {
                return "I7: reservation \(row.id) is held past its deadline"
            }
        }
        for (id, state) in performances {
            let owned = state.owners.reduce(0) { $0 + ($1 == ReservationID(0) ? 0 : 1) }
            if owned != live[id] ?? 0 { return "I1: performance \(id) has \(owned) seats with an owner" }
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

    /// Each paid reservation names a payment that names it, and there are no others.
    private func paymentsBroken() -> String? {
        var paid = 0
        for row in reservations.values {
            let wasPaid = row.status == .confirmed || row.status == .refunded
            guard wasPaid || row.payment != nil else { continue }
            paid += 1
            guard wasPaid, let payment = row.payment.flatMap({ payments[$0] }), payment.reservation == row.id,
                payment.amount == row.total
            else {
                return "I4: reservation \(row.id), \(row.status.name), has no payment that fits"
            }
        }
        return paid == payments.count ? nil : "I4: \(payments.count) payments for \(paid) paid reservations"
    }

    private func roomsBroken() -> String? {
        var counts: [ConcertID: [TokenStatus: Int]] = [:]
        for token in tokens.values where token.isLive {
            counts[token.concert, default: [:]][token.status, default: 0] += 1
        }
        for (concert, room) in rooms {
            if room.active.count > Int(room.row.capacity), !room.isOverfullByOperator {
                return "I5: room \(concert) has \(room.active.count) active tokens of \(room.row.capacity)"
            }
            let inside = counts[concert] ?? [:]
            if inside[.waiting] ?? 0 != room.line.count || inside[.active] ?? 0 != room.active.count
                || inside[.called] ?? 0 != room.called.count
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
