import BoxOfficeProtocol
import Logging
import Testing

@testable import BoxOfficeServer

/// Everything is counted, and little is logged.
@Suite struct LimitCountersTests {
    @Test func oneLineASecondAndWhatWasLeftOut() {
        var tally = LimitTally()
        let start = ContinuousClock.now
        let table: [(Int, Int?)] = [
            (0, 0), (0, nil), (1, nil), (999, nil), (1_000, 3), (1_001, nil), (1_999, nil), (2_000, 2), (9_000, 0),
        ]
        for (milliseconds, leftOut) in table {
            #expect(tally.reached(at: start + .milliseconds(milliseconds)) == leftOut, "at \(milliseconds) ms")
        }
        #expect(tally.count == UInt64(table.count))
    }

    @Test func kindsHaveTheirOwnLines() {
        let log = LogLines()
        var logger = Logger(label: "test") { _ in log.handler() }
        logger.logLevel = .info
        let counters = LimitCounters(logger)
        let now = ContinuousClock.now
        var made = 0
        for _ in 0..<1_000 {
            for kind in [LimitKind.violation, .requestRate] {
                counters.reached(kind, "too much", at: now) {
                    made += 1
                    return ["peer": "192.0.2.1:1"]
                }
            }
        }
        counters.reached(.requestRate, "too much", at: now + .seconds(1))
        #expect(made == 2, "metadata is made for lines only")
        #expect(
            log.all == [
                "info too much limit=violation peer=192.0.2.1:1", "info too much limit=requestRate peer=192.0.2.1:1",
                "info too much leftOut=999 limit=requestRate",
            ])
        let figures = Dictionary(uniqueKeysWithValues: counters.figures.map { ($0.limit, $0.reached) })
        #expect(figures[.violation] == 1_000 && figures[.requestRate] == 1_001 && figures[.outbox] == 0)
        #expect(counters.figures.map(\.limit) == LimitKind.known)
    }

    @Test func whatTheyAddUpTo() {
        var configuration = ServerConfiguration(dataDirectory: "/nowhere")
        let bound = MemoryBound(configuration, connectionsMax: 1_000)
        #expect(bound.connections == 1_000 * 132 * 1_024)
        #expect(bound.outboxes == (512 + 2 * 2) << 20)
        #expect(bound.passwords == 38 << 20 + 64 << 10)
        #expect(bound.uploads == 256 << 20)
        #expect(bound.tables == 24 << 20)
        let parts: [Int] = [64 << 20, 1_000 * 132 * 1_024, 516 << 20, 38 << 20, 64 << 10, 256 << 20, 24 << 20]
        #expect(bound.bytes == parts.reduce(0, +))
        #expect(bound.text == "1027 MiB")
        // Each part follows its limit.
        configuration.tlsListen = ["127.0.0.1:0"]
        #expect(MemoryBound(configuration, connectionsMax: 1_000).connections == 1_000 * 232 * 1_024)
        configuration.tlsListen = []
        configuration.limits.outboxesBytes = 1 << 30
        configuration.limits.passwordsAtOnce = 4
        configuration.rates.joinsPerMember = nil
        let other = MemoryBound(configuration, connectionsMax: 2_000)
        #expect(other.connections == 2 * bound.connections && other.outboxes == bound.outboxes + 512 << 20)
        #expect(other.passwords == bound.passwords + 38 << 20 && other.tables == bound.tables - 3 << 20)
    }

    @Test func limitsThatCannotBe() {
        let table: [(String, (inout Limits) -> Void)] = [
            ("connections from one address", { $0.connectionsPerAddress = 0 }),
            ("connections from one address", { $0.guestsPerAddress = 1_000_001 }),
            ("failed logins", { $0.loginFailuresPerConnection = 101 }),
            ("failed logins", { $0.loginFailuresPerAccount = 0 }),
            ("the pause", { $0.loginPauseSeconds = 901 }),
            ("a rate limit", { $0.requestsPerConnection = RateLimit(burst: 0, intervalMilliseconds: 1) }),
            ("a rate limit", { $0.framesPerConnection = RateLimit(burst: 1, intervalMilliseconds: 0) }),
            ("a rate limit", { $0.framesBeforeLogin = RateLimit(burst: 1_000_001, intervalMilliseconds: 1) }),
            ("strangers", { $0.strangersFrom = 513 }), ("strangers", { $0.strangersMax = 0 }),
            ("a frame", { $0.frameSeconds = 0 }), ("requests in flight", { $0.requestsInFlightMax = 65 }),
            ("requests in flight", { $0.requestsInFlightMax = 0 }), ("an outbox", { $0.outboxSoftBytes = 16_383 }),
            ("an outbox", { $0.outboxHardBytes = 1_048_575 }), ("all outboxes", { $0.outboxesBytes = 1_048_575 }),
            ("all uploads", { $0.uploadsBytes = 33_554_431 }), ("passwords", { $0.passwordsAtOnce = 65 }),
            ("passwords", { $0.passwordsAtOnce = 0 }), ("passwords", { $0.passwordsWaitingMax = 100_001 }),
        ]
        for (words, change) in table {
            var limits = Limits()
            #expect(limits.refusal == nil)
            change(&limits)
            #expect(limits.refusal?.contains(words) == true, "\(limits.refusal ?? "nil")")
        }
    }
}
