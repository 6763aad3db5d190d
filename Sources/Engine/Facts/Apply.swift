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
        case .roomChange(let row): apply(row)
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
            sessionByDigest[row.tokenDigest.shortened] = row.id
            members[row.member]!.sessions.append(row.id)
            deadlines.set(.sessionEnd(row.id), at: end(of: row))
        } else {
            sessions[row.id]!.row = row
        }
        rowSeen(at: row.usedAt)
    }

    private mutating func applySessionEnded(_ id: SessionID) {
        guard let state = sessions.removeValue(forKey: id) else { return }
        sessionByDigest[state.row.tokenDigest.shortened] = nil
        deadlines.cancel(.sessionEnd(id))
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
        switch performances[row.id]?.row.plan {
        case row.plan: performances[row.id]!.change(to: row)
        case nil:
            performances[row.id] = emptyPerformance(row, version: UInt64(max(0, latest.rawValue)))
            performanceByKey[PerformanceKey(concert: row.concert, key: row.key)] = row.id
            performancesOfConcert[row.concert, default: []].append(row.id)
        default: performances[row.id] = emptyPerformance(row, version: performances[row.id]!.version + 1)
        }
        updateOpening(of: row.concert)
    }

    private func emptyPerformance(_ row: PerformanceRow, version: UInt64) -> PerformanceState {
        let plan = plans[row.plan]!
        return PerformanceState(
            row, categories: plan.categories, categoryCount: plan.row.hall.categories.count, version: version)
    }

    private mutating func apply(_ row: RoomRow) {
        if rooms[row.concert] == nil {
            rooms[row.concert] = RoomState(row: row)
        } else {
            rooms[row.concert]!.change(to: row)
        }
        updateOpening(of: row.concert)
        rooms[row.concert]!.isOverfullByOperator = rooms[row.concert]!.active.count > Int(row.capacity)
    }

    private mutating func apply(_ row: RoomChangeRow) {
        identifiers.roomChange = max(identifiers.roomChange, row.id.rawValue + 1)
        guard let member = row.member else { return }
        switch row.subject {
        case .barred: rooms[row.concert]!.barred.insert(member)
        case .allowed: rooms[row.concert]!.barred.remove(member)
        default: break
        }
    }

    /// The room opens with the earliest sale of its concert, or later by policy, and ends with the last.
    private mutating func updateOpening(of concert: ConcertID) {
        guard let room = rooms[concert]?.row else { return }
        let dates = (performancesOfConcert[concert] ?? []).map { performances[$0]!.row }
        let opensAt = dates.map(\.saleOpensAt).min().map { max($0, room.opensAt ?? .distantPast) }
        let closesAt = dates.map(\.saleClosesAt).max()
        rooms[concert]!.opensAt = opensAt
        rooms[concert]!.closesAt = closesAt
        if let opensAt, opensAt > latest {
            deadlines.set(.roomOpening(concert), at: opensAt)
        } else {
            deadlines.cancel(.roomOpening(concert))
        }
        if let closesAt {
            // One that is over already is carried out by who made it so, and may still go on.
            if closesAt > latest { deadlines.set(.saleClosing(concert), at: closesAt) }
        } else {
            deadlines.cancel(.saleClosing(concert))
        }
    }

    private mutating func apply(_ row: TokenRow) {
        identifiers.token = max(identifiers.token, row.id.rawValue + 1)
        let old = tokens[row.id]
        tokens[row.id] = row
        if let old { leaveStatus(old) }
        rooms[row.concert]!.tokenChanged(from: old, to: row)
        enterStatus(row)
        // A new token of the room takes the place of the ended one before it.
        if old == nil, let ended = members[row.member]!.tokens.updateValue(row.id, forKey: row.concert) {
            tokens[ended] = nil
        }
    }

    private mutating func leaveStatus(_ row: TokenRow) {
        switch row.status {
        case .called:
            members[row.member]!.called.remove(row.id)
            deadlines.cancel(.callExpiry(row.id))
        case .active:
            deadlines.cancel(.activeEnding(row.id))
            deadlines.cancel(.activeExpiry(row.id))
            deadlines.cancel(.idleExpiry(row.id))
            deadlines.cancel(.lifeSign(row.id))
        default: break
        }
    }

    private mutating func enterStatus(_ row: TokenRow) {
        switch row.status {
        case .called:
            members[row.member]!.called.insert(row.id)
            deadlines.set(.callExpiry(row.id), at: row.calledUntil!)
        case .active:
            let warningAt = row.activeUntil! + -.seconds(configuration.activeWarningSeconds)
            if warningAt > max(row.admittedAt!, latest) { deadlines.set(.activeEnding(row.id), at: warningAt) }
            deadlines.set(.activeExpiry(row.id), at: row.activeUntil!)
        default: break
        }
    }

    private mutating func apply(_ row: ReservationRow) {
        identifiers.reservation = max(identifiers.reservation, row.id.rawValue + 1)
        let old = reservations.updateValue(row, forKey: row.id)
        let wasLive = old?.isLive ?? false
        performances[row.performance]!.wasReserved = true
        switch row.status {
        case .held: performances[row.performance]!.setSeats(of: row, to: .held, owner: row.id)
        case .confirmed: performances[row.performance]!.setSeats(of: row, to: .sold, owner: row.id)
        default:
            if wasLive { performances[row.performance]!.setSeats(of: row, to: .available, owner: ReservationID(0)) }
        }
        if row.isLive != wasLive {
            members[row.member]!.countSeats(
                of: row.performance, by: row.isLive ? row.seats.count : -row.seats.count)
        }
        if row.status == .held, old == nil {
            members[row.member]!.holds.append(row.id)
            let warningAt = row.expiresAt + -.seconds(configuration.holdWarningSeconds)
            if warningAt > max(row.heldAt, latest) { deadlines.set(.holdEnding(row.id), at: warningAt) }
            deadlines.set(.holdExpiry(row.id), at: row.expiresAt)
        } else if row.status != .held, old?.status == .held {
            members[row.member]!.holds.removeAll { $0 == row.id }
            deadlines.cancel(.holdEnding(row.id))
            deadlines.cancel(.holdExpiry(row.id))
        }
    }

    private mutating func apply(_ row: PaymentRow) {
        identifiers.payment = max(identifiers.payment, row.id.rawValue + 1)
        payments[row.id] = row
    }

    private mutating func apply(_ row: NoticeRow) {
        identifiers.notice = max(identifiers.notice, row.id + 1)
        members[row.member]!.notices.append(row)
        if noticeHours.last.map({ row.at - $0.at >= .seconds(3600) }) ?? true { noticeHours.append((row.id, row.at)) }
        rowSeen(at: row.at)
    }

    private mutating func applyNoticesPruned(of member: MemberID, through: UInt64) {
        while members[member]!.notices.firstKept <= through, members[member]!.notices.rows.count > 1 {
            members[member]!.notices.rows.removeFirst()
            members[member]!.notices.firstKept += 1
        }
    }

    private mutating func apply(_ row: OperationRow) {
        identifiers.operation = max(identifiers.operation, row.id + 1)
        operations.append(row)
        if case .member(let member) = row.owner, let stampedAt = row.key.stampedAt {
            members[member]?.used(keyStampedAt: stampedAt)
        }
        rowSeen(at: row.at)
    }

    private mutating func applyOperationsPruned(floor: Instant, throughRow: UInt64) {
        operationFloor = max(operationFloor, floor)
        operationsPrunedThrough = max(operationsPrunedThrough, throughRow)
        identifiers.operation = max(identifiers.operation, throughRow + 1)
        operations.forget(through: throughRow)
    }

    private mutating func rowSeen(at: Instant) {
        if startedAt == .distantPast { doneThrough = max(doneThrough, at) }
    }

    /// Ends a load: memory is whole and says what the rows say. Everybody counts as present for a while, and what came due
    /// meanwhile is due at once: the next `wake` carries it out.
    public mutating func loaded(at now: Instant) {
        latest = max(latest, now, doneThrough)
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
            let isFresh = token.admittedAt! + .seconds(configuration.presenceSeconds) > latest
            if isFresh { deadlines.set(.lifeSign(token.id), at: allPresentUntil) }
            watchIdleness(of: token, from: latest)
        }
        for token in tokens.values {
            if let admittedAt = token.admittedAt { rooms[token.concert]!.wasPaced(at: admittedAt) }
            // Called before the stop, with time left then: back like everybody else, until the time to show it is over.
            if token.status == .called, token.calledUntil! > doneThrough { rooms[token.concert]!.isBackAgain(token) }
        }
        deadlines.set(.housekeeping, at: latest)
        for concert in rooms.keys { deadlines.set(.admission(concert), at: latest) }
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
