import BoxOfficeProtocol
import BoxOfficeServer
import Foundation
import Testing

/// Limits on what one connection sends, over sockets.
@Suite struct RequestLimitTests {
    private static let list = GetConcerts(after: ConcertID(0), limit: 1)

    /// A request that nobody knows, with a body of so many bytes, and what becomes of it.
    private func outcome(_ client: RawClient, bodyBytes: Int) throws -> String {
        client.number += 1
        let header = ViolationTests.header(
            FrameKind.request.rawValue, length: UInt32(bodyBytes), opcode: 9_999, id: client.number)
        try client.send(header + [UInt8](repeating: 0, count: bodyBytes))
        do {
            return try decoded(Refusal.self, client.answer(to: client.number)).code.name
        } catch {
            return "closed"
        }
    }

    @Test func framesAreAsLongAsTheyMayBe() async throws {
        let office = try TestOffice()
        for (bytes, expected) in [(1_023, "unsupported"), (1_024, "unsupported"), (1_025, "closed")] {
            #expect(try outcome(office.guest(), bodyBytes: bytes) == expected, "\(bytes) before login")
        }
        _ = try office.member("ann")
        for (bytes, expected) in [(65_535, "unsupported"), (65_536, "unsupported"), (65_537, "closed")] {
            #expect(try outcome(office.back("ann"), bodyBytes: bytes) == expected, "\(bytes) after login")
        }
        #expect(try office.reached(.frameSize) == 2 && office.reached(.violation) == 0)
        await office.stop()
    }

