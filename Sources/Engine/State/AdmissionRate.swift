import BoxOfficeProtocol

/// How fast a line moves: admissions out of the line and the time in which there was one, both forgotten exponentially
/// with a half-life of about 80 s. Nothing is known before the first few: no number is made up.
struct AdmissionRate: Sendable {
    private static let memorySeconds = 120.0
    /// Admissions that must be remembered before a wait is told.
    private static let weightMin = 2.0

    private var weight = 0.0
    private var seconds = 0.0
    private var lastAt: Instant?

    /// Somebody was admitted from the line.
    mutating func admitted(at now: Instant, lineWasMoving: Bool) {
        timePasses(until: now, counts: lineWasMoving)
        weight += 1
    }

    /// Time passes; it counts while somebody waits and the room is open.
    mutating func timePasses(until now: Instant, counts: Bool) {
        defer { lastAt = now }
        guard let lastAt, now > lastAt else { return }
        let elapsed = Double((now - lastAt).count) / 1_000_000
        guard counts else { return }
        // exp(-x) by the start of its series: close enough for a memory, and the same on every platform.
        let x = elapsed / Self.memorySeconds
        let kept = 1 / (1 + x + x * x / 2)
        weight *= kept
        seconds = seconds * kept + elapsed
    }

    /// The wait of somebody with `ahead` before them, seconds: low end, likeliest, high end. The range is 1.6 standard
    /// deviations of a Poisson line whose rate is itself known from so many admissions only.
    func wait(ahead: Int) -> (min: UInt32, likely: UInt32, max: UInt32)? {
        guard weight >= Self.weightMin, seconds > 0 else { return nil }
        let turns = Double(ahead + 1)
        let likely = turns * seconds / weight
        let spread = 1.6 * (1 / weight + 1 / turns).squareRoot()
        func bounded(_ value: Double) -> UInt32 { UInt32(min(max(value, 0), 30 * 86_400)) }
        return (
            bounded(likely / (1 + spread)), bounded(likely.rounded(.up)), bounded((likely * (1 + spread)).rounded(.up))
        )
    }
}
