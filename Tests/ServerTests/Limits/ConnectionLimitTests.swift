import BoxOfficeProtocol
import BoxOfficeServer
import Foundation
import Testing

/// Limits on connections over sockets, each at one below, at, and one above. Attackers come from other addresses of this
/// machine, which is not exempt here.
@Suite struct ConnectionLimitTests {
    private func strictOffice(_ change: @escaping (inout ServerConfiguration) -> Void) throws -> TestOffice {
        try TestOffice {
            $0.rates.exemptsLoopback = false
            $0.limits.connectionsPerAddress = nil
            $0.limits.guestsPerAddress = nil
            $0.limits.newPerAddress = nil
            change(&$0)
        }
    }

    /// Whether somebody from there may stay: a guest's connection that was asked something, or nil.
    private func admitted(_ office: TestOffice, from source: String) throws -> RawClient? {
        let client = try RawClient(office.address, from: source)
        // Who is turned away may be told before the hello is sent, or closed at once.
        guard (try? client.hello()) != nil else { return nil }
        _ = try client.ok(GetConcerts(after: ConcertID(0), limit: 1))
        return client
    }

    /// Tries until somebody may stay again: the server has to notice first that somebody has gone.
    private func admittedAtLast(_ office: TestOffice, from source: String) throws -> RawClient? {
        let deadline = ContinuousClock.now + .seconds(patienceSeconds)
        while ContinuousClock.now < deadline {
            if let client = try admitted(office, from: source) { return client }
            usleep(20_000)
        }
        return nil
    }

    /// How often a limit was reached, once that is so often or more: the kernel connects before the server has taken a
    /// connection, and who asks at the other socket need not wait for that.
    private func reachedAtLast(_ limit: LimitKind, _ count: UInt64, in office: TestOffice) throws -> UInt64 {
        let deadline = ContinuousClock.now + .seconds(patienceSeconds)
        while try office.reached(limit) < count, ContinuousClock.now < deadline { usleep(10_000) }
        return try office.reached(limit)
    }

