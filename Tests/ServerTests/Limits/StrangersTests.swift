import BoxOfficeProtocol
import Testing

@testable import BoxOfficeServer

/// Who goes when too many ask for nothing.
@Suite struct StrangersTests {
    /// Draws that a test can repeat.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private static func instant(_ second: Int) -> Instant { Instant(Int64(second) * 1_000_000) }

    @Test(arguments: [(1, 1), (7, 7), (0, 4), (256, 512)])
    func thereAreNeverMoreThanTheMost(_ from: Int, _ most: Int) {
        var dice = Dice(state: 1)
        var strangers = Strangers<Int>(from: from, most: most)
        var dropped = 0
        for number in 1...3_000 {
            let goes = strangers.came(UInt64(number), number, at: Self.instant(number), using: &dice)
            if goes != nil { dropped += 1 }
            if number <= from { #expect(goes == nil, "up to \(from) nobody goes") }
            #expect(strangers.count <= most && strangers.count == number - dropped)
        }
    }

    /// At most−1 and at most there is a chance, one above it is certain.
    @Test func theChanceGrowsFromNothingToCertainty() {
        var dice = Dice(state: 2)
        var dropped: [Int: Int] = [:]
        for _ in 0..<2_000 {
            for count in [4, 5, 8, 11, 12] {
                // 4 to 12: nobody goes for the fourth, always somebody for the thirteenth.
                var strangers = Strangers<Int>(from: 4, most: 12)
                var number = 0
                while strangers.count < count - 1 {
                    number += 1
                    _ = strangers.came(UInt64(number), number, at: Self.instant(0), using: &dice)
                }
                if strangers.came(99, 99, at: Self.instant(1), using: &dice) != nil { dropped[count, default: 0] += 1 }
            }
        }
        #expect(dropped[4] == nil)
        let chances = [5, 8, 11, 12].map { Double(dropped[$0] ?? 0) / 2_000 }
        for (chance, expected) in zip(chances, [1.0 / 9, 4.0 / 9, 7.0 / 9, 8.0 / 9]) {
            #expect(abs(chance - expected) < 0.06, "\(chances)")
        }
    }

    @Test func whoHasBeenSilentForLongGoesFirst() {
        var dice = Dice(state: 3)
        var strangers = Strangers<Int>(from: 100, most: 100)
        for number in 0..<100 { _ = strangers.came(UInt64(number), number, at: Self.instant(number), using: &dice) }
        var ages: [Int] = []
        for number in 100..<1_100 {
            let goes = strangers.came(UInt64(number), number, at: Self.instant(number), using: &dice)
            ages.append(number - goes!)
        }
        // Who came in the last tenth is drawn twice in a row a hundredth of the time; the old half goes at three in four.
        #expect(ages.count { $0 <= 10 } < 60, "\(ages.count { $0 <= 10 })")
        #expect(ages.reduce(0, +) / ages.count > 60)
    }

    @Test func whoAsksForSomethingIsForgotten() {
        var dice = Dice(state: 4)
        var strangers = Strangers<Int>(from: 2, most: 2)
        for number in 0..<1_000 {
            #expect(strangers.came(UInt64(number), number, at: Self.instant(number), using: &dice) == nil)
            strangers.remove(UInt64(number))
            strangers.remove(UInt64(number))
            #expect(strangers.count == 0)
        }
        for number in 0..<3 { _ = strangers.came(UInt64(number), number, at: Self.instant(number), using: &dice) }
        #expect(strangers.count == 2)
    }
}
