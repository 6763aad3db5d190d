import BoxOfficeProtocol

/// What everybody may look at, as one value to publish.
public struct CatalogueState: Sendable {
    /// By number.
    public var concerts: [ConcertRow]
    /// By number.
    public var performances: [PerformanceRow]
    /// By number.
    public var plans: [PlanRow]
}

/// Who may look at the seat maps of a concert.
public struct RoomGate: Hashable, Sendable {
    /// Somebody waits: maps are for active tokens.
    public var isFull: Bool
    /// The members with an active token; empty when not full.
    public var active: Set<MemberID>
    /// How long an active token may be without a look or a hold; 0: no limit, and looks need not be told.
    public var idleSeconds: UInt32 = 0
}

// Reads of what was decided. They change nothing; the server publishes them after a commit.

extension Engine {
    /// The member's newest token of a room as it stands; nil when there never was one.
    public func place(of member: MemberID, in concert: ConcertID, at now: Instant) -> Place? {
        newestToken(of: member, in: concert).map { place($0, at: now) }
    }

    func place(_ token: TokenRow, at instant: Instant) -> Place {
        let now = max(instant, latest)
        let room = rooms[token.concert]!
        if token.status == .waiting { return LineNews(room, at: now).place(inLine(token)) }
        var place = Place(
            concert: token.concert, token: token.id, ticket: token.ticket, status: token.status, position: 0, ahead: 0,
            waiting: UInt32(room.line.count), reason: .moving, now: now)
        if room.order != nil { place.rank = room.rank(of: token.ticket) }
        if token.isLive, !room.row.message.isEmpty { place.message = room.row.message }
        switch token.status {
        case .called:
            place.calledUntil = token.calledUntil
            place.reason = room.stillReason(at: now)
        case .active:
            place.activeUntil = token.activeUntil
            if token.activeUntil! <= now {
                place.payUntil = heldReservations(of: token.member, in: token.concert).map(\.expiresAt).max()
            }
        default: break
        }
        return place
    }

    /// A performance's seats at their version; nil when there is no such performance. Seats of a category without a
    /// price show as blocked.
    public func seatMap(of id: PerformanceID) -> SeatMap? { performances[id]?.map }

    /// Free seats by category, those without a seat or a price left out; empty when there is no such performance.
    public func availability(of id: PerformanceID) -> [CategoryPrice] {
        guard let state = performances[id], let plan = plans[state.row.plan] else { return [] }
        return plan.row.hall.categories.indices.compactMap { category in
            guard state.seats[category] > 0, let price = state.row.prices[category] else { return nil }
            return CategoryPrice(
                category: plan.row.hall.categories[category], price: price, seats: state.seats[category],
                available: state.available[category])
        }
    }

    /// Concerts, dates and plans by number.
    public func catalogue() -> CatalogueState {
        CatalogueState(
            concerts: Array(concerts.values), performances: performances.values.map(\.row),
            plans: plans.values.map(\.row))
    }

    /// Labels of a plan's seats by index: zone, row and number joined with a hyphen.
    public func labels(of plan: PlanID) -> [String] { plans[plan]?.labels ?? [] }

    /// A reservation row as it travels.
    public func told(_ row: ReservationRow) -> Reservation { reservation(row) }

    /// Who may look at the seat maps of a concert.
    public func gate(of concert: ConcertID) -> RoomGate {
        guard let room = rooms[concert] else { return RoomGate(isFull: false, active: []) }
        return RoomGate(
            isFull: room.isFull, active: room.isFull ? Set(room.active.map { tokens[$0]!.member }) : [],
            idleSeconds: room.row.idleSeconds)
    }

    /// A room's settings and figures; nil when there is no such concert.
    public func roomFigures(of concert: ConcertID, at now: Instant) -> RoomFigures? {
        guard let room = rooms[concert], let row = concerts[concert] else { return nil }
        let dates = (performancesOfConcert[concert] ?? []).map { performances[$0]! }
        return RoomFigures(
            settings: room.row.told, title: row.title, waiting: UInt32(room.line.count),
            called: UInt32(room.called.count), active: UInt32(room.active.count), admitted: room.counts.admitted,
            admittedLastMinute: room.counts.admittedLastMinute(at: now), completed: room.counts.completed,
            expired: room.counts.expired, left: room.counts.left, abandoned: room.counts.abandoned,
            removed: room.counts.removed, seatsAvailable: dates.reduce(0) { $0 + $1.availableCount },
            seatsHeld: dates.reduce(0) { $0 + $1.held }, seatsSold: dates.reduce(0) { $0 + $1.sold }, now: now,
            waitedSecondsMedian: room.counts.waitedSeconds(share: 0.5),
            waitedSeconds95: room.counts.waitedSeconds(share: 0.95))
    }

    /// What is public about the draw of a room's order; nil when there is no such concert.
    public func draw(of concert: ConcertID, at now: Instant) -> Draw? {
        guard let room = rooms[concert] else { return nil }
        let isDrawn = room.order != nil
        return Draw(
            concert: concert, commitment: room.row.seed.commitment,
            tickets: isDrawn ? room.row.tickets : room.nextTicket, now: now, opensAt: room.opensAt,
            seed: isDrawn ? room.row.seed : nil, drawnAt: room.row.drawnAt)
    }
}

extension RoomState {
    func stillReason(at now: Instant) -> StillReason {
        if !isOpen(at: now) { return .notOpen }
        if row.mode == .paused { return .paused }
        if row.mode == .draining { return .draining }
        return active.count >= Int(row.capacity) ? .full : .moving
    }
}

extension Engine {
    /// The number that the next reservation will have; every one before it was given.
    public var reservationNumbers: UInt64 { identifiers.reservation }
}
