import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

@Suite("Line")
struct LineTests {
    /// A line as one would write it without caring for speed: ranks in order, a token's number made of its rank.
    private struct Plain {
        var ranks: [UInt64] = []

        mutating func insert(_ rank: UInt64) { ranks.insert(rank, at: ranks.firstIndex { $0 > rank } ?? ranks.count) }
    }

    private static func token(_ rank: UInt64) -> TokenID { TokenID(rank &* 7 + 1) }

    private static func line(_ ranks: [UInt64]) -> Line { Line(ranks.map { ($0, token($0)) }) }

    /// Everything that can be asked.
    private func expectSame(_ line: Line, _ plain: Plain) {
        #expect(line.count == plain.ranks.count)
        #expect(line.first?.rank == plain.ranks.first)
        #expect(line.members.map(\.rank) == plain.ranks)
        #expect(line.members.map(\.token) == plain.ranks.map(Self.token))
        #expect(plain.ranks.map { line.position(rank: $0) } == Array(1..<(plain.ranks.count + 1)))
    }

    /// What happens to a line, and how often of ten times.
    private struct Habit {
        let name: String
        var joins = 0
        var leaves = 0
        var admissions = 0
        var anywhere = 0
        var gap: ClosedRange<UInt64> = 1...1
    }

    private static let habits = [
        Habit(name: "the room fills", joins: 8, leaves: 1, admissions: 1),
        Habit(name: "ranks with gaps", joins: 8, leaves: 2, gap: 1...90),
        Habit(name: "most leave from the middle", joins: 1, leaves: 9),
        Habit(name: "the sale is open", joins: 5, admissions: 5),
        Habit(name: "some come back to where they were", joins: 3, leaves: 3, admissions: 1, anywhere: 3),
        Habit(name: "ranks far apart", joins: 4, leaves: 3, anywhere: 3, gap: 1...100_000),
        Habit(name: "the sale is about to end", joins: 1, leaves: 1, admissions: 8),
    ]

    @Test("is as a plain list, whatever happens", arguments: 1...12)
    func againstPlain(seed: Int) throws {
        var generator = SeededGenerator(state: UInt64(seed))
        var line = Line()
        var plain = Plain()
        var next: UInt64 = 0
        for _ in 0..<24 {
            let habit = Self.habits.randomElement(using: &generator)!
            for _ in 0..<300 {
                var dice = Int.random(in: 0..<10, using: &generator)
                if dice < habit.joins {
                    next += UInt64.random(in: habit.gap, using: &generator)
                    line.insert(Self.token(next), rank: next)
                    plain.insert(next)
                    continue
                }
                dice -= habit.joins
                if dice < habit.leaves {
                    guard let rank = plain.ranks.randomElement(using: &generator) else { continue }
                    line.remove(rank: rank)
                    plain.ranks.removeAll { $0 == rank }
                } else if dice < habit.leaves + habit.admissions {
                    let first = line.removeFirst()
                    #expect(first?.rank == plain.ranks.first)
                    #expect(first?.token == plain.ranks.first.map(Self.token))
                    plain.ranks = Array(plain.ranks.dropFirst())
                } else {
                    let rank = UInt64.random(in: 0...next, using: &generator)
                    #expect(line.contains(rank: rank) == plain.ranks.contains(rank))
                    guard !plain.ranks.contains(rank) else { continue }
                    line.insert(Self.token(rank), rank: rank)
                    plain.insert(rank)
                }
                #expect(line.count == plain.ranks.count, "\(habit.name)")
                #expect(line.first?.rank == plain.ranks.first, "\(habit.name)")
                guard let index = plain.ranks.indices.randomElement(using: &generator) else { continue }
                #expect(line.position(rank: plain.ranks[index]) == index + 1, "\(habit.name)")
            }
            expectSame(line, plain)
            #expect(line.bytes <= 1_000 * line.count + 10_000, "\(habit.name)")
            // Now and then it is made anew from what is in it, in no order.
            if Int.random(in: 0..<3, using: &generator) == 0 {
                line = Self.line(plain.ranks.shuffled(using: &generator))
                expectSame(line, plain)
            }
        }
    }

