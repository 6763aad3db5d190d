/// How far the orders of a shuffle over 10,000 seeds are from all being as likely: chi-squared statistics.
///
/// A correct shuffle exceeds each of the critical values once in 10,000 sets of seeds. The seeds are always the same, so
/// a test that passes once always does.
struct Uniformity {
    /// A shuffle: the rank of each of `count` tickets, made from a generator in a state of its own.
    typealias Shuffle = @Sendable (_ seed: inout SplitMix, _ count: Int) -> [Int]

    static let seeds = 10_000

    /// Where each of 8 tickets goes: 64 cells. Each row and each column has a known sum, which leaves (8 − 1)² = 49
    /// degrees of freedom, once the statistic is scaled with 7/8.
    let cells: Double
    static let cellsCritical = 94.597
    /// The order of all of 4 tickets: 24 orders, 23 degrees of freedom.
    let orders: Double
    static let ordersCritical = 57.075
    /// Where two tickets of 8 go together, for the worst of the 28 pairs: 56 cells, 55 degrees of freedom.
    let pairs: Double
    static let pairsCritical = 102.776

    init(of shuffle: Shuffle) {
        var eight = Counts(of: 8)
        var orders: [[Int]: Int] = [:]
        var generator = SplitMix(seed: 2_027)
        for _ in 0..<Self.seeds {
            eight.add(shuffle(&generator, 8))
            orders[shuffle(&generator, 4), default: 0] += 1
        }
        cells = Self.chiSquared(eight.cells, of: 64) * 7 / 8
        pairs = eight.pairs.map { Self.chiSquared($0.filter { $0 > 0 }, of: 56) }.max() ?? 0
        self.orders = Self.chiSquared(Array(orders.values), of: 24)
    }

    /// The sum over all `kinds` of (observed − expected)² / expected. Kinds that are not among the counts never occurred.
    private static func chiSquared(_ counts: [Int], of kinds: Int) -> Double {
        let expected = Double(counts.reduce(0, +)) / Double(kinds)
        let missing = Double(kinds - counts.count) * expected
        return counts.reduce(missing) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    }

    /// The names of the statistics that are above their critical value.
    var failures: [String] {
        [
            ("cells", cells, Self.cellsCritical), ("orders", orders, Self.ordersCritical),
            ("pairs", pairs, Self.pairsCritical),
        ].filter { $0.1 > $0.2 }.map(\.0)
    }

    /// How often each ticket got each rank, and each pair of tickets each pair of ranks.
    private struct Counts {
        let count: Int
        var cells: [Int]
        var pairs: [[Int]]

        init(of count: Int) {
            self.count = count
            cells = Array(repeating: 0, count: count * count)
            pairs = Array(repeating: cells, count: count * (count - 1) / 2)
        }

        mutating func add(_ ranks: [Int]) {
            var pair = 0
            for ticket in 0..<count {
                cells[ticket * count + ranks[ticket]] += 1
                for other in 0..<ticket {
                    pairs[pair][ranks[ticket] * count + ranks[other]] += 1
                    pair += 1
                }
            }
        }
    }
}
