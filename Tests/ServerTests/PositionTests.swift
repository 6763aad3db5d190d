import BoxOfficeProtocol
import Testing

@testable import BoxOfficeServer

/// When which places are told: the rule by itself, and what it comes to over sockets.
@Suite struct PositionTests {
    // MARK: The clock

    private let room = ConcertID(1)
    private let start = ContinuousClock.now

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    @Test func whoIsNearIsToldInEachTickAndTheOthersInTurns() {
        var clock = PositionClock()
        #expect(clock.placesChanged(in: room, at: at(0)) == .zero)
        var told: [PositionClock.Told] = []
        for tick in 0..<5 {
            guard let next = clock.tick(in: room, at: at(900 * tick)) else { break }
            told.append(next.told)
            #expect(next.goesOn == (tick < 4))
        }
        #expect(told.count == 5)
        for connection in UInt64(1)...10 {
            #expect(told.allSatisfy { $0.includes(position: 1_000, connection: connection) })
            #expect(told.filter { $0.includes(position: 1_001, connection: connection) }.count == 1)
            #expect(told.filter { $0.includes(position: 0, connection: connection) }.count == 1)
        }
        #expect(clock.tick(in: room, at: at(4_500)) == nil)
    }

    @Test func aChangeInAQuietRoomIsToldAtOnceAndInABusyOneWithTheNextTick() {
        var clock = PositionClock()
        #expect(clock.placesChanged(in: room, at: at(0)) == .zero)
        #expect(clock.placesChanged(in: room, at: at(0)) == nil)
        _ = clock.tick(in: room, at: at(0))
        // The ticks that are owed are on their way, and a change begins their count anew.
        #expect(clock.placesChanged(in: room, at: at(800)) == nil)
        for tick in 1...4 { #expect(clock.tick(in: room, at: at(900 * tick))?.goesOn == true) }
        #expect(clock.tick(in: room, at: at(4_500))?.goesOn == false)
        #expect(clock.placesChanged(in: room, at: at(4_600)) == .milliseconds(800))
        #expect(clock.placesChanged(in: room, at: at(9_000)) == nil)
    }

    @Test func whenEverybodyWasToldNobodyIsOwedAnything() {
        var clock = PositionClock()
        _ = clock.placesChanged(in: room, at: at(0))
        _ = clock.tick(in: room, at: at(0))
        clock.everybodyTold(in: room, at: at(100))
        #expect(clock.tick(in: room, at: at(900)) == nil)
        #expect(clock.placesChanged(in: room, at: at(950)) == .milliseconds(50))
    }

    // MARK: Over sockets

    /// The next place that a client is told and that is as wanted.
    @discardableResult
    private func place(_ client: RawClient, where isWanted: (Place) -> Bool) throws -> Place {
        while true {
            guard case .positionChanged(let moved) = try client.update(.positionChanged) else { continue }
            if isWanted(moved.place) { return moved.place }
        }
    }

    @Test func aPolicyIsToldToEverybodyAndOnesOwnStatusAtOnce() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        try operators.importHall(capacity: 1)
        let members = try ["ann", "bob", "cid"].map { try office.member($0) }
        for member in members { _ = try member.ok(JoinQueue(operation: member.key(), concert: room)) }
        let screen = try office.back("cid")
        _ = try screen.ok(WatchPlace(concert: room))
        let waiting = Array(members.dropFirst()) + [screen]
        _ = try operators.ok(
            SetRoom(operation: operators.key(), concert: room, mode: .paused, message: "The band is late."))
        for client in waiting {
            let told = try place(client) { $0.reason == .paused }
            #expect(told.message == "The band is late." && told.status == .waiting)
        }
        #expect(members[0].isQuiet(forMilliseconds: 50))
        _ = try operators.ok(SetRoom(operation: operators.key(), concert: room, mode: .open, capacity: 2, message: ""))
        #expect(try place(members[1]) { $0.status == .active }.message == nil)
        for client in [members[2], screen] { try place(client) { $0.position == 1 && $0.message == nil } }
        // Who leaves and joins again on one device is told so on the other.
        _ = try members[2].ok(LeaveQueue(operation: members[2].key(), concert: room))
        try place(screen) { $0.status == .left }
        let again = try members[2].ok(JoinQueue(operation: members[2].key(), concert: room))
        #expect(try place(screen) { $0.status == .waiting }.token == again.token)
        await office.stop()
    }

    /// A reader that takes nothing has one slot, and everybody else what they would have without it.
    @Test func aSlowReaderCostsNobodyAnything() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        try operators.importHall(capacity: 0)
        let ann = try office.member("ann")
        _ = try ann.ok(JoinQueue(operation: ann.key(), concert: room))
        _ = try office.member("bob")
        let bob = try RawClient(office.address, receiveBufferBytes: 2_048)
        try bob.hello()
        _ = try bob.logIn("bob")
        let joined = try bob.ok(JoinQueue(operation: bob.key(), concert: room))
        let message = String(repeating: "wait ", count: 90)
        for round in 1...200 {
            _ = try operators.ok(
                SetRoom(operation: operators.key(), concert: room, message: message + "\(round)"))
            try place(ann) { $0.message == message + "\(round)" }
        }
        // Bob reads at last: of what he has missed it is only the newest that comes.
        #expect(try place(bob) { $0.message == message + "200" }.token == joined.token)
        #expect(bob.pushes.isEmpty)
        await office.stop()
    }

    @Test func whoIsFarIsToldWithinFiveSeconds() async throws {
        var clock = PositionClock()
        _ = clock.placesChanged(in: room, at: at(0))
        var turns: Set<UInt64> = []
        for tick in 0..<5 {
            if case .turn(let turn)? = clock.tick(in: room, at: at(900 * tick))?.told { turns.insert(turn) }
        }
        #expect(turns.count == 5 && PositionClock.interval * 5 < .seconds(5) && PositionClock.interval < .seconds(1))
    }
}
