import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

@Suite("Line")
struct LineTests {
    /// A line as one would write it without caring for speed.
    private struct Model {
        var waiting: [(rank: UInt64, token: UInt64)] = []
        func position(_ rank: UInt64) -> Int { waiting.firstIndex { $0.rank == rank }! + 1 }
    }

    @Test("positions are those of a plain list, through growth, removals and closing up", arguments: 1...12)
    func againstModel(seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed))
        var line = Line()
        var model = Model()
        var nextRank: UInt64 = 1
        // Phases: mostly joining, mostly leaving, mostly from the front, with gaps between ranks.
        for phase in 0..<12 {
            for _ in 0..<400 {
                if Int.random(in: 0..<10, using: &generator) < (phase.isMultiple(of: 2) ? 8 : 2) {
                    nextRank += UInt64.random(in: 1...3, using: &generator)
                    line.insert(TokenID(nextRank + 1_000), rank: nextRank)
                    model.waiting.append((nextRank, nextRank + 1_000))
                } else if !model.waiting.isEmpty {
                    let front = phase % 3 == 0
                    let index = front ? 0 : Int.random(in: model.waiting.indices, using: &generator)
                    line.remove(rank: model.waiting[index].rank)
                    model.waiting.remove(at: index)
                }
                #expect(line.count == model.waiting.count)
                #expect(line.first?.rank == model.waiting.first?.rank)
                #expect(line.first?.token.rawValue == model.waiting.first?.token)
                if let one = model.waiting.randomElement(using: &generator) {
                    #expect(line.position(rank: one.rank) == model.position(one.rank))
                }
            }
            for (index, one) in model.waiting.enumerated() { #expect(line.position(rank: one.rank) == index + 1) }
        }
    }

    @Test("any order of ranks makes the same line")
    func anyOrder() {
        var generator = SeededGenerator(state: 7)
        let ranks = (1...300).map { UInt64($0 * 3) }
        var line = Line()
        for rank in ranks.shuffled(using: &generator) { line.insert(TokenID(rank), rank: rank) }
        for (index, rank) in ranks.enumerated() { #expect(line.position(rank: rank) == index + 1) }
        for rank in ranks {
            #expect(line.first?.rank == rank)
            line.remove(rank: rank)
        }
        #expect(line.first == nil)
    }

    @Test("joining and leaving for ever takes no memory: one who waits at the front does not keep all behind alive")
    func bounded() {
        var line = Line()
        line.insert(TokenID(1), rank: 1)
        for rank in UInt64(2)...20_000 {
            line.insert(TokenID(rank), rank: rank)
            line.remove(rank: rank)
        }
        #expect(line.count == 1)
        #expect(line.position(rank: 1) == 1)
        #expect(line.slotCount < 200)
    }
}

@Suite("Deadlines")
struct DeadlinesTests {
    private func kind(_ number: Int) -> Deadlines.Kind { .sessionEnd(SessionID(UInt64(number))) }

    @Test("the earliest comes first, those of one instant in the order in which they were made")
    func order() {
        var deadlines = Deadlines()
        for (number, at) in [(1, 30), (2, 10), (3, 20), (4, 10), (5, 20)] {
            deadlines.set(kind(number), at: Instant(Int64(at)))
        }
        #expect(deadlines.next == Instant(10))
        #expect(deadlines.popDue(at: Instant(9)) == nil)
        var popped: [Deadlines.Kind] = []
        while let due = deadlines.popDue(at: Instant(20)) { popped.append(due) }
        #expect(popped == [2, 4, 3, 5].map(kind))
        #expect(deadlines.next == Instant(30))
    }

    @Test("what was moved or taken back does not come, nor does it count as the next")
    func movedAndCancelled() {
        var deadlines = Deadlines()
        deadlines.set(kind(1), at: Instant(10))
        deadlines.set(kind(2), at: Instant(20))
        deadlines.set(kind(1), at: Instant(30))
        #expect(deadlines.next == Instant(20))
        deadlines.cancel(kind(2))
        deadlines.cancel(kind(9))
        #expect(deadlines.next == Instant(30))
        deadlines.set(kind(1), at: Instant(5))
        #expect(deadlines.popDue(at: Instant(40)) == kind(1))
        #expect(deadlines.popDue(at: Instant(40)) == nil)
        #expect(deadlines.next == nil)
    }

    @Test("as a plain table, whatever is set, taken back and popped", arguments: 1...5)
    func againstModel(seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed))
        var deadlines = Deadlines()
        var model: [Int: Instant] = [:]
        for step in 0..<5_000 {
            let number = Int.random(in: 0..<50, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                let at = Instant(Int64(step + Int.random(in: 0..<500, using: &generator)))
                deadlines.set(kind(number), at: at)
                model[number] = at
            case 2:
                deadlines.cancel(kind(number))
                model[number] = nil
            default:
                var popped: Set<Deadlines.Kind> = []
                while let due = deadlines.popDue(at: Instant(Int64(step))) { popped.insert(due) }
                let due = model.filter { $0.value <= Instant(Int64(step)) }.keys
                #expect(popped == Set(due.map(kind)))
                for number in due { model[number] = nil }
            }
            #expect(deadlines.next == model.values.min())
            #expect(deadlines.count == model.count)
            #expect(deadlines.heapCount <= 2 * model.count + 64)
        }
    }
}
