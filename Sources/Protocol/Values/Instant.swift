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
    /// How many microseconds.
    public var count: Int64
    /// A span of so many microseconds.
    public init(_ count: Int64) { self.count = count }
    /// A span of so many seconds, saturating.
    public static func seconds(_ seconds: some BinaryInteger) -> Self {
        multiple(Int64(clamping: seconds), of: 1_000_000)
    }
    /// A span of so many milliseconds, saturating.
    public static func milliseconds(_ milliseconds: some BinaryInteger) -> Self {
        multiple(Int64(clamping: milliseconds), of: 1_000)
    }
    private static func multiple(_ count: Int64, of unit: Int64) -> Self {
        let (product, overflow) = count.multipliedReportingOverflow(by: unit)
        return Self(overflow ? (count < 0 ? .min : .max) : product)
    }
    /// Whether `a` is shorter.
    public static func < (a: Self, b: Self) -> Bool { a.count < b.count }
    /// The same span the other way, saturating.
    public static prefix func - (span: Self) -> Self { Self(span.count == .min ? .max : -span.count) }

    /// Whole milliseconds, rounded up, never below zero: what remains until a deadline.
    public var remainingMilliseconds: UInt64 { count <= 0 ? 0 : (UInt64(count) + 999) / 1_000 }
}
