/// The pauses between attempts: each span twice the one before, and the pause drawn from the span's upper half, so that
/// clients which failed together do not try together again.
struct Backoff: Sendable {
    var shortest: Duration
    var longest: Duration
    private(set) var failures = 0

    init(shortest: Duration, longest: Duration) {
        self.shortest = max(.milliseconds(1), shortest)
        self.longest = max(self.shortest, longest)
    }

    /// The next pause.
    mutating func next(using random: inout SeededGenerator) -> Duration {
        let pause = Self.pause(after: failures, shortest: shortest, longest: longest, using: &random)
        failures += 1
        return pause
    }

    /// After something worked.
    mutating func reset() { failures = 0 }

    static func pause(
        after failures: Int, shortest: Duration, longest: Duration, using random: inout SeededGenerator
    ) -> Duration {
        // 2^20 times the shortest pause is beyond every longest one, and far from an overflow.
        let span = min(longest, shortest * (1 << min(failures, 20)))
        return span * Double.random(in: 0.5...1, using: &random)
    }
}

/// SplitMix64: the session draws from a seed, so that a test can repeat what it did; so does a rehearsal.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
