import BoxOfficeProtocol
import BoxOfficeServer
import Foundation
import Testing

/// How servers and connections begin, idle, and end.
@Suite struct LifeTests {
    @Test func aSecondServerOnTheSameFileIsRefused() async throws {
        let office = try TestOffice()
        #expect {
            _ = try office.another().start()
        } throws: {
            "\($0)".contains("another server uses this data directory")
        }
        // The first one does not mind.
        _ = try office.member("ann")
        await office.stop()
    }

    @Test func configurationsThatCannotBeAreRefusedInWords() throws {
        let table: [(String, (inout ServerConfiguration) -> Void)] = [
            ("passwords would travel in the clear", { $0.listen = ["0.0.0.0:0"] }),
            ("passwords would travel in the clear", { $0.listen = ["127.0.0.1:0", "[::]:0"] }),
            ("is not HOST:PORT", { $0.listen = ["127.0.0.1"] }),
            ("cannot find", { $0.listen = ["tickets.example:0"] }),
            ("Address already in use", { $0.listen = ["127.0.0.1:1", "127.0.0.1:1"] }),
            ("at least a second", { $0.holdSeconds = 0 }),
            ("at least one seat", { $0.seatsPerMemberMax = 0 }),
            ("at least one point", { $0.chargeMax = 0 }),
        ]
        for (words, change) in table {
            #expect {
                _ = try TestOffice(change)
            } throws: {
                "\($0)".contains(words) || "\($0)".contains("Permission denied")
            }
        }
    }

    @Test func severalListenersServeOneOffice() async throws {
        let office = try TestOffice { $0.listen = ["127.0.0.1:0", "127.0.0.1:0"] }
        #expect(office.addresses.count == 2 && Set(office.addresses).count == 2)
        _ = try office.member("ann")
        let other = try RawClient(office.addresses[1])
        try other.hello()
        #expect(try other.logIn("ann").account.name == "ann")
        let mode = try FileManager.default.attributesOfItem(atPath: office.socketPath)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        await office.stop()
        #expect(!FileManager.default.fileExists(atPath: office.socketPath))
    }

    @Test func shutDownAnswersWhatItTookAndSaysWhenToComeBack() async throws {
        let office = try TestOffice()
        let ann = try office.member("ann")
        let idle = try office.guest()
        let keys = (0..<20).map { _ in ann.key() }
        let numbers = try keys.map { try ann.request(Charge(operation: $0, amount: Points(1))) }
        let stopped = DispatchSemaphore(value: 0)
        office.server.shutDown(within: 5) { stopped.signal() }
        var answered = 0
        var last: UInt64 = 0
        while let frame = try ann.receive() {
            if frame.kind == .response { answered += 1 }
            if frame.kind == .goAway {
                let goAway = try decoded(GoAway.self, frame)
                #expect(goAway.reason == .shuttingDown && goAway.retryAfterMilliseconds > 0)
                last = frame.header.id
            }
        }
        // What was taken, and only that, is answered.
        #expect(answered == numbers.filter { $0 <= last }.count)
        #expect(try idle.goAwayAndClose() == .shuttingDown)
        #expect(StorageTests.waited(for: stopped))
        try await office.restart()
        #expect(try office.back("ann").ok(GetBalance()).balance == Points(Int64(answered)))
        // The log was checkpointed: everything is in the data file.
        await office.stop()
        let files = try FileManager.default.contentsOfDirectory(atPath: office.directory)
        #expect(!files.contains { $0.hasSuffix("-wal") })
    }

    @Test func deadlinesThatPassWhileItIsDownAreCarriedOutAtTheStart() async throws {
        let office = try TestOffice { $0.holdSeconds = 1 }
        try office.operatorClient().importHall()
        let ann = try office.guest()
        _ = try ann.signUp("ann")
        let token = try ann.logIn("ann").session
        _ = try ann.ok(SubscribeNotices())
        _ = try ann.ok(JoinQueue(operation: ann.key(), concert: ConcertID(1)))
        _ = try ann.ok(Hold(operation: ann.key(), performance: PerformanceID(1), seats: [SeatIndex(0)]))
        await office.stop()
        usleep(1_200_000)
        try await office.restart()
        let back = try RawClient(office.address)
        try back.hello(token: token)
        #expect(
            try back.ok(GetReservations(before: ReservationID(0), limit: 1)).reservations.map(\.status) == [.expired])
        #expect(try back.ok(GetSeatMap(performance: PerformanceID(1))).statuses[0] == 0)
        _ = try back.ok(SubscribeNotices())
        #expect(try back.notice(.holdExpired).isReplay)
        await office.stop()
    }

    @Test func whoSaysNoHelloIsSentAway() async throws {
        let office = try TestOffice { $0.handshakeSeconds = 0.3 }
        let silent = try RawClient(office.address)
        #expect(try silent.goAwayAndClose() == .silence)
        let halfway = try RawClient(office.address)
        try halfway.send(Array(ViolationTests.hello().prefix(20)))
        #expect(try halfway.goAwayAndClose() == .silence)
        await office.stop()
    }

    @Test func silenceIsDeathAndPingsAreLife() async throws {
        let office = try TestOffice { $0.keepaliveSeconds = 1 }
        let silent = try office.guest()
        silent.answersPings = false
        let alive = try office.guest()
        // One pings by itself and is pinged, the other says nothing.
        for echo in 1...8 as ClosedRange<UInt64> {
            usleep(250_000)
            try alive.send(Frame.bare(.ping, id: echo))
            #expect(try alive.push(.pong).header.id == echo)
        }
        _ = try silent.push(.ping)
        #expect(try silent.goAwayAndClose() == .silence)
        #expect(try alive.ok(GetConcerts(after: ConcertID(0), limit: 1)).concerts.isEmpty)
        await office.stop()
    }

    @Test func aFullServerSaysSo() async throws {
        let office = try TestOffice { $0.connectionsMax = 2 }
        let clients = [try office.guest(), try office.guest()]
        let third = try RawClient(office.address)
        #expect(try third.goAwayAndClose() == .tooManyConnections)
        _ = try office.local().ok(GetFigures())
        #expect(clients.count == 2)
        await office.stop()
    }

    @Test func aReaderThatDoesNotReadIsSentAwayAndLosesNothing() async throws {
        let office = try TestOffice { $0.slowReaderSeconds = 0.5 }
        try office.operatorClient().importHall(rows: 40, seats: 300)
        let ann = try office.guest()
        _ = try ann.signUp("ann")
        let token = try ann.logIn("ann").session
        let slow = try RawClient(office.address, receiveBufferBytes: 4_096)
        try slow.hello(token: token)
        // Answers that fill every buffer on the way.
        var bytes: [UInt8] = []
        for number in 1...1_000 as ClosedRange<UInt64> {
            bytes += Frame.request(GetHall(performance: PerformanceID(1), fromRow: 0), number: number)
        }
        try slow.send(bytes)
        let deadline = ContinuousClock.now + .seconds(patienceSeconds)
        while try office.local().ok(GetFigures()).connections > 3, ContinuousClock.now < deadline { usleep(50_000) }
        #expect(ContinuousClock.now < deadline)
        #expect(try ann.ok(WhoAmI()).name == "ann")
        await office.stop()
    }

    @Test func aReaderThatIsOnlyLateGetsEverything() async throws {
        let office = try TestOffice()
        try office.operatorClient().importHall(rows: 40, seats: 300)
        let late = try RawClient(office.address, receiveBufferBytes: 4_096)
        try late.hello()
        let numbers = try (0..<60).map { _ in try late.request(GetHall(performance: PerformanceID(1), fromRow: 0)) }
        for number in numbers { #expect(try late.answer(to: number).kind == .response) }
        await office.stop()
    }

    @Test func resetsDoNoHarm() async throws {
        let office = try TestOffice()
        let ann = try office.member("ann")
        for round in 0..<2_000 {
            let client = try RawClient(office.address)
            if round.isMultiple(of: 3) { try client.send(ViolationTests.hello()) }
            if round.isMultiple(of: 5) { try client.send(Frame.bare(.ping)) }
            client.resetOnClose()
        }
        #expect(try ann.ok(WhoAmI()).name == "ann")
        await office.stop()
    }

    @Test func cancelsTouchOnlyTheirRequest() async throws {
        let office = try TestOffice()
        let ann = try office.member("ann")
        // All in one write: the cancels overtake nothing, but some requests are not begun when they are read.
        var bytes: [UInt8] = []
        for number in 10..<60 as Range<UInt64> {
            bytes += Frame.request(Charge(operation: ann.key(), amount: Points(1)), number: number)
        }
        for number in stride(from: UInt64(11), to: 60, by: 2) { bytes += Frame.bare(.cancel, id: number) }
        try ann.send(bytes)
        var done: Int64 = 0
        for number in 10..<60 as Range<UInt64> {
            let frame = try ann.answer(to: number)
            if frame.kind == .response {
                done += 1
            } else {
                #expect(try decoded(Refusal.self, frame).code == .cancelled)
                #expect(!number.isMultiple(of: 2))
            }
        }
        ann.number = 100
        #expect(done >= 25)
        #expect(try ann.ok(GetBalance()).balance == Points(done))
        await office.stop()
    }
}
