// Notices, places and seat maps from a scripted server over a real socket.

import Foundation
import Testing

@testable import BoxOfficeClient

@Suite struct NoticeTests {
    static func charged(_ amount: Int64) -> Notice {
        .pointsCharged(
            PointsCharged(
                at: FakeServer.now, entry: LedgerEntryID(1), amount: Points(amount), balance: Points(amount)))
    }

    /// Keeps notices 1…10 and the cursor, as a server does: a new connection gets what was not acknowledged, within
    /// the window of 8.
    final class Shelf: Sendable {
        let cursor = Locked(UInt64(0))
        /// How many the first connection sends before it dies.
        let dropsAfter: UInt64

        init(dropsAfter: UInt64 = .max) { self.dropsAfter = dropsAfter }

        func script(_ connection: FakeConnection, _ frame: InboundFrame) {
            if frame.kind == .ack { cursor.withLock { $0 = max($0, frame.id) } }
            let isSubscribing = frame.kind == .request && frame.opcode == Opcode.subscribeNotices.rawValue
            guard isSubscribing || frame.kind == .ack else { return _ = connection.answersBasics(frame) }
            let cursor = cursor.withLock { $0 }
            if isSubscribing {
                connection.sentThrough = cursor
                connection.answer(frame, .subscribed(Subscribed(acknowledged: cursor, newest: 10)))
            }
            while connection.sentThrough < min(10, cursor + 8) {
                if connection.number == 0, connection.sentThrough == dropsAfter { return connection.reset() }
                connection.sentThrough += 1
                connection.notice(NoticeTests.charged(Int64(connection.sentThrough)), connection.sentThrough)
            }
        }
    }

    @Test("in order, each once, acknowledged; a lost connection is not noticed", arguments: [UInt64.max, 3, 6])
    func onceAndInOrder(dropsAfter: UInt64) async throws {
        let shelf = Shelf(dropsAfter: dropsAfter)
        let server = try FakeServer { shelf.script($0, $1) }
        try await withClient(server.configuration(annByPassword)) { office in
            var seen: [UInt64] = []
            for await received in office.notices {
                #expect(received.notice == Self.charged(Int64(received.sequence)))
                seen.append(received.sequence)
                if received.sequence == 10 { break }
            }
            #expect(seen == Array(1...10))
            // The tenth was not done with when the loop was left: it comes again.
            try await eventually("the rest is acknowledged") { shelf.cursor.withLock { $0 } == 9 }
            for await received in office.notices {
                #expect(received.sequence == 10)
                office.acknowledgeNotices(through: 10)
                break
            }
            try await eventually("all of it is acknowledged") { shelf.cursor.withLock { $0 } == 10 }
        }
        #expect(server.requests(.unsubscribeNotices).count >= 1)
    }

    @Test func nobodyIteratingNothingIsAsked() async throws {
        let server = try FakeServer { connection, frame in connection.answersBasics(frame) }
        try await withClient(server.configuration(annByPassword)) { office in
            _ = try await office.balance()
            #expect(server.requests(.subscribeNotices).isEmpty)
        }
    }

