// Waiting rooms as their operators have them. Everybody else is refused with `notAllowed`.

extension BoxOffice {
    /// Tunes a waiting room, effective at once; what is nil stays. Each policy that becomes another one is recorded
    /// (``roomChanges(of:)``).
    ///
    /// - Parameters:
    ///   - concert: whose room.
    ///   - mode: whether it admits.
    ///   - capacity: how many may be inside at once.
    ///   - admissionsPerMinute: the pace, evenly over the minute; 0 for no limit.
    ///   - activeSeconds: how long a member is inside.
    ///   - idleSeconds: how long a member inside may neither look at the seats nor hold any; 0 for no limit.
    ///   - callWindowSeconds: how long a member who was called while away stays next.
    ///   - opensAt: when it opens, if that is later than the first sale; `.distantPast` opens it with the first sale.
    ///   - message: for those who wait; empty for none.
    @discardableResult
    public func setRoom(
        of concert: ConcertID, mode: RoomMode? = nil, capacity: UInt32? = nil, admissionsPerMinute: UInt32? = nil,
        activeSeconds: UInt32? = nil, idleSeconds: UInt32? = nil, callWindowSeconds: UInt32? = nil,
        opensAt: Instant? = nil, message: String? = nil
    ) async throws(BoxOfficeError) -> RoomSettings {
        try await perform(
            SetRoom(
                operation: newOperationKey(), concert: concert, mode: mode, capacity: capacity,
                activeSeconds: activeSeconds, callWindowSeconds: callWindowSeconds,
                admissionsPerMinute: admissionsPerMinute, idleSeconds: idleSeconds, opensAt: opensAt, message: message))
    }

    /// A waiting room's settings and figures.
    public func room(of concert: ConcertID) async throws(BoxOfficeError) -> RoomFigures {
        try await perform(GetRoom(concert: concert))
    }

    /// Ends a member's place, wherever it is in its life, and releases the live holds of this concert.
    ///
    /// - Parameters:
    ///   - name: the member's login name.
    ///   - concert: of which room.
    ///   - reason: is recorded, and told to the member.
    ///   - bar: whether the member may not join again; also for who has no place.
    @discardableResult
    public func removeMember(
        _ name: String, from concert: ConcertID, reason: String, bar: Bool = false
    ) async throws(BoxOfficeError) -> RoomChange {
        try await perform(
            RemoveMember(operation: newOperationKey(), concert: concert, name: name, reason: reason, bar: bar))
    }

    /// Lets a barred member join again.
    ///
    /// - Parameters:
    ///   - name: the member's login name.
    ///   - concert: which room.
    ///   - reason: is recorded.
    @discardableResult
    public func allowMember(
        _ name: String, into concert: ConcertID, reason: String
    ) async throws(BoxOfficeError) -> RoomChange {
        try await perform(AllowMember(operation: newOperationKey(), concert: concert, name: name, reason: reason))
    }

    /// What operators have changed about a waiting room, newest first.
    public func roomChanges(of concert: ConcertID) -> Paged<RoomChange> {
        Paged { last throws(BoxOfficeError) in
            let page = try await self.roomChangePage(of: concert, before: last?.change)
            return (page.changes, page.more)
        }
    }

    /// A page of a waiting room's changes: those before `before`, or the newest.
    public func roomChangePage(
        of concert: ConcertID, before: RoomChangeID? = nil, limit: Int = WireLimits.pageItemsMax
    ) async throws(BoxOfficeError) -> RoomChangePage {
        try await perform(
            GetRoomChanges(concert: concert, before: before ?? RoomChangeID(0), limit: UInt16(clamping: limit)))
    }
}
