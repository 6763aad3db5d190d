// Concerts, dates, halls and seats: answered on the connection's own queue from what is published.

import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeTransport

extension Connection {
    /// Dates that one connection may watch at once.
    static let watchedMapsMax = 32

    func answerFromPublished(_ request: Request, _ origin: Origin) {
        do throws(Refusal) {
            switch request {
            case .getConcerts(let get): answer(origin, services.catalogue.page(get))
            case .getPerformances(let get):
                let dates = try services.catalogue.dates(of: get.concert)
                let list = PerformanceList(performances: dates.map(\.told), now: services.clock.now)
                answer(origin, .performanceList(list))
            case .getPerformance(let get): answer(origin, .performance(try date(get.performance).told))
            case .getHall(let get):
                guard let page = try date(get.performance).hall.page(from: get.fromRow) else {
                    throw Refusal(.badRequest, "The hall has no such row.", path: "fromRow")
                }
                answer(origin, page)
            case .findSeats(let find):
                answer(origin, .seatsFound(try date(find.performance).hall.find(find.labels)))
            case .getSeatMap(let get): answer(origin, try seats(of: date(get.performance)).body)
            case .watchSeats(let watch): answer(origin, try watchSeats(of: date(watch.performance)).body)
            case .unwatchSeats(let unwatch):
                endWatch(of: unwatch.performance)
                answer(origin, .empty(Empty()))
            default: throw Refusal(.unsupported)
            }
        } catch {
            refuse(origin, error)
        }
    }

    private func date(_ id: PerformanceID) throws(Refusal) -> PublishedDate {
        guard let date = services.catalogue.date[id] else { throw Refusal(.unknownPerformance) }
        return date
    }

    private func seats(of date: PublishedDate) throws(Refusal) -> SeatsVersion {
        if let refusal = date.refusal(for: session.actor) { throw refusal }
        looks(at: date)
        return date.seats.value
    }

    /// The member looks at the seats of this date: asks for them, or has a watch open. The engine has to know where a
    /// room limits idleness, and four times in that span is often enough.
    func looks(at date: PublishedDate) {
        let idleSeconds = date.gate.value.idleSeconds
        guard idleSeconds > 0, let member = session.actor.member else { return }
        let concert = date.row.concert
        let now = host.shard.now
        let pause = Duration.milliseconds(max(1_000, Int64(idleSeconds) * 250))
        if let last = extras?.lookedAt[concert], now - last < pause { return }
        if extras == nil { extras = Extras() }
        extras?.lookedAt[concert] = now
        services.loop.post(.looked(member, at: concert))
    }

    // MARK: Watching

    private func watchSeats(of date: PublishedDate) throws(Refusal) -> SeatsVersion {
        let seats = try seats(of: date)
        var maps = extras?.maps ?? [:]
        guard maps[date.row.id] != nil || maps.count < Self.watchedMapsMax else {
            throw Refusal(
                .busy, "\(Self.watchedMapsMax) dates are watched on this connection.", retryAfterMilliseconds: 1_000)
        }
        maps[date.row.id] = WatchedMap(sent: seats)
        if extras == nil { extras = Extras() }
        extras?.maps = maps
        // The answer has the newest state; an update that waits would say the same again.
        channel?.clearUpdate(.seats(date.row.id))
        host.watch(date.row.id, by: self)
        return seats
    }

    private func endWatch(of performance: PerformanceID) {
        guard extras?.maps.removeValue(forKey: performance) != nil else { return }
        channel?.clearUpdate(.seats(performance))
        host.unwatch(performance, by: self)
    }

    /// A seat of a watched date has changed.
    func seatsChanged(of performance: PerformanceID) {
        guard extras?.maps[performance]?.endedBecause == nil else { return }
        channel?.markUpdate(.seats(performance))
    }

    /// The room has filled, or somebody came in or left: those who are not inside see no more seats.
    func gateChanged(of date: PublishedDate) {
        guard let watched = extras?.maps[date.row.id], watched.endedBecause == nil,
            let refusal = date.refusal(for: session.actor)
        else { return }
        extras?.maps[date.row.id]?.endedBecause = refusal.code
        host.unwatch(date.row.id, by: self)
        channel?.markUpdate(.seats(date.row.id))
    }

    // MARK: Updates

    /// The socket has room: the newest there is to say.
    func encodeUpdate(about subject: UpdateSubject, into buffer: inout [UInt8]) {
        switch subject.kind {
        case UpdateSubject.seatsKind: encodeSeats(of: PerformanceID(subject.id), into: &buffer)
        case UpdateSubject.placeKind:
            guard let place = takePlace(in: ConcertID(subject.id)) else { return }
            append(
                .positionChanged(PositionChanged(place: place)), version: UInt64(clamping: place.now.rawValue),
                to: &buffer)
        default: break
        }
    }

    private func encodeSeats(of performance: PerformanceID, into buffer: inout [UInt8]) {
        guard let watched = extras?.maps[performance] else { return }
        if let code = watched.endedBecause {
            extras?.maps[performance] = nil
            let ended = SeatsEnded(performance: performance, code: code)
            return append(.seatsEnded(ended), version: watched.sent.map.version, to: &buffer)
        }
        guard let newest = services.catalogue.date[performance]?.seats.value, newest !== watched.sent else { return }
        buffer.append(contentsOf: host.difference(from: watched.sent, to: newest))
        extras?.maps[performance]?.sent = newest
    }

    private func append(_ update: Update, version: UInt64, to buffer: inout [UInt8]) {
        var writer = WireWriter()
        swap(&writer.bytes, &buffer)
        Frame.append(.update, opcode: update.opcode.rawValue, id: version, to: &writer) { update.encode(into: &$0) }
        swap(&writer.bytes, &buffer)
    }
}

extension UpdateSubject {
    static let seatsKind: UInt8 = 1
    static let placeKind: UInt8 = 2

    static func seats(_ performance: PerformanceID) -> UpdateSubject {
        .init(kind: seatsKind, id: performance.rawValue)
    }
    static func place(_ concert: ConcertID) -> UpdateSubject { .init(kind: placeKind, id: concert.rawValue) }
}

extension PublishedCatalogue {
    func dates(of concert: ConcertID) throws(Refusal) -> [PublishedDate] {
        if let dates = dates[concert] { return dates }
        guard concerts.contains(where: { $0.id == concert }) else { throw Refusal(.unknownConcert) }
        return []
    }

    /// Concerts after the one that was named, as many as were asked for and fit a frame.
    func page(_ get: GetConcerts) -> Response {
        var page = ConcertPage(concerts: [], more: false)
        var bytes = 0
        for row in concerts where row.id > get.after {
            let concert = Concert(
                concert: row.id, title: row.title, artists: row.artists, description: row.description,
                performances: UInt32(dates[row.id]?.count ?? 0))
            bytes += concert.encoded.count
            let fits = bytes <= Limits.pageBytesMax || page.concerts.isEmpty
            guard page.concerts.count < Int(get.limit), fits else {
                page.more = true
                break
            }
            page.concerts.append(concert)
        }
        return .concertPage(page)
    }
}