    @Test("gaps, duplicates and unknown kinds are elements or nothing, never a failure")
    func oddities() async throws {
        let server = try FakeServer { connection, frame in
            guard frame.opcode == Opcode.subscribeNotices.rawValue else { return _ = connection.answersBasics(frame) }
            connection.answer(frame, .subscribed(Subscribed(acknowledged: 2, newest: 9)))
            connection.send(Frame.bare(.gap, id: 4))
            connection.notice(Self.charged(5), 5, replayed: true)
            connection.notice(Self.charged(5), 5, replayed: true)
            connection.send(Frame.bytes(.notice, opcode: 1099, id: 6) { $0.bytes = $0.bytes + [1, 2, 3] })
            connection.send(Frame.bytes(.notice, opcode: Opcode.called.rawValue, id: 7) { $0.write(UInt8(9)) })
            connection.send(Frame.bare(.replayed, id: 7))
        }
        try await withClient(server.configuration(annByPassword)) { office in
            var seen: [ReceivedNotice] = []
            for await received in try await office.subscribedNotices() {
                seen.append(received)
                if seen.count == 4 { break }
            }
            #expect(
                seen == [
                    ReceivedNotice(sequence: 4, content: .gap, isReplayed: false),
                    ReceivedNotice(sequence: 5, content: .notice(Self.charged(5)), isReplayed: true),
                    ReceivedNotice(sequence: 6, content: .unknown(opcode: 1099), isReplayed: false),
                    ReceivedNotice(sequence: 7, content: .unknown(opcode: Opcode.called.rawValue), isReplayed: false),
                ])
        }
    }

    @Test("a subscription that is confirmed, refused, or not answered in time")
    func confirmation() async throws {
        let refuses = Locked(true)
        let server = try FakeServer { connection, frame in
            guard frame.opcode == Opcode.subscribeNotices.rawValue else { return _ = connection.answersBasics(frame) }
            if refuses.withLock({ $0 }) { connection.refuse(frame, Refusal(.notAllowed)) }
        }
        var configuration = server.configuration(annByPassword)
        try await withClient(configuration) { office in
            let error = await failure { try await office.subscribedNotices() }
            #expect(error?.code == .notAllowed)
        }
        refuses.withLock { $0 = false }
        configuration.requestTimeout = .milliseconds(100)
        try await withClient(configuration) { office in
            let error = await failure { try await office.subscribedNotices() }
            #expect(["timeout", "connectionLost"].contains(error?.name))
        }
        try await withClient(server.configuration()) { office in
            let error = await failure { try await office.subscribedNotices() }
            #expect(error?.code == .loginRequired)
        }
    }

    @Test func iterationsEndWithTheClientAndWithTheirTask() async throws {
        let shelf = Shelf()
        shelf.cursor.withLock { $0 = 10 }
        let server = try FakeServer { shelf.script($0, $1) }
        let office = BoxOffice(server.configuration(annByPassword))
        let run = Task { await office.run() }
        let cancelled = Task { for await _ in office.notices {} }
        let waiting = Task { for await _ in office.notices {} }
        try await eventually("a subscription") { !server.requests(.subscribeNotices).isEmpty }
        cancelled.cancel()
        await cancelled.value
        #expect(server.requests(.unsubscribeNotices).isEmpty)
        await office.close()
        await waiting.value
        await run.value
    }
}

@Suite struct PlaceTests {
    static func place(_ status: TokenStatus, ahead: UInt32 = 0, token: UInt64 = 1) -> Place {
        Place(
            concert: ConcertID(3), token: TokenID(token), ticket: 0, status: status,
            position: status == .waiting ? ahead + 1 : 0, ahead: ahead, waiting: ahead + 1, reason: .full,
            now: FakeServer.now)
    }

    @Test func placesAreConflatedAndEndWithAdmission() async throws {
        let server = try FakeServer { connection, frame in
            guard frame.opcode == Opcode.joinQueue.rawValue else { return _ = connection.answersBasics(frame) }
            connection.answer(frame, .place(Self.place(.waiting, ahead: 1000)))
            for ahead in (0..<1000).reversed() as ReversedCollection<Range<UInt32>> {
                connection.update(.positionChanged(PositionChanged(place: Self.place(.waiting, ahead: ahead))))
            }
            connection.update(.positionChanged(PositionChanged(place: Self.place(.active))))
        }
        try await withClient(server.configuration(annByPassword)) { office in
            let room = try await office.waitingRoom(of: ConcertID(3))
            var seen: [Place] = []
            for await place in room.places { seen.append(place) }
            #expect(seen.last == Self.place(.active))
            #expect(seen.count <= 1002)
            #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.ahead > $1.ahead || $1.status == .active })
            #expect(room.place.status == .active)
        }
    }

    @Test("whoever is slow skips positions, never a status; several look each for themselves")
    func statusesAreNotConflated() {
        var book = PlaceBook()
        book.enter(ConcertID(3))
        let told = [
            Self.place(.waiting, ahead: 9), Self.place(.waiting, ahead: 0), Self.place(.called), Self.place(.active),
            Self.place(.left), Self.place(.waiting, ahead: 5, token: 2), Self.place(.waiting, ahead: 4, token: 2),
        ]
        func look(from start: UInt64) -> [Place] {
            var (seen, places) = (start, [Place]())
            while let news = book.rooms[ConcertID(3)]?.news(after: seen) {
                places.append(news.place)
                seen = news.version
            }
            return places
        }
        _ = book.arrived(told[0])
        #expect(look(from: 0) == [told[0]])
        for place in told.dropFirst() { _ = book.arrived(place) }
        #expect(look(from: 1) == [told[1], told[2], told[3], told[4], told[6]], "who saw the first")
        #expect(look(from: 3) == [told[3], told[4], told[6]], "who was there until the call")
        #expect(look(from: 0) == [told[6]], "who comes now")
        for number in 10..<100 as Range<UInt64> { _ = book.arrived(Self.place(.left, token: number)) }
        #expect(look(from: 1).count == PlaceBook.statusesMax, "bounded")
    }