    private struct Shape: CustomTestStringConvertible {
        let testDescription: String
        let ranks: [UInt64]
        init(_ name: String, _ ranks: some Sequence<UInt64>) { (testDescription, self.ranks) = (name, Array(ranks)) }
    }

    private static let shapes = [
        Shape("one", [5]), Shape("one chunk", 64..<128), Shape("all from 0", 0..<5_000),
        Shape("from later on", 70_001..<72_000), Shape("every third", stride(from: 1, to: 900, by: 3)),
        Shape("one of a chunk", stride(from: 63, to: 20_000, by: 64)),
        Shape("far apart", stride(from: 0, to: 300_000_000, by: 1_000_003)),
        Shape("the last that there are", (0..<100).map { UInt64.max - $0 * $0 }.reversed()),
        Shape("two heaps", Array(0..<500) + Array(1_000_000..<1_000_500)),
    ]

    @Test("any order of ranks makes the same line, put in one by one or at once", arguments: shapes)
    private func anyOrder(shape: Shape) {
        let ranks = shape.ranks
        var generator = SeededGenerator(state: 7)
        let plain = Plain(ranks: ranks)
        for order in [ranks, ranks.reversed(), ranks.shuffled(using: &generator)] {
            var line = Line()
            for rank in order { line.insert(Self.token(rank), rank: rank) }
            expectSame(line, plain)
            expectSame(Self.line(order), plain)
            for rank in ranks { #expect(line.removeFirst()?.rank == rank) }
            #expect(line.removeFirst() == nil)
        }
    }

    @Test("nobody waits")
    func empty() {
        var line = Self.line([])
        #expect(line.first == nil)
        #expect(line.removeFirst() == nil)
        #expect(!line.contains(rank: 0))
        #expect(Array(line.members.map(\.rank)).isEmpty)
        for rank in [3, 2, 900, 0] as [UInt64] {
            line.insert(Self.token(rank), rank: rank)
            expectSame(line, Plain(ranks: [rank]))
            line.remove(rank: rank)
            expectSame(line, Plain())
        }
    }

    @Test("memory follows those who wait, however many have come and gone")
    func memory() {
        // The first one stays, and everybody else comes and goes.
        var line = Line()
        line.insert(Self.token(0), rank: 0)
        for rank in 1...200_000 as ClosedRange<UInt64> {
            line.insert(Self.token(rank), rank: rank)
            line.remove(rank: rank)
        }
        expectSame(line, Plain(ranks: [0]))
        #expect(line.bytes < 10_000)

        // A thousand wait at any time, and all get their turn.
        line = Self.line(Array(0..<1_000))
        for rank in 1_000..<200_000 as Range<UInt64> {
            line.insert(Self.token(rank), rank: rank)
            #expect(line.removeFirst()?.rank == rank - 1_000)
        }
        expectSame(line, Plain(ranks: Array(199_000..<200_000)))
        #expect(line.bytes < 40_000)

        // All leave but one of a thousand; then these too.
        let ranks = Array(0..<100_000 as Range<UInt64>)
        line = Self.line(ranks)
        #expect(line.bytes < 12 * line.count)
        for rank in ranks where rank % 1_000 != 500 { line.remove(rank: rank) }
        expectSame(line, Plain(ranks: ranks.filter { $0 % 1_000 == 500 }))
        #expect(line.bytes < 100 * 1_000)
        while line.removeFirst() != nil {}
        #expect(line.bytes < 10_000)
    }

    @Test("a room with space: who joins an empty line and is admitted at once takes no memory anew")
    func emptyLine() {
        var line = Self.line([0])
        _ = line.removeFirst()
        let before = line.addresses
        for rank in 1..<60 as Range<UInt64> {
            line.insert(Self.token(rank), rank: rank)
            #expect(line.removeFirst()?.rank == rank)
            #expect(line.addresses == before)
        }
    }

    @Test("who goes through a line sees it as it was")
    func membersAreAValue() {
        var line = Self.line(Array(0..<200))
        var seen: [UInt64] = []
        for member in line.members {
            seen.append(member.rank)
            _ = line.removeFirst()
        }
        #expect(seen == Array(0..<200))
        #expect(line.count == 0)
    }
}