    @Test func requestsOfOneConnection() async throws {
        let office = try TestOffice {
            $0.limits.requestsPerConnection = RateLimit(burst: 5, intervalMilliseconds: 3_600_000)
        }
        let guest = try office.guest()
        for number in 1...5 { #expect(try guest.refused(Self.list) == nil, "request \(number) of 5") }
        guard case .failure(let refusal) = try guest.call(Self.list) else { throw RawClient.Failed(description: "6") }
        #expect(refusal.code == .rateLimited && refusal.retry == .afterDelay && refusal.outcome == .notExecuted)
        #expect((3_500_000...3_600_000).contains(refusal.retryAfterMilliseconds))
        #expect(try office.reached(.requestRate) == 1)
        // Other connections have their own, and the socket in the directory has none.
        #expect(try office.guest().refused(Self.list) == nil)
        let local = try office.local()
        for _ in 1...20 { #expect(try local.refused(Self.list) == nil) }
        // What is refused anyway is not counted.
        let other = try office.guest()
        for _ in 1...20 { #expect(try other.refused(WhoAmI()) == .loginRequired) }
        for _ in 1...5 { #expect(try other.refused(Self.list) == nil) }
        await office.stop()
    }

    @Test func whoWaitsAsLongAsToldPasses() async throws {
        let office = try TestOffice { $0.limits.requestsPerConnection = RateLimit(burst: 1, intervalMilliseconds: 100) }
        let guest = try office.guest()
        for _ in 1...5 {
            guard case .failure(let refusal) = try guest.call(Self.list) else { continue }
            #expect(refusal.code == .rateLimited && (1...100).contains(refusal.retryAfterMilliseconds))
            try await Task.sleep(for: .milliseconds(Int(refusal.retryAfterMilliseconds)))
            _ = try guest.ok(Self.list)
        }
        await office.stop()
    }

    @Test func partsOfAnUploadAreNotCounted() async throws {
        let office = try TestOffice()
        _ = try office.operatorClient()
        await office.stop()
        let slow = try TestOffice {
            $0.limits.requestsPerConnection = RateLimit(burst: 4, intervalMilliseconds: 3_600_000)
        }
        let operators = try slow.operatorClient()
        let bytes = [UInt8](repeating: 1, count: 20 * WireLimits.uploadPartBytesMax)
        let upload = try operators.uploadParts(.plan, bytes)
        #expect(try operators.refused(CommitUpload(operation: operators.key(), upload: upload)) == .badPlan)
        // Parts of nobody's upload are.
        let stray = UploadPart(upload: UploadID(99), offset: 0, bytes: [1])
        #expect(try operators.refused(stray) == .unknownUpload)
        #expect(try operators.refused(stray) == .rateLimited)
        await slow.stop()
    }

    @Test(arguments: [true, false])
    func floodsOfFramesAreReadLater(isMember: Bool) async throws {
        let office = try TestOffice {
            let limit = RateLimit(burst: 50, intervalMilliseconds: 5)
            if isMember { $0.limits.framesPerConnection = limit } else { $0.limits.framesBeforeLogin = limit }
        }
        let member = try office.member("ann")
        let flood = try isMember ? office.member("bob") : office.guest()
        let started = ContinuousClock.now
        var bytes: [UInt8] = []
        for number in 1...300 as ClosedRange<UInt64> { bytes += Frame.bare(.ping, id: number) }
        try flood.send(bytes)
        #expect(try member.ok(WhoAmI()).name == "ann", "others are answered meanwhile")
        // Nothing is lost, and the sender waits: 250 at 5 ms each, at least for the most part.
        for number in 1...300 as ClosedRange<UInt64> { #expect(try flood.push(.pong).header.id == number) }
        #expect(ContinuousClock.now - started >= .milliseconds(1_000))
        #expect(try office.reached(.frameRate) > 5)
        await office.stop()
    }

    @Test func beforeLoginOneAfterTheOther() async throws {
        let office = try TestOffice()
        try office.operatorClient().importHall()
        let guest = try office.guest()
        // The engine answers these, so that several would be under way at once.
        let numbers = try (0..<100).map { _ in try guest.request(GetDraw(concert: ConcertID(1))) }
        for number in numbers { #expect(try guest.answer(to: number).kind == .response) }
        #expect(try office.reached(.requestsInFlight) == 0)
        await office.stop()
    }

    @Test func moreThanMayBeInFlightAreBusyAndCounted() async throws {
        let office = try TestOffice { $0.limits.requestsInFlightMax = 2 }
        let ann = try office.member("ann")
        #expect(ann.welcome?.limits.requestsInFlightMax == 2)
        var busy = 0
        for _ in 0..<50 where busy == 0 {
            // In one write: the engine is at the first ones while the last ones are read.
            var bytes: [UInt8] = []
            let first = ann.number + 1
            for number in first..<(first + 20) {
                bytes += Frame.request(Charge(operation: ann.key(), amount: Points(1)), number: number)
            }
            ann.number += 20
            try ann.send(bytes)
            for number in first..<(first + 20) {
                let frame = try ann.answer(to: number)
                guard frame.kind == .error else { continue }
                let refusal = try decoded(Refusal.self, frame)
                #expect(refusal.code == .busy && refusal.retryAfterMilliseconds > 0)
                busy += 1
            }
        }
        #expect(busy > 0)
        #expect(try office.reached(.requestsInFlight) == UInt64(busy))
        await office.stop()
    }

    @Test func allUploadsTogether() async throws {
        let office = try TestOffice { $0.limits.uploadsBytes = 40 << 20 }
        let operators = try office.operatorClient()
        let begin = { BeginUpload(kind: .plan, sizeBytes: $0, digest: Digest(hashing: [1])) }
        let first = try office.back("operator")
        _ = try first.ok(begin(30 << 20))
        _ = try operators.ok(begin(10 << 20))
        #expect(try operators.refused(begin(1)) == .busy)
        #expect(try office.reached(.uploads) == 1)
        // Space is there again when the other one has gone.
        try first.send([UInt8](repeating: 0xFF, count: 16))
        _ = try first.goAwayAndClose()
        let deadline = ContinuousClock.now + .seconds(patienceSeconds)
        while try operators.refused(begin(30 << 20)) != nil, ContinuousClock.now < deadline { usleep(10_000) }
        #expect(ContinuousClock.now < deadline)
        await office.stop()
    }

    @Test func ofAllOutboxesTheLargestGoFirst() async throws {
        let office = try TestOffice {
            $0.shards = 1
            $0.slowReaderSeconds = 600
            $0.limits.outboxesBytes = 1 << 20
        }
        try office.operatorClient().importHall(rows: 40, seats: 300)
        let ann = try office.member("ann")
        var bytes: [UInt8] = []
        for number in 1...1_000 as ClosedRange<UInt64> {
            bytes += Frame.request(GetHall(performance: PerformanceID(1), fromRow: 0), number: number)
        }
        // Each queues what one may, a quarter of all, and none of it is read: the fifth is one too many.
        var slow: [RawClient] = []
        let deadline = ContinuousClock.now + .seconds(patienceSeconds)
        while try office.reached(.outboxes) == 0, slow.count < 12, ContinuousClock.now < deadline {
            let client = try RawClient(office.address, receiveBufferBytes: 4_096)
            try client.hello()
            try client.send(bytes)
            slow.append(client)
            usleep(300_000)
        }
        #expect(try office.reached(.outboxes) > 0)
        #expect(slow.count > 3, "up to the bound nobody goes")
        #expect(try ann.ok(WhoAmI()).name == "ann")
        await office.stop()
    }
}