    @Test func anOlderPlaceBehindANewerOneIsNoNews() {
        var book = PlaceBook()
        book.enter(ConcertID(3))
        func place(_ ahead: UInt32, second: Int64) -> Place {
            var place = Self.place(.waiting, ahead: ahead)
            place.now = FakeServer.now + .seconds(second)
            return place
        }
        var news = [book.arrived(place(5, second: 10)), book.arrived(place(9, second: 9))]
        #expect(book.rooms[ConcertID(3)]?.place == place(5, second: 10))
        news.append(book.arrived(place(4, second: 10)))
        // Another server may be a little behind, and is right all the same.
        book.connectionLost()
        news += [book.arrived(place(3, second: 8)), book.arrived(place(6, second: 7))]
        #expect(news == [true, false, true, true, false])
        // Nor is it news to who comes back to the room.
        book.exit(ConcertID(3))
        book.enter(ConcertID(3))
        news = [book.arrived(place(7, second: 7)), book.arrived(place(2, second: 8))]
        #expect(news == [false, true])
    }

    @Test func aPlaceThatIsFollowedIsAskedForOnce() async throws {
        let server = try FakeServer { connection, frame in
            guard frame.opcode == Opcode.watchPlace.rawValue else { return _ = connection.answersBasics(frame) }
            connection.answer(frame, .place(Self.place(.waiting, ahead: 5)))
            connection.update(.positionChanged(PositionChanged(place: Self.place(.called))))
            connection.update(.positionChanged(PositionChanged(place: Self.place(.active))))
        }
        try await withClient(server.configuration(annByPassword)) { office in
            let room = try await office.waitingRoom(of: ConcertID(3), joining: false)
            for await _ in room.places {}
            #expect(room.place.status == .active)
        }
        #expect(server.requests(.watchPlace).count == 1)
    }

    @Test("a call while the connection was lost is told, and the place goes on on the next connection")
    func calledWhileAway() async throws {
        let server = try FakeServer { connection, frame in
            switch Opcode(rawValue: frame.opcode) {
            case .joinQueue: connection.answer(frame, .place(Self.place(.waiting, ahead: 5)))
            case .watchPlace:
                connection.answer(frame, .place(Self.place(.called)))
                if connection.number == 1 { return connection.close() }
                connection.update(.positionChanged(PositionChanged(place: Self.place(.active))))
            default: connection.answersBasics(frame)
            }
        }
        try await withClient(server.configuration(annByPassword)) { office in
            let room = try await office.waitingRoom(of: ConcertID(3))
            var places = room.places.makeAsyncIterator()
            #expect(await places.next()?.status == .waiting)
            server.withNewest { $0.reset() }
            var seen: [TokenStatus] = []
            while let place = await places.next() { seen.append(place.status) }
            #expect(seen.first == .called && seen.last == .active)
        }
        #expect(server.requests(.joinQueue).count == 1)
    }

    @Test func aRoomIsWatchedAgainAfterALostConnection() async throws {
        let server = try FakeServer { connection, frame in
            switch Opcode(rawValue: frame.opcode) {
            case .joinQueue:
                connection.answer(frame, .place(Self.place(.waiting, ahead: 5)))
                connection.close()
            case .watchPlace:
                connection.answer(frame, .place(Self.place(.waiting, ahead: 3)))
                connection.update(.positionChanged(PositionChanged(place: Self.place(.active))))
            default: connection.answersBasics(frame)
            }
        }
        try await withClient(server.configuration(annByPassword)) { office in
            let room = try await office.waitingRoom(of: ConcertID(3))
            var last: Place?
            for await place in room.places { last = place }
            #expect(last?.status == .active)
        }
        #expect(server.requests(.joinQueue).count == 1)
    }

    @Test func aPlaceFromTheStoreIsAskedForAnew() async throws {
        // The token of a join that is sent again may have been admitted since.
        let server = try FakeServer { connection, frame in
            switch Opcode(rawValue: frame.opcode) {
            case .joinQueue: connection.answer(frame, .place(Self.place(.waiting, ahead: 5)), replayed: true)
            case .watchPlace: connection.answer(frame, .place(Self.place(.active)))
            default: connection.answersBasics(frame)
            }
        }
        try await withClient(server.configuration(annByPassword)) { office in
            let room = try await office.waitingRoom(of: ConcertID(3))
            for await _ in room.places {}
            #expect(room.place.status == .active)
        }
    }

