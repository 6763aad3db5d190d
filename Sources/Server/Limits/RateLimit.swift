import BoxOfficeProtocol

/// So many at once, and from then on one each interval.
public struct RateLimit: Hashable, Sendable {
    /// How many may come at once, 1 to 1,000,000.
    public var burst: UInt32
    /// From one to the next when the burst is used up, 1 ms to a day.
    public var intervalMilliseconds: UInt32

    /// Both of it.
    public init(burst: UInt32, intervalMilliseconds: UInt32) {
        self.burst = burst
        self.intervalMilliseconds = intervalMilliseconds
    }

    static let burstRange: ClosedRange<UInt32> = 1...1_000_000
    static let intervalRange: ClosedRange<UInt32> = 1...86_400_000

    static let rule = "a rate limit is a burst of 1 to 1,000,000, and one each millisecond to one a day"

    /// Whether it is within its bounds; beyond them the arithmetic of time would be.
    var isUsable: Bool {
        Self.burstRange.contains(burst) && Self.intervalRange.contains(intervalMilliseconds)
    }

    var interval: Microseconds { Microseconds(Int64(intervalMilliseconds) * 1_000) }
    /// How far the limit may be ahead of time when one more is let pass.
    var tolerance: Microseconds { Microseconds(interval.count * Int64(burst - 1)) }
    /// From nothing left to the whole burst.
    var refill: Microseconds { Microseconds(interval.count * Int64(burst)) }

    // The generic cell rate algorithm for one that is limited: see RateLimiter.swift.

    /// How long until one may pass, with the burst whole again at `wholeAt`; zero when it may now.
    func wait(until wholeAt: Instant, at now: Instant) -> Microseconds {
        // Before it is whole, so that nothing here can overflow.
        guard wholeAt > now else { return Microseconds(0) }
        return max(Microseconds(0), Microseconds((wholeAt - now).count - tolerance.count))
    }

    /// One passes: when the burst is whole again.
    func passed(_ wholeAt: Instant, at now: Instant) -> Instant { max(wholeAt, now) + interval }
}

extension RateLimit: LosslessStringConvertible {
    /// Parses `10/6s` or `200/50ms`: the burst, and the interval in whole seconds or milliseconds.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let burst = UInt32(parts[0]) else { return nil }
        let unit = parts[1].hasSuffix("ms") ? "ms" : "s"
        guard parts[1].hasSuffix(unit), let count = UInt32(parts[1].dropLast(unit.count)) else { return nil }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit == "s" ? 1_000 : 1)
        self.init(burst: burst, intervalMilliseconds: milliseconds)
        guard !overflow, isUsable else { return nil }
    }

    /// As it is parsed.
    public var description: String {
        intervalMilliseconds % 1_000 == 0
            ? "\(burst)/\(intervalMilliseconds / 1_000)s" : "\(burst)/\(intervalMilliseconds)ms"
    }
}