    @Test func connectionsOfOneAddress() async throws {
        let office = try strictOffice { $0.limits.connectionsPerAddress = 3 }
        var clients: [RawClient] = []
        for number in 1...3 {
            clients.append(try #require(try admitted(office, from: "127.0.1.1"), "connection \(number) of 3"))
        }
        let fourth = try RawClient(office.address, from: "127.0.1.1")
        #expect(try fourth.goAwayAndClose() == .tooManyConnections)
        #expect(try office.reached(.connectionsPerAddress) == 1)
        #expect(try admitted(office, from: "127.0.1.2") != nil, "another address")
        #expect(try office.local().ok(GetFigures()).connections >= 4, "the socket in the directory has no address")
        clients.removeLast()
        #expect(try admittedAtLast(office, from: "127.0.1.1") != nil)
        await office.stop()
    }

    @Test func guestsOfOneAddress() async throws {
        let office = try strictOffice { $0.limits.guestsPerAddress = 2 }
        _ = try office.local().ok(
            SignUp(operation: office.local().key(), name: "ann", password: Secret("correct horse")))
        let first = try #require(try admitted(office, from: "127.0.1.1"))
        let second = try #require(try admitted(office, from: "127.0.1.1"))
        #expect(try admitted(office, from: "127.0.1.1") == nil)
        #expect(try office.reached(.guestsPerAddress) >= 1)
        // Who logs in makes room; who logs out takes it again, and goes on.
        _ = try first.logIn("ann")
        let third = try #require(try admittedAtLast(office, from: "127.0.1.1"))
        #expect(try admitted(office, from: "127.0.1.1") == nil)
        _ = try first.ok(LogOut())
        for client in [first, second, third] { _ = try client.ok(GetConcerts(after: ConcertID(0), limit: 1)) }
        await office.stop()
    }

    @Test func newConnectionsOfOneAddress() async throws {
        let office = try strictOffice {
            $0.limits.newPerAddress = RateLimit(burst: 3, intervalMilliseconds: 3_600_000)
            $0.rates.exemptNetworks = [Network("127.0.1.9")!]
        }
        for number in 1...3 { #expect(try admitted(office, from: "127.0.1.1") != nil, "connection \(number) of 3") }
        let fourth = try RawClient(office.address, from: "127.0.1.1")
        let goAway = try fourth.goAway()
        #expect(goAway.reason == .tooManyConnections && goAway.retryAfterMilliseconds > 0)
        #expect(try office.reached(.newPerAddress) == 1)
        for _ in 1...10 { #expect(try admitted(office, from: "127.0.1.9") != nil, "an exempt network") }
        await office.stop()
    }

    @Test func thisMachineIsExemptUnlessToldOtherwise() async throws {
        let office = try TestOffice()
        var clients: [RawClient] = []
        for _ in 1...40 { clients.append(try #require(try admitted(office, from: "127.0.0.1"))) }
        await office.stop()
    }

    @Test func floodsAreNotAllTold() async throws {
        let office = try strictOffice { $0.limits.connectionsPerAddress = 1 }
        let first = try #require(try admitted(office, from: "127.0.1.1"))
        // They never listen. Each that is told keeps a descriptor for a second; the others keep none.
        let flood = try (0..<300).map { _ in try RawClient(office.address, from: "127.0.1.1") }
        #expect(try reachedAtLast(.connectionsPerAddress, 300, in: office) == 300)
        #expect(try office.local().ok(GetFigures()).connections < 50)
        _ = try first.ok(GetConcerts(after: ConcertID(0), limit: 1))
        #expect(flood.count == 300)
        #expect(office.log.all.count { $0.contains("limit=connectionsPerAddress") } < 20, "one line a second")
        await office.stop()
    }

    @Test func strangersMakeWayForStrangersAndGuestsDoNot() async throws {
        let office = try TestOffice {
            $0.limits.strangersFrom = 3
            $0.limits.strangersMax = 3
        }
        let browsing = try (0..<5).map { _ in try #require(try admitted(office, from: "127.0.0.1")) }
        let member = try office.member("ann")
        var strangers = try (0..<3).map { _ in try RawClient(office.address) }
        for stranger in strangers { #expect(stranger.isQuiet(forMilliseconds: 100)) }
        #expect(try office.reached(.strangers) == 0)
        // One more, and one of the four goes. A hello changes nothing.
        let saysHello = try RawClient(office.address)
        try saysHello.send(ViolationTests.hello())
        strangers.append(saysHello)
        #expect(try reachedAtLast(.strangers, 1, in: office) == 1)
        let gone = try strangers.filter { stranger in
            guard !stranger.isQuiet(forMilliseconds: 50) else { return false }
            let first = try stranger.receive()
            if first?.kind == .welcome, stranger.isQuiet(forMilliseconds: 50) { return false }
            return true
        }
        #expect(gone.count == 1)
        for client in browsing { _ = try client.ok(GetConcerts(after: ConcertID(0), limit: 1)) }
        #expect(try member.ok(WhoAmI()).name == "ann")
        // And somebody who asks at once gets in, however many strangers there are.
        for _ in 1...20 { _ = try admittedAtLast(office, from: "127.0.0.1") }
        await office.stop()
    }

    @Test func whoAsksForNothingInTimeIsSentAway() async throws {
        let office = try TestOffice { $0.handshakeSeconds = 0.6 }
        let browsing = try #require(try admitted(office, from: "127.0.0.1"))
        let pinging = try office.guest()
        let started = ContinuousClock.now
        // Frames that ask for nothing are no sign of life, nor are requests that guests may not make.
        var gone: GoAwayReason?
        var number: UInt64 = 0
        while gone == nil, ContinuousClock.now - started < .seconds(patienceSeconds) {
            number += 1
            _ = try? pinging.send(Frame.bare(.ping, id: number) + Frame.request(WhoAmI(), number: number))
            while let frame = try pinging.receive() {
                if frame.kind == .goAway { gone = try decoded(GoAway.self, frame).reason }
                if frame.kind == .error || frame.kind == .goAway { break }
            }
            usleep(20_000)
        }
        #expect(gone == .silence)
        #expect(ContinuousClock.now - started >= .milliseconds(600), "not before its time")
        _ = try browsing.ok(GetConcerts(after: ConcertID(0), limit: 1))
        #expect(try office.reached(.handshake) == 1)
        await office.stop()
    }

    @Test func aFrameIsWholeInTime() async throws {
        let office = try TestOffice { $0.limits.frameSeconds = 0.8 }
        let frame = Frame.request(GetConcerts(after: ConcertID(0), limit: 1), number: 1)
        // A byte now and then: each frame takes too long, however alive the connection is.
        let slow = try #require(try admitted(office, from: "127.0.0.1"))
        let started = ContinuousClock.now
        for byte in frame.dropLast() where slow.isQuiet(forMilliseconds: 80) { try? slow.send([byte]) }
        #expect(try slow.goAwayAndClose() == .silence)
        #expect(ContinuousClock.now - started >= .milliseconds(800), "not before its time")
        #expect(try office.reached(.frameTime) == 1)
        // Frames in two halves, each within its time, for much longer than that.
        let halves = try office.guest()
        for number in 1...8 as ClosedRange<UInt64> {
            let frame = Frame.request(GetConcerts(after: ConcertID(0), limit: 1), number: number)
            try halves.send(Array(frame.prefix(10)))
            usleep(200_000)
            try halves.send(Array(frame.dropFirst(10)))
            #expect(try halves.answer(to: number).kind == .response)
        }
        await office.stop()
    }

    /// From its first byte on, whatever came of it in between: the time does not begin anew with the body.
    @Test func aFramesTimeBeginsOnce() async throws {
        let office = try TestOffice { $0.limits.frameSeconds = 2 }
        let frame = Frame.request(GetConcerts(after: ConcertID(0), limit: 1), number: 1)
        let slow = try office.guest()
        try slow.send(Array(frame[..<(FrameHeader.bytes - 1)]))
        #expect(slow.isQuiet(forMilliseconds: 1_800))
        try slow.send([frame[FrameHeader.bytes - 1]])
        if slow.isQuiet(forMilliseconds: 1_800) { try slow.send(Array(frame[FrameHeader.bytes...])) }
        let reason = try slow.goAwayAndClose()
        #expect(reason == .silence)
        await office.stop()
    }

    @Test func aFullServerCountsWhomItTurnsAway() async throws {
        let office = try TestOffice { $0.connectionsMax = 2 }
        let clients = [try office.guest(), try office.guest()]
        #expect(try RawClient(office.address).goAwayAndClose() == .tooManyConnections)
        #expect(try office.reached(.connections) == 1)
        for client in clients { _ = try client.ok(GetConcerts(after: ConcertID(0), limit: 1)) }
        await office.stop()
    }
}