    @Test func aRoomThatIsNoMoreEndsThePlaces() async throws {
        let server = try FakeServer { connection, frame in
            switch Opcode(rawValue: frame.opcode) {
            case .joinQueue:
                connection.answer(frame, .place(Self.place(.waiting, ahead: 5)), replayed: true)
            case .watchPlace: connection.refuse(frame, Refusal(.unknownConcert))
            default: connection.answersBasics(frame)
            }
        }
        try await withClient(server.configuration(annByPassword)) { office in
            let room = try await office.waitingRoom(of: ConcertID(3))
            for await place in room.places { #expect(place.status == .waiting) }
            #expect(room.place.ahead == 5)
        }
    }
}

@Suite struct SeatMapChangeTests {
    static let performance = PerformanceID(3)

    static func map(_ version: UInt64, _ statuses: [UInt8]) -> Response {
        .seatMap(SeatMap(performance: performance, version: version, seats: 8, statuses: statuses))
    }

    static func update(_ from: UInt64, _ to: UInt64, _ seat: UInt32, _ status: SeatStatus) -> Update {
        .seatsChanged(
            SeatsChanged(
                performance: performance, fromVersion: from, toVersion: to, available: 0,
                changes: [SeatChange(seat: SeatIndex(seat), status: status)]))
    }

    @Test func stepsAreAppliedAndAHoleAsksForTheWholeMap() async throws {
        let server = try FakeServer { connection, frame in
            guard frame.opcode == Opcode.watchSeats.rawValue else { return _ = connection.answersBasics(frame) }
            connection.maps += 1
            guard connection.maps == 1 else {
                return connection.answer(frame, Self.map(9, [0b01_01, 0b10]))
            }
            connection.answer(frame, Self.map(1, [0, 0]))
            connection.update(Self.update(1, 2, 0, .held))
            connection.update(Self.update(5, 6, 7, .sold))  // 2 to 5 is missing.
        }
        try await withClient(server.configuration()) { office in
            var statuses: [SeatStatus] = []
            var versions: [UInt64] = []
            for try await change in office.seatMapChanges(of: Self.performance) {
                if statuses.isEmpty { statuses = change.map.statuses }
                for seat in change.changes { statuses[Int(seat.seat.rawValue)] = seat.status }
                #expect(statuses == change.map.statuses)
                versions.append(change.map.version)
                if change.map.version == 9 { break }
            }
            #expect(versions == versions.sorted())
            #expect(statuses == [.held, .held, .available, .available, .sold, .available, .available, .available])
            try await eventually("nobody looks any more") { !server.requests(.unwatchSeats).isEmpty }
        }
    }

    @Test func aLostConnectionIsFollowedByTheWholeMap() async throws {
        let server = try FakeServer { connection, frame in
            guard frame.opcode == Opcode.watchSeats.rawValue else { return _ = connection.answersBasics(frame) }
            // A server that was restarted counts its versions anew.
            connection.answer(frame, Self.map(1, [UInt8(connection.number), 0]))
        }
        try await withClient(server.configuration()) { office in
            var iterator = office.seatMapChanges(of: Self.performance).makeAsyncIterator()
            let first = try #require(try await iterator.next())
            #expect(first.map[SeatIndex(0)] == .available && first.changes.isEmpty)
            server.withNewest { $0.reset() }
            let second = try #require(try await iterator.next())
            #expect(second.changes == [SeatChange(seat: SeatIndex(0), status: .held)])
        }
    }

    @Test("a full room ends it with the reason; so does a refusal")
    func endings() async throws {
        let server = try FakeServer { connection, frame in
            guard frame.opcode == Opcode.watchSeats.rawValue else { return _ = connection.answersBasics(frame) }
            connection.maps += 1
            guard connection.maps == 1 else { return connection.refuse(frame, Refusal(.loginRequired)) }
            connection.answer(frame, Self.map(1, [0, 0]))
            connection.update(.seatsEnded(SeatsEnded(performance: Self.performance, code: .queueRequired)))
        }
        try await withClient(server.configuration()) { office in
            for code in [RefusalCode.queueRequired, .loginRequired] {
                let error = await failure {
                    for try await _ in office.seatMapChanges(of: Self.performance) {}
                }
                #expect(error?.code == code)
            }
        }
    }
}
