import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeTransport
import PowerLoss
import Testing

@testable import BoxOfficeServer

/// Limits on rates, with the time in the test's hand.
@Suite struct RateLimiterTests {
    static let start = Instant(1_772_323_200_000_000)
    static func after(_ milliseconds: Int64) -> Instant { start + .milliseconds(milliseconds) }

    /// Asks, and passes when it may. The wait in milliseconds, 0 when it passed.
    private func ask(_ limiter: inout RateLimiter<Int>, _ key: Int = 1, at now: Instant) -> Double {
        let wait = limiter.wait(of: key, at: now)
        if wait.count == 0 { limiter.passed(key, at: now) }
        return Double(wait.count) / 1_000
    }

    @Test(arguments: [
        RateLimits().joinsPerMember!, RateLimits().joinsPerAddress!, RateLimits().pollsPerMember!,
        RateLimits().pollsPerAddress!, RateLimits().signUpsPerAddress!, RateLimit(burst: 1, intervalMilliseconds: 1),
        RateLimit(burst: 2, intervalMilliseconds: 86_400_000),
    ])
    func theBurstPassesAndThenOneEachInterval(_ limit: RateLimit) {
        var limiter = RateLimiter<Int>(limit)
        let interval = Double(limit.intervalMilliseconds)
        // limit − 1, limit, limit + 1.
        for _ in 1..<limit.burst { #expect(ask(&limiter, at: Self.start) == 0) }
        #expect(ask(&limiter, at: Self.start) == 0)
        #expect(ask(&limiter, at: Self.start) == interval)
        // What was refused has not counted, and the wait is exact.
        #expect(ask(&limiter, at: Self.start) == interval)
        let next = Self.start + limit.interval
        #expect(ask(&limiter, at: next + Microseconds(-1)) == 0.001)
        #expect(ask(&limiter, at: next) == 0)
        #expect(ask(&limiter, at: next) == interval)
        // Who keeps to the interval is never refused.
        for step in 2...20 {
            #expect(ask(&limiter, at: Self.start + Microseconds(limit.interval.count * Int64(step))) == 0)
        }
        // After a pause as long as the burst takes, it is whole again, and no more than that.
        let later = Self.start + Microseconds(limit.interval.count * 1_000 + limit.refill.count)
        for _ in 1...limit.burst { #expect(ask(&limiter, at: later) == 0) }
        #expect(ask(&limiter, at: later) == interval)
    }

    @Test func keysAreLimitedEachForItself() {
        var limiter = RateLimiter<Int>(RateLimit(burst: 2, intervalMilliseconds: 1_000))
        let steps: [(at: Int64, key: Int, waits: Double)] = [
            (0, 1, 0), (0, 2, 0), (100, 1, 0), (100, 1, 900), (100, 2, 0), (200, 2, 800), (999, 1, 1), (1_000, 1, 0),
            (1_000, 2, 0), (1_000, 3, 0), (1_000, 1, 1_000),
            // Another shard's clock was looked at a moment earlier.
            (990, 3, 10), (1_001, 3, 0), (1_001, 3, 999),
        ]
        for step in steps {
            #expect(ask(&limiter, step.key, at: Self.after(step.at)) == step.waits, "\(step)")
        }
    }

    @Test func keysThatAreWholeAgainAreForgotten() {
        var limiter = RateLimiter<Int>(RateLimit(burst: 10, intervalMilliseconds: 100))
        for key in 0..<1_000 { _ = ask(&limiter, key, at: Self.start) }
        #expect(limiter.keyCount == 1_000)
        _ = ask(&limiter, 0, at: Self.after(1_000))
        _ = ask(&limiter, 0, at: Self.after(2_000))
        #expect(limiter.keyCount <= 2)
    }

    @Test func forgettingChangesNoAnswer() {
        let limit = RateLimit(burst: 4, intervalMilliseconds: 250)
        var limiter = RateLimiter<Int>(limit)
        var wholeAt: [Int: Instant] = [:]
        var numbers = SplitMix64(state: 7)
        var now = Self.start
        var refusals = 0
        for _ in 0..<20_000 {
            now = now + .milliseconds(Int64(numbers.next() % 60))
            let key = Int(numbers.next() % 12)
            let ahead = (wholeAt[key] ?? now) - now
            let wait = max(0, ahead.count - limit.tolerance.count)
            #expect(limiter.wait(of: key, at: now).count == wait)
            guard wait == 0 else {
                refusals += 1
                continue
            }
            limiter.passed(key, at: now)
            wholeAt[key] = max(wholeAt[key] ?? now, now) + limit.interval
        }
        #expect(refusals > 100)
    }

    @Test func memoryIsBoundedAndNewcomersPass() {
        var limiter = RateLimiter<Int>(RateLimit(burst: 1, intervalMilliseconds: 3_600_000), keysMax: 100)
        for key in 0..<1_000 {
            #expect(ask(&limiter, key, at: Self.start) == 0)
            #expect(limiter.keyCount <= 100)
        }
        #expect(ask(&limiter, 999, at: Self.start) > 0, "the newest are known")
        #expect(ask(&limiter, 0, at: Self.start) == 0, "the oldest begin anew")
    }

    // MARK: What is counted together

    @Test func memberAndAddressAreBothLimitedAndEachCountsOnlyWhatPassed() {
        var limits = RateLimits()
        limits.joinsPerMember = RateLimit(burst: 2, intervalMilliseconds: 10_000)
        limits.joinsPerAddress = RateLimit(burst: 3, intervalMilliseconds: 60_000)
        limits.pollsPerMember = nil
        limits.pollsPerAddress = nil
        let rates = RequestRates(limits)
        let (home, mobile) = (SocketAddress.ipv4(host: 0xC000_0201, port: 1), SocketAddress.ipv4(host: 9, port: 1))
        let steps: [(at: Int64, member: UInt64, from: SocketAddress, retryAfter: UInt32?)] = [
            (0, 1, home, nil), (0, 1, home, nil), (0, 1, home, 10_000), (0, 2, home, nil),
            // The address is over its limit: Cid has lost nothing by asking.
            (0, 3, home, 60_000), (0, 3, home, 60_000), (0, 3, mobile, nil), (0, 3, mobile, nil),
            (0, 3, mobile, 10_000),
            // Both are in the way: the longer wait counts.
            (1_000, 1, home, 59_000), (1_000, 1, mobile, 9_000), (10_000, 1, mobile, nil),
        ]
        for step in steps {
            let actor = Actor.member(MemberID(step.member), session: SessionID(1))
            let refusal = rates.refusal(of: .joinQueue, by: actor, from: step.from, at: Self.after(step.at))
            #expect(refusal?.retryAfterMilliseconds == step.retryAfter, "\(step)")
            if let refusal { #expect(refusal.code == .rateLimited && refusal.retry == .afterDelay) }
            for free in [Opcode.getPlace, .watchPlace, .leaveQueue, .hold] {
                #expect(rates.refusal(of: free, by: actor, from: step.from, at: Self.after(step.at)) == nil)
            }
        }
    }

    @Test func hostsAreToldApartByWhatTheirLineWasGiven() throws {
        func host(_ text: String) throws -> HostAddress? { HostAddress(try SocketAddress(text))?.subscriber }
        let table: [(String, String, isSame: Bool)] = [
            ("192.0.2.1:1", "192.0.2.1:2", true), ("192.0.2.1:1", "192.0.2.2:1", false),
            ("192.0.2.1:1", "[::ffff:192.0.2.1]:1", true), ("[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.2]:1", false),
            ("[2001:db8:0:1::1]:1", "[2001:db8:0:1:ffff::9]:1", true),
            ("[2001:db8:0:1::1]:1", "[2001:db8:0:2::1]:1", false), ("[::1]:1", "0.0.0.0:1", false),
        ]
        for row in table { #expect(try (host(row.0) == host(row.1)) == row.isSame, "\(row)") }
        #expect(try host("unix:/tmp/socket") == nil)
    }

    @Test(arguments: [
        ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false), ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.6", false), ("0.0.0.0/0", "9.9.9.9", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("192.0.2.0/24", "::ffff:192.0.2.9", true), ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/32", "2001:db9::", false), ("2001:db8::8/125", "2001:db8::f", true),
        ("2001:db8::8/125", "2001:db8::10", false), ("::/0", "2001:db8::1", true),
    ])
    func networksHoldTheirHosts(_ network: String, _ host: String, _ isInside: Bool) throws {
        let address = try #require(HostAddress(try SocketAddress(host.contains(":") ? "[\(host)]:1" : "\(host):1")))
        #expect(try #require(Network(network)).contains(address) == isInside)
    }

    @Test(arguments: [
        "", "/", "/8", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/", "192.0.2.1/24", "192.0.2.0/24/24", "10/8",
        "::1/64",
        "2001:db8::/129", "example.org", "example.org/8", "unix:/x", "fe80::1%lo", "192.0.2.0:80/24",
    ])
    func whatIsNoNetworkIsRefused(_ text: String) { #expect(Network(text) == nil) }

    @Test func limitsAreRead() {
        let table: [(String, RateLimit?)] = [
            ("10/6s", RateLimit(burst: 10, intervalMilliseconds: 6_000)),
            ("200/50ms", RateLimit(burst: 200, intervalMilliseconds: 50)),
            ("1000000/86400s", RateLimit(burst: 1_000_000, intervalMilliseconds: 86_400_000)),
            ("0/1s", nil), ("1/0s", nil), ("1/86401s", nil), ("1000001/1s", nil), ("1/4294967296ms", nil),
            ("1/5m", nil),
            ("1/4294968s", nil), ("1/s", nil), ("1", nil), ("1/1s/1s", nil), ("-1/1s", nil), ("", nil), ("/", nil),
        ]
        for (text, limit) in table {
            #expect(RateLimit(text) == limit, "\(text)")
            if let limit { #expect(limit.description == text) }
        }
        var limits = RateLimits()
        #expect(limits.refusal == nil)
        limits.pollsPerMember = RateLimit(burst: 0, intervalMilliseconds: 1)
        #expect(limits.refusal != nil)
    }
}
