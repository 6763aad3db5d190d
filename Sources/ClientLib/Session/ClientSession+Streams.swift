// The sides of the streams that their iterators see. Each `next…` is a look that never blocks: `.nothing` means to
// sleep until there is news.

enum Look<Element: Sendable>: Sendable {
    case element(Element)
    case nothing
    case finished
    case failed(BoxOfficeError)
}

extension ClientSession {
    // MARK: States

    func nextState(after seen: UInt64) -> Look<(state: ConnectionState, version: UInt64)> {
        if stateVersion > seen, let state { return .element((state, stateVersion)) }
        return isClosed ? .finished : .nothing
    }

    // MARK: Notices

    mutating func noticesWanted(by id: SubscriberID, at now: Moment) {
        notices.subscribe(id)
        takeUp(at: now)
    }

    mutating func noticesUnwanted(by id: SubscriberID, at now: Moment) {
        acknowledge(notices.unsubscribe(id), at: now)
        guard !notices.isWanted, notices.phase != .idle else { return }
        notices.phase = .idle
        if ready != nil {
            ask(UnsubscribeNotices(), for: .nobody, at: now)
            sendQueued(at: now)
        }
    }

    mutating func nextNotice(for id: SubscriberID, at now: Moment) -> Look<ReceivedNotice> {
        let (notice, cursor) = notices.next(for: id)
        acknowledge(cursor, at: now)
        if let notice { return .element(notice) }
        return isClosed ? .finished : .nothing
    }

    mutating func noticesConsumed(through sequence: UInt64, at now: Moment) {
        acknowledge(notices.consume(through: sequence), at: now)
    }

    private mutating func acknowledge(_ cursor: UInt64?, at now: Moment) {
        if let cursor, let connection { send(Frame.bare(.ack, id: cursor), on: connection, at: now) }
    }

    // MARK: Places

    func nextPlace(in concert: ConcertID, after seen: UInt64) -> Look<(place: Place, version: UInt64)> {
        guard let room = places.rooms[concert] else { return .finished }
        if !room.isOver, let news = room.news(after: seen) { return .element(news) }
        return room.isOver || isClosed ? .finished : .nothing
    }

    // MARK: Seat maps

    mutating func seatsWatched(_ performance: PerformanceID, by id: SubscriberID, at now: Moment) {
        maps.watch(performance, by: id)
        takeUp(at: now)
    }

    mutating func seatsUnwatched(_ performance: PerformanceID, by id: SubscriberID, at now: Moment) {
        guard maps.unwatch(performance, by: id), ready != nil else { return }
        ask(UnwatchSeats(performance: performance), for: .nobody, at: now)
        sendQueued(at: now)
    }

    func nextSeatMap(
        _ performance: PerformanceID, for id: SubscriberID, after seen: UInt64
    ) -> Look<(map: SeatMapState, revision: UInt64)> {
        guard let watched = maps.maps[performance] else { return .finished }
        if let error = watched.ended[id] { return .failed(error) }
        if watched.isLive, watched.revision > seen, let map = watched.map { return .element((map, watched.revision)) }
        guard case .closed(let why) = phase else { return .nothing }
        return why.map { .failed($0) } ?? .finished
    }
}
