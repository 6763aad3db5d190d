extension Instant {
    /// An instant `seconds` after 1970 began.
    public init(seconds: Int64) { self.init(seconds * 1_000_000) }

    /// The earliest instant: "always was".
    public static let distantPast = Instant(.min)
    /// The latest instant: "never".
    public static let distantFuture = Instant(.max)

    /// Saturates instead of trapping: instants come from the network too.
    public static func + (instant: Instant, span: Microseconds) -> Instant {
        let (sum, overflow) = instant.rawValue.addingReportingOverflow(span.count)
        return overflow ? (span.count < 0 ? distantPast : distantFuture) : Instant(sum)
    }

    /// From `b` to `a`, saturating.
    public static func - (a: Instant, b: Instant) -> Microseconds {
        let (difference, overflow) = a.rawValue.subtractingReportingOverflow(b.rawValue)
        return Microseconds(overflow ? (a.rawValue < 0 ? .min : .max) : difference)
    }
}

/// A span of time.
public struct Microseconds: Hashable, Comparable, Sendable {
    public var count: Int64
    public init(_ count: Int64) { self.count = count }
    public static func seconds(_ seconds: some BinaryInteger) -> Self {
        .init(Int64(clamping: seconds).multipliedReportingOverflow(by: 1_000_000).partialValue)
    }
    public static func milliseconds(_ milliseconds: some BinaryInteger) -> Self {
        .init(Int64(clamping: milliseconds).multipliedReportingOverflow(by: 1_000).partialValue)
    }
    public static func < (a: Self, b: Self) -> Bool { a.count < b.count }
    public static prefix func - (span: Self) -> Self { .init(0 &- span.count) }

    /// Whole milliseconds, rounded up, never below zero: what remains until a deadline.
    public var remainingMilliseconds: UInt64 { count <= 0 ? 0 : (UInt64(count) + 999) / 1_000 }
}
