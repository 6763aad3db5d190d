import Testing

/// What is told halfway is mostly right, in sales of which we know what moves them (docs/domain.md, Estimated wait).
@Suite("Estimated wait in simulated sales")
struct WaitCoverageTests {
    private static let seeds = 1...4

    /// How wide the range is at most, in the median: as a share of the likeliest.
    private static let crowds: [(Crowd, width: Double)] = [
        (Crowd(name: "small room", capacity: 4, members: 150, atOnce: 100, secondsBetweenArrivals: 30), 1.2),
        (Crowd(name: "large room", capacity: 150, members: 800, atOnce: 600, secondsBetweenArrivals: 1), 0.9),
        (Crowd(name: "buying takes any time at all", capacity: 30, atOnce: 250, buyingSpread: 1), 1.1),
        (Crowd(name: "idle members", idle: 0.25), 1.0),
        (Crowd(name: "idle members, limited", idle: 0.25, idleSeconds: 180), 1.0),
        (
            Crowd(
                name: "a rush, and some leave without a word", capacity: 100, members: 1_500, atOnce: 1_400,
                secondsBetweenArrivals: 0.2, buyingSeconds: 12, buyingSpread: 0.5, idle: 0.05), 0.8
        ),
        (Crowd(name: "the seats run out", capacity: 50, members: 600, atOnce: 600, seats: 250), 1.3),
        (Crowd(name: "absent members", absent: 0.3), 1.3),
        (Crowd(name: "absent members in groups", capacity: 30, members: 400, absent: 0.3, groupsOf: 8), 2.4),
        (Crowd(name: "leavers", leavers: 0.5), 1.0),
        (Crowd(name: "a pace, and space to spare", capacity: 100, admissionsPerMinute: 20), 0.3),
        (
            Crowd(
                name: "a pace, absent members and leavers", capacity: 100, members: 400, absent: 0.3, leavers: 0.3,
                admissionsPerMinute: 20), 0.8
        ),
        (Crowd(name: "a pace, and the room full", capacity: 30, members: 400, admissionsPerMinute: 30), 1.0),
        (
            Crowd(
                name: "capacity raised midway", members: 500, atOnce: 60, secondsBetweenArrivals: 5,
                capacities: [(1_000, 30)]), 1.0
        ),
        (
            Crowd(
                name: "capacity lowered midway", capacity: 30, members: 500, atOnce: 60, secondsBetweenArrivals: 5,
                capacities: [(1_000, 20)]), 1.2
        ),
        (Crowd(name: "buying gets slower", slowdown: 1.6), 1.0),
        (Crowd(name: "pauses", pauses: [(300, 60), (900, 120)]), 1.0),
        (
            Crowd(
                name: "all of it", capacity: 30, members: 400, atOnce: 150, secondsBetweenArrivals: 5, slowdown: 1.3,
                idle: 0.15, idleSeconds: 240, absent: 0.25, groupsOf: 5, leavers: 0.3, admissionsPerMinute: 40,
                capacities: [(900, 40)], pauses: [(600, 60)]), 1.8
        ),
    ]

    @Test("four of five waits end within the range told halfway, and the range says something", arguments: crowds)
    func coverage(crowd: Crowd, width: Double) {
        let waits = SimulatedSale.waits(of: crowd, seeds: Self.seeds)
        let told = waits.compactMap { wait in wait.told.map { (wait.remaining, $0) } }
        let inside = told.filter { $1.min <= $0 && $0 <= $1.max }
        let widths = told.map { ($1.max - $1.min) / max(1, $1.likely) }.sorted()
        #expect(told.count * 10 >= waits.count * 8, "\(told.count) of \(waits.count) were told a range")
        #expect(inside.count * 10 >= told.count * 8, "\(inside.count) of \(told.count) ended in it")
        #expect(widths[widths.count / 2] <= width, "as wide as \(widths[widths.count / 2]) of the likeliest")
    }
}
