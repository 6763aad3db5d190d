import BoxOfficeProtocol
import DequeModule

// How facts change memory: the same at run time and at a load. Deadlines follow from rows, so they are made here too.

extension Engine {
    /// Makes a fact true in memory.
    public mutating func apply(_ fact: Fact) {
        switch fact {
        case .member(let row): apply(row)
        case .session(let row): apply(row)
        case .sessionEnded(let id): applySessionEnded(id)
        case .ledger(let row): apply(row)
        case .plan(let row): apply(row)
        case .concert(let row): apply(row)
        case .performance(let row): apply(row)
        case .room(let row): apply(row)
        case .token(let row): apply(row)
        case .reservation(let row): apply(row)
        case .payment(let row): apply(row)
        case .notice(let row): apply(row)
        case .noticesPruned(let member, let through, _): applyNoticesPruned(of: member, through: through)
        case .operation(let row): apply(row)
        case .operationsPruned(let floor, let throughRow): applyOperationsPruned(floor: floor, throughRow: throughRow)
        }
    }

    private mutating func apply(_ row: MemberRow) {
        identifiers.member = max(identifiers.member, row.id.rawValue + 1)
        memberByNameKey[row.nameKey] = row.id
        if members[row.id] == nil {
            members[row.id] = MemberState(row: row)
        } else {
            members[row.id]!.row = row
        }
    }

    private mutating func apply(_ row: SessionRow) {
        identifiers.session = max(identifiers.session, row.id.rawValue + 1)
        if sessions[row.id] == nil {
            sessions[row.id] = SessionState(row: row)
            sessionByDigest[row.tokenDigest] = row.id
            members[row.member]!.sessions.append(row.id)
            deadlines.add(.sessionEnd(row.id), at: end(of: row))
        } else {
            sessions[row.id]!.row = row
        }
    }

    private mutating func applySessionEnded(_ id: SessionID) {
        guard let state = sessions.removeValue(forKey: id) else { return }
        sessionByDigest[state.row.tokenDigest] = nil
        members[state.row.member]!.sessions.removeAll { $0 == id }
        members[state.row.member]!.connections -= state.connections
    }

    private mutating func apply(_ row: LedgerRow) {
        identifiers.ledger = max(identifiers.ledger, row.id.rawValue + 1)
        accounts[row.debit, default: Points(0)].rawValue -= row.amount.rawValue
        accounts[row.credit, default: Points(0)].rawValue += row.amount.rawValue
    }

    private mutating func apply(_ row: PlanRow) {
        identifiers.plan = max(identifiers.plan, row.id.rawValue + 1)
        plans[row.id] = PlanState(row: row)
        planByName[row.hall.name] = row.id
    }

    private mutating func apply(_ row: ConcertRow) {
        identifiers.concert = max(identifiers.concert, row.id.rawValue + 1)
        concerts[row.id] = row
        concertByKey[row.key] = row.id
    }

    private mutating func apply(_ row: PerformanceRow) {
        identifiers.performance = max(identifiers.performance, row.id.rawValue + 1)
        if let known = performances[row.id], known.row.plan == row.plan {
            // Only what an operator may change: the seats stay with who has them.
            var state = known
            state.row = row
            for seat in known.row.blocked { state.setStatus(.available, of: seat, owner: ReservationID(0)) }
            for seat in row.blocked { state.setStatus(.blocked, of: seat, owner: ReservationID(0)) }
            state.version += 1
            performances[row.id] = state
        } else {
            let isNew = performances[row.id] == nil
            let version = performances[row.id].map { $0.version + 1 } ?? UInt64(max(0, latest.rawValue))
            performances[row.id] = emptyPerformance(row, version: version)
            if isNew { performancesOfConcert[row.concert, default: []].append(row.id) }
        }
        updateOpening(of: row.concert)
    }

