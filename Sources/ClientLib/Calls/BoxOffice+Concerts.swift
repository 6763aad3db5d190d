// What there is to see, where one sits, and which seats are free. Open to guests, except for the seats of a concert
// whose room is full.

extension BoxOffice {
    /// All concerts, by rising number.
    public func concerts() async throws(BoxOfficeError) -> [Concert] {
        try await Paged { last throws(BoxOfficeError) in
            let after = last?.concert ?? ConcertID(0)
            let page = try await self.perform(GetConcerts(after: after, limit: UInt16(WireLimits.pageItemsMax)))
            return (page.concerts, page.more)
        }.all()
    }

    /// The dates of a concert by their start, with prices and free seats by category.
    public func performances(of concert: ConcertID) async throws(BoxOfficeError) -> [Performance] {
        try await perform(GetPerformances(concert: concert)).performances
    }

    /// One date.
    public func performance(_ performance: PerformanceID) async throws(BoxOfficeError) -> Performance {
        try await perform(GetPerformance(performance: performance))
    }

    /// The hall of a date: its seats with names, positions and categories. It never changes under its digest, and is
    /// fetched once.
    public func hall(of performance: Performance) async throws(BoxOfficeError) -> HallMap {
        if let hall = driver.process({ guarded, _ in guarded.halls[performance.hallDigest] }) { return hall }
        var hall = HallMap(digest: performance.hallDigest, name: performance.hall)
        var more = true
        while more {
            let page = try await perform(
                GetHall(performance: performance.performance, fromRow: UInt32(clamping: hall.rowCount)))
            guard hall.append(page) else {
                throw .protocolError("a page of a hall that does not follow the one before")
            }
            more = page.more
        }
        hall.finish()
        driver.process { [hall] guarded, _ in guarded.halls.keep(hall) }
        return hall
    }

    /// Turns names of seats into indices, in the order of the names: a label (zone, row and number joined with `-`),
    /// a `seat_guid`, or row and number where these alone are unique.
    ///
    /// Refused with `unknownSeat`; `labels` of the error says which names are not known or not clear.
    public func findSeats(
        _ names: [String], at performance: PerformanceID
    ) async throws(BoxOfficeError) -> [SeatIndex] {
        var found: [SeatIndex] = []
        var rest = names[...]
        repeat {
            let part = rest.prefix(ofNamesIn: findBytesMax)
            rest = rest.dropFirst(part.count)
            let answer = try await perform(FindSeats(performance: performance, labels: Array(part)))
            guard answer.seats.count == part.count else { throw .protocolError("fewer seats than names") }
            found += answer.seats
        } while !rest.isEmpty
        return found
    }

    /// What a guest may send is short.
    private var findBytesMax: Int {
        let isGuest = account == nil && !configuration.address.isLocal
        return (isGuest ? WireLimits.frameBytesMaxBeforeLogin : WireLimits.frameBytesMax) - 32
    }

    /// The status of every seat now.
    ///
    /// While somebody waits in the concert's room it takes an active token: refused with `loginRequired` or
    /// `queueRequired`.
    public func seatMap(of performance: PerformanceID) async throws(BoxOfficeError) -> SeatMapState {
        guard let map = SeatMapState(try await perform(GetSeatMap(performance: performance))) else {
            throw .protocolError("a seat map whose length does not fit its seats")
        }
        return map
    }

    /// The status of every seat now and from now on. Only the newest state is kept for whoever is slow.
    ///
    /// It goes on after a lost connection. It fails with `loginRequired` or `queueRequired` when the concert's room
    /// fills while one has no active token.
    public func seatMapChanges(of performance: PerformanceID) -> SeatMapChanges {
        SeatMapChanges(driver: driver, performance: performance)
    }
}

extension ArraySlice<String> {
    /// As many from the front as fit into one request, at least one.
    fileprivate func prefix(ofNamesIn bytesMax: Int) -> ArraySlice<String> {
        var bytes = 0
        let count = prefix(WireLimits.labelsMax).prefix { name in
            bytes += name.utf8.count + 5
            return bytes <= bytesMax
        }.count
        return prefix(Swift.max(1, count))
    }
}
