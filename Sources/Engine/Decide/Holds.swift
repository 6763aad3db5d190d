import BoxOfficeProtocol

// A hold takes all of its seats or none, for one member and nobody else, until its deadline (docs/domain.md, Hold).

extension Engine {
    mutating func hold(
        _ request: Hold, by member: MemberID, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> ReservationState {
        let seats = request.seats.inOrder
        let row = ReservationRow(
            id: ReservationID(identifiers.reservation), member: member, performance: request.performance, seats: seats,
            prices: try pricesOfFree(seats, of: request.performance, for: member, at: now), status: .held, heldAt: now,
            expiresAt: now + .seconds(configuration.holdSeconds))
        emit(.reservation(row), into: &effects)
        effects.changedMaps.insert(row.performance)
        noteLook(of: member, at: performances[row.performance]!.row.concert, now: now)
        notifyHeld(row, at: now, into: &effects)
        return state(of: row, at: now)
    }

    /// What each of the seats costs, when the member may hold all of them. A function of its own, so that nobody else
    /// has the hall's arrays in hand when the hold changes them: they would be copied, thousands of seats for each hold.
    private func pricesOfFree(
        _ seats: [SeatIndex], of id: PerformanceID, for member: MemberID, at now: Instant
    ) throws(Refusal) -> [Points] {
        // Part by part: all of a date is a dozen arrays, each of which a copy would count.
        guard performances[id] != nil else { throw Refusal(.unknownPerformance) }
        let row = performances[id]!.row
        let refusal = HoldRule.refusal(
            of: seats, map: performances[id]!.map, on: row, activeUntil: activeUntil(of: member, in: row.concert),
            seatsOfMember: Int(members[member]!.seats[id] ?? 0), seatsPerMemberMax: configuration.seatsPerMemberMax,
            at: now)
        if let refusal { throw refusal }
        return seats.map { row.prices[Int(performances[id]!.categories[Int($0.rawValue)])]! }
    }

    mutating func release(
        _ request: Release, by member: MemberID, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> ReservationState {
        let row = try ownReservation(request.reservation, of: member)
        try requireHeld(row)
        let ended = end(row, as: .released, at: now, into: &effects)
        return state(of: ended, at: now)
    }

    /// The member's reservation. Somebody else's is as unknown as one that does not exist.
    func ownReservation(_ id: ReservationID, of member: MemberID) throws(Refusal) -> ReservationRow {
        guard let row = reservations[id], row.member == member else { throw Refusal(.unknownReservation) }
        return row
    }

    func requireHeld(_ row: ReservationRow) throws(Refusal) {
        switch row.status {
        case .held: return
        case .expired: throw Refusal(.holdExpired)
        default: throw Refusal(.notHeld, "The reservation is \(row.status.name).")
        }
    }

    /// Held reservations of the member for any date of the concert.
    func heldReservations(of member: MemberID, in concert: ConcertID) -> [ReservationRow] {
        (members[member]?.holds ?? []).map { reservations[$0]! }
            .filter { performances[$0.performance]!.row.concert == concert }
    }

    // MARK: Ends

    mutating func holdEnding(_ id: ReservationID, at now: Instant, into effects: inout Effects) {
        guard let row = reservations[id], row.status == .held, now < row.expiresAt else { return }
        // Before a restart it was told already.
        guard row.expiresAt + -.seconds(configuration.holdWarningSeconds) > doneThrough else { return }
        notify(
            row.member, .holdEnding(HoldEnding(at: now, reservation: reservation(row))), about: id.rawValue, at: now,
            into: &effects)
    }

    mutating func holdExpired(_ id: ReservationID, at now: Instant, into effects: inout Effects) {
        guard let row = reservations[id], row.status == .held, row.expiresAt <= now else { return }
        end(row, as: .expired, at: now, into: &effects)
    }

    /// Ends a hold without a payment: the seats are free, the member is told. An expired hold ended at its deadline,
    /// whenever the messenger came.
    @discardableResult
    mutating func end(
        _ row: ReservationRow, as status: ReservationStatus, at now: Instant, into effects: inout Effects
    ) -> ReservationRow {
        var ended = row
        ended.status = status
        ended.endedAt = status == .expired ? row.expiresAt : now
        emit(.reservation(ended), into: &effects)
        effects.changedMaps.insert(row.performance)
        let told = reservation(ended)
        let notice: Notice =
            status == .expired
            ? .holdExpired(HoldExpired(at: row.expiresAt, reservation: told))
            : .released(Released(at: now, reservation: told))
        notify(row.member, notice, about: row.id.rawValue, at: now, into: &effects)
        tokenAfterHold(
            of: row.member, in: performances[row.performance]!.row.concert, paid: false, at: now, into: &effects)
        return ended
    }

    // MARK: As told

    /// The reservation as it travels.
    func reservation(_ row: ReservationRow) -> Reservation {
        let performance = performances[row.performance]!.row
        let labels = plans[performance.plan]!.labels
        return Reservation(
            reservation: row.id, concert: performance.concert, performance: row.performance, status: row.status,
            seats: zip(row.seats, row.prices).map { seat, price in
                BookedSeat(seat: seat, label: labels[Int(seat.rawValue)], price: price)
            }, total: row.total, heldAt: row.heldAt, expiresAt: row.expiresAt, payment: row.payment,
            endedAt: row.endedAt)
    }

    func state(of row: ReservationRow, at now: Instant) -> ReservationState {
        ReservationState(
            reservation: reservation(row), now: now,
            remainingMilliseconds: row.status == .held ? (row.expiresAt - now).remainingMilliseconds : 0)
    }
}