    private func emptyPerformance(_ row: PerformanceRow, version: UInt64) -> PerformanceState {
        let plan = plans[row.plan]!
        var seats = [UInt32](repeating: 0, count: plan.row.hall.categories.count)
        for category in plan.categories { seats[Int(category)] += 1 }
        var state = PerformanceState(
            row: row, statuses: Array(repeating: .available, count: plan.categories.count),
            owners: Array(repeating: ReservationID(0), count: plan.categories.count), categories: plan.categories,
            seats: seats, available: seats, version: version)
        for seat in row.blocked { state.setStatus(.blocked, of: seat, owner: ReservationID(0)) }
        return state
    }

    private mutating func apply(_ row: RoomRow) {
        if rooms[row.concert] == nil {
            rooms[row.concert] = RoomState(row: row)
            updateOpening(of: row.concert)
        } else {
            rooms[row.concert]!.row = row
        }
        rooms[row.concert]!.isOverfullByOperator = rooms[row.concert]!.active.count > Int(row.capacity)
    }

    /// The room opens with the earliest sale of its concert.
    private mutating func updateOpening(of concert: ConcertID) {
        guard rooms[concert] != nil else { return }
        let dates = (performancesOfConcert[concert] ?? []).map { performances[$0]!.row }
        let opensAt = dates.map(\.saleOpensAt).min()
        rooms[concert]!.opensAt = opensAt
        rooms[concert]!.closesAt = dates.map(\.saleClosesAt).max()
        if let opensAt, opensAt > latest { deadlines.add(.saleOpening(concert), at: opensAt) }
    }

    private mutating func apply(_ row: TokenRow) {
        identifiers.token = max(identifiers.token, row.id.rawValue + 1)
        let old = tokens[row.id]
        if let old { leaveStatus(old) }
        tokens[row.id] = row
        rooms[row.concert]!.nextRank = max(rooms[row.concert]!.nextRank, row.rank + 1)
        enterStatus(row, old: old)
        if old == nil {
            // A new token of the room takes the place of the ended one before it.
            members[row.member]!.tokens.removeAll { other in
                guard tokens[other]!.concert == row.concert else { return false }
                tokens[other] = nil
                return true
            }
            members[row.member]!.tokens.append(row.id)
        }
    }

    private mutating func leaveStatus(_ row: TokenRow) {
        switch row.status {
        case .waiting: rooms[row.concert]!.line.remove(rank: row.rank)
        case .called:
            rooms[row.concert]!.called.remove(row.id)
            rooms[row.concert]!.returned.remove(rank: row.rank)
        case .active: rooms[row.concert]!.active.remove(row.id)
        default: break
        }
    }

    private mutating func enterStatus(_ row: TokenRow, old: TokenRow?) {
        switch row.status {
        case .waiting: rooms[row.concert]!.line.insert(row.id, rank: row.rank)
        case .called:
            rooms[row.concert]!.called.insert(row.id)
            deadlines.add(.callExpiry(row.id), at: row.calledUntil!)
        case .active:
            rooms[row.concert]!.active.insert(row.id)
            let warningAt = row.activeUntil! + -.seconds(configuration.activeWarningSeconds)
            if warningAt > max(row.admittedAt!, latest) { deadlines.add(.activeEnding(row.id), at: warningAt) }
            deadlines.add(.activeExpiry(row.id), at: row.activeUntil!)
        case .completed: rooms[row.concert]!.completedCount += 1
        case .expired: rooms[row.concert]!.expiredCount += 1
        default: break
        }
        if row.status != .active, rooms[row.concert]!.active.count <= Int(rooms[row.concert]!.row.capacity) {
            rooms[row.concert]!.isOverfullByOperator = false
        }
    }

