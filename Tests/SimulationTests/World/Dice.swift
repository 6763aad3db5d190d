/// The chance in a simulation: everything that may go one way or another follows from the seed (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// Dice of their own for something, so that what it throws changes nothing elsewhere.
    mutating func split() -> Dice { Dice(seed: next()) }

    mutating func happens(_ chance: Double) -> Bool {
        Double(next() >> 11) * 0x1p-53 < chance
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    mutating func duration(_ range: ClosedRange<Duration>) -> Duration {
        .nanoseconds(number(range.lowerBound.nanoseconds...range.upperBound.nanoseconds))
    }

    mutating func pick<T>(_ items: [T]) -> T { items[number(0...(items.count - 1))] }
}

extension Duration {
    var nanoseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }
}
