import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

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

    @Test("things of one number that become due in different ways are kept apart")
    func kinds() {
        let (hold, token, concert) = (ReservationID(7), TokenID(7), ConcertID(7))
        let kinds: [Deadlines.Kind] = [
            .holdEnding(hold), .holdExpiry(hold), .activeEnding(token), .activeExpiry(token), .lifeSign(token),
            .callExpiry(token), .idleExpiry(token), .roomOpening(concert), .admission(concert), .saleClosing(concert),
            .sessionEnd(SessionID(7)), .housekeeping,
        ]
        var all = Deadlines()
        for (at, kind) in kinds.enumerated() { all.set(kind, at: Instant(Int64(at))) }
        #expect(all.count == kinds.count)
        for (index, kind) in kinds.enumerated() {
            var deadlines = all
            deadlines.cancel(kind)
            #expect(deadlines.count == kinds.count - 1)
            var others = kinds
            others.remove(at: index)
            var popped: [Deadlines.Kind] = []
            while let due = deadlines.popDue(at: Instant(100)) { popped.append(due) }
            #expect(popped == others)
            #expect(deadlines.count == 0)
        }
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