    private mutating func apply(_ row: ReservationRow) {
        identifiers.reservation = max(identifiers.reservation, row.id.rawValue + 1)
        let old = reservations[row.id]
        let wasLive = old?.isLive ?? false
        reservations[row.id] = row
        switch row.status {
        case .held: setSeats(of: row, to: .held, owner: row.id)
        case .confirmed: setSeats(of: row, to: .sold, owner: row.id)
        default: if wasLive { setSeats(of: row, to: .available, owner: ReservationID(0)) }
        }
        if row.isLive, !wasLive {
            members[row.member]!.liveReservations.append(row.id)
        } else if wasLive, !row.isLive {
            members[row.member]!.liveReservations.removeAll { $0 == row.id }
        }
        if row.status == .held, old == nil {
            let warningAt = row.expiresAt + -.seconds(configuration.holdWarningSeconds)
            if warningAt > max(row.heldAt, latest) { deadlines.add(.holdEnding(row.id), at: warningAt) }
            deadlines.add(.holdExpiry(row.id), at: row.expiresAt)
        }
    }

    private mutating func setSeats(of row: ReservationRow, to status: SeatStatus, owner: ReservationID) {
        for seat in row.seats {
            let before = performances[row.performance]!.owners[Int(seat.rawValue)]
            precondition(before == ReservationID(0) || before == row.id, "I1: seat \(seat) has two live reservations")
            performances[row.performance]!.setStatus(status, of: seat, owner: owner)
        }
        performances[row.performance]!.version += 1
    }

    private mutating func apply(_ row: PaymentRow) {
        identifiers.payment = max(identifiers.payment, row.id.rawValue + 1)
        payments[row.id] = row
    }

    private mutating func apply(_ row: NoticeRow) {
        identifiers.notice = max(identifiers.notice, row.id + 1)
        if members[row.member]!.notices.rows.isEmpty { members[row.member]!.notices.firstKept = row.sequence }
        precondition(row.sequence == members[row.member]!.notices.newest + 1, "I6: notices of \(row.member) have a gap")
        members[row.member]!.notices.rows.append(row.id)
        if noticeHours.last.map({ row.at - $0.at >= .seconds(3600) }) ?? true { noticeHours.append((row.id, row.at)) }
    }

    private mutating func applyNoticesPruned(of member: MemberID, through: UInt64) {
        while members[member]!.notices.firstKept <= through, members[member]!.notices.rows.count > 1 {
            members[member]!.notices.rows.removeFirst()
            members[member]!.notices.firstKept += 1
        }
    }

    private mutating func apply(_ row: OperationRow) {
        identifiers.operation = max(identifiers.operation, row.id + 1)
        let id = OperationID(owner: row.owner, key: row.key)
        operations[id] = row
        operationOrder.append(id)
    }

    private mutating func applyOperationsPruned(floor: Instant, throughRow: UInt64) {
        operationFloor = max(operationFloor, floor)
        while let first = operationOrder.first, let row = operations[first], row.id <= throughRow {
            operations[first] = nil
            operationOrder.removeFirst()
        }
    }

    /// Ends a load: memory is whole, everybody counts as present for a while, and what came due meanwhile is done.
    public mutating func loaded(at now: Instant, into effects: inout Effects) {
        latest = max(latest, now)
        startedAt = latest
        allPresentUntil = latest + .seconds(configuration.presenceSeconds)
        // Versions of seat maps go on rising across a start, whatever was sent before it.
        for id in performances.keys { performances[id]!.version = UInt64(max(0, latest.rawValue)) }
        for concert in rooms.keys {
            updateOpening(of: concert)
            rooms[concert]!.isOverfullByOperator = rooms[concert]!.active.count > Int(rooms[concert]!.row.capacity)
        }
        // Admissions so fresh that they may not have met a sign of life before the stop.
        for token in tokens.values where token.status == .active {
            let recent = token.admittedAt! + .seconds(configuration.presenceSeconds) > latest
            if recent { deadlines.add(.lifeSign(token.id), at: allPresentUntil) }
        }
        checkInvariants()
        deadlines.add(.housekeeping, at: latest)
        wake(at: latest, into: &effects)
        for concert in rooms.keys.sorted() { admit(in: concert, at: latest, into: &effects) }
    }
}

extension ReservationRow {
    /// It has its seats: held or paid.
    public var isLive: Bool { status == .held || status == .confirmed }
}

extension TokenRow {
    /// Waiting, called or active.
    public var isLive: Bool { status == .waiting || status == .called || status == .active }
}
