import BoxOfficeProtocol
import Testing

/// The draw is fair: every order is as likely as any other (spec/draw.md).
@Suite struct DrawTests {
    static func draw(_ seed: inout SplitMix, _ count: Int) -> [Int] {
        let order = DrawOrder(seed: DrawSeed(seed.bytes32()), tickets: UInt64(count))
        return (0..<UInt64(count)).map { Int(order.rank(of: $0)) }
    }

    @Test func `every order is as likely as any other`() {
        let found = Uniformity(of: Self.draw)
        #expect(found.cells < Uniformity.cellsCritical, "ranks of 8 tickets")
        #expect(found.orders < Uniformity.ordersCritical, "orders of 4 tickets")
        #expect(found.pairs < Uniformity.pairsCritical, "ranks of two of 8 tickets")
    }

    /// Shuffles that go wrong as shuffles do. The check above must tell them from a fair one, or it checks nothing.
    static let biased: [(String, Uniformity.Shuffle)] = [
        (
            "any of all instead of those not placed yet",
            { seed, count in
                shuffled(count, downTo: 0) { _ in Int(seed.next() % UInt64(count)) }
            }
        ),
        ("no ticket may stay", { seed, count in shuffled(count) { Int(seed.next() % UInt64($0 - 1)) } }),
        (
            "the last, incomplete round of a small number is not passed over",
            { seed, count in shuffled(count) { Int((seed.next() >> 60) % UInt64($0)) } }
        ),
        (
            "one number for all",
            { seed, count in
                let number = seed.next()
                return shuffled(count) { Int(number % UInt64($0)) }
            }
        ),
        ("the order of joining", { _, count in Array(0..<count) }),
    ]

    @Test(arguments: biased.indices) func `the check finds a biased shuffle`(_ index: Int) {
        let (name, shuffle) = Self.biased[index]
        #expect(!Uniformity(of: shuffle).failures.isEmpty, "\(name)")
    }

    /// And a fair one of another making passes it.
    @Test func `the check finds nothing in a fair shuffle`() {
        let fair = Uniformity { seed, count in Self.shuffled(count) { Int.random(in: 0..<$0, using: &seed) } }
        #expect(fair.failures.isEmpty, "\(fair)")
    }

    /// Swaps from the top; `pick` gets how many are not placed yet.
    private static func shuffled(_ count: Int, downTo last: Int = 1, pick: (Int) -> Int) -> [Int] {
        var order = Array(0..<count)
        for index in stride(from: count - 1, through: last, by: -1) { order.swapAt(index, pick(index + 1)) }
        return order
    }

    @Test func `every ticket gets a rank of its own`() {
        var seed = SplitMix(seed: 7)
        for count in Array(0...200) + [255, 256, 257, 1_000, 4_097, 65_537] {
            #expect(Self.draw(&seed, count).sorted() == Array(0..<count), "\(count) tickets")
        }
    }

    @Test func `another seed or another number of tickets is another order`() {
        let seed = DrawSeed(Bytes32(first: Bytes16(high: 1, low: 2), second: Bytes16(high: 3, low: 4)))
        let order = DrawOrder(seed: seed, tickets: 100)
        #expect(order == DrawOrder(seed: seed, tickets: 100))
        var other = SplitMix(seed: 8)
        #expect(order != DrawOrder(seed: DrawSeed(other.bytes32()), tickets: 100))
        let more = DrawOrder(seed: seed, tickets: 101)
        let moved = (0..<UInt64(100)).count { order.rank(of: $0) != more.rank(of: $0) }
        #expect(moved > 50, "one ticket more moves nearly everybody")
    }
}

extension SplitMix {
    fileprivate mutating func bytes32() -> Bytes32 {
        Bytes32(first: Bytes16(high: next(), low: next()), second: Bytes16(high: next(), low: next()))
    }
}
