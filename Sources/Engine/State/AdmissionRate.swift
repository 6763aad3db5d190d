import BoxOfficeProtocol

/// How fast a line moves: places that came free inside while somebody waited, and the time in which somebody did.
///
/// What is counted are places given up, not admissions. When a sale opens or a room is made larger, many are admitted at
/// once; that says nothing about how long the next one waits, while the places given up say just that.
///
/// Both numbers are forgotten exponentially, but not below a few: the line of a small room moves rarely, and what is
/// known of it is old. Nothing is known before the first few: no number is made up.
struct AdmissionRate: Sendable {
    private static let memorySeconds = 120.0
    /// While nobody waits or nobody may enter, what was measured fades slowly.
    private static let idleMemorySeconds = 1_800.0
    /// As many are remembered however long ago they were, while the line goes on.
    private static let weightKept = 8.0
    /// As many must be remembered before a wait is told.
    private static let weightMin = 2.0

    private var weight = 0.0
    private var seconds = 0.0
    private var lastAt: Instant?

    /// A place came free while somebody waited.
    mutating func placeFreed() { weight += 1 }

    /// Time passes; it counts, from `opensAt` on, while somebody waits and may enter.
    mutating func timePasses(until now: Instant, counts: Bool, opensAt: Instant) {
        guard let last = lastAt, last < now else {
            lastAt = lastAt ?? now
            return
        }
        lastAt = now
        if counts {
            let elapsed = Double((now - max(last, opensAt)).count) / 1_000_000
            forget(elapsed, memory: Self.memorySeconds, atLeast: weight > 0 ? min(1, Self.weightKept / weight) : 0)
            seconds += elapsed
        } else {
            forget(Double((now - last).count) / 1_000_000, memory: Self.idleMemorySeconds, atLeast: 0)
        }
    }

    private mutating func forget(_ elapsed: Double, memory: Double, atLeast: Double) {
        // exp(-x) by the start of its series: close enough for a memory, and the same on every platform.
        let x = elapsed / memory
        let kept = max(1 / (1 + x + x * x / 2), atLeast)
        weight *= kept
        seconds *= kept
    }

    /// The wait of somebody with `ahead` before them, seconds: low end, likeliest, high end.
    ///
    /// Nine of ten waits are in the range if places come free independently of each other: the wait for so many is then
    /// gamma distributed, and the rate is itself known from so many only (Wilson and Hilferty's approximation).
    func wait(ahead: Int) -> (min: UInt32, likely: UInt32, max: UInt32)? {
        guard weight >= Self.weightMin, seconds > 0 else { return nil }
        let turns = Double(ahead + 1)
        let likely = turns * seconds / weight
        let shape = 1 / (1 / turns + 1 / weight)
        let center = 1 - 1 / (9 * shape)
        let spread = 1.6 / (3 * shape.squareRoot())
        let low = max(0, center - spread)
        let high = center + spread
        return (
            bounded((likely * low * low * low).rounded(.down)), bounded(likely.rounded(.up)),
            bounded((likely * high * high * high).rounded(.up))
        )
    }

    private func bounded(_ value: Double) -> UInt32 { UInt32(min(max(value, 0), 30 * 86_400)) }
}
