import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

/// The estimated wait is measured or unknown, never made up (docs/domain.md, Queue).
@Suite("Estimated wait")
struct WaitEstimateTests {
    /// A full room of one, a line of `waiting`, and a place given up every `every` seconds by whoever is inside.
    private func moving(capacity: UInt32 = 1, waiting: Int, every: Int, turns: Int) -> Sale {
        var sale = Sale(capacity: capacity)
        sale.room(activeSeconds: 86_400)
        for number in 0..<(Int(capacity) + waiting) {
            sale.member("m\(number)")
            _ = sale.join("m\(number)")
        }
        for turn in 0..<turns {
            sale.wait(.seconds(every))
            _ = sale.leave("m\(turn)")
        }
        return sale
    }

    @Test("unknown before there is a measurement, known after a few")
    func unknownAtFirst() {
        for (turns, isKnown) in [(0, false), (1, false), (3, true)] {
            let sale = moving(waiting: 10, every: 20, turns: turns)
            #expect((sale.placeOf("m10").waitSeconds != nil) == isKnown, "after \(turns)")
        }
    }

    @Test("in a line that moves every 20 s, the range holds 20 s for each turn")
    func steady() {
        let sale = moving(waiting: 40, every: 20, turns: 20)
        for number in 21...40 {
            let place = sale.placeOf("m\(number)")
            let truth = UInt32(20 * (number - 20))
            #expect(place.waitSecondsMin! <= truth && truth <= place.waitSecondsMax!, "\(number): \(place)")
            #expect(place.waitSecondsMin! <= place.waitSeconds! && place.waitSeconds! <= place.waitSecondsMax!)
            #expect(place.waitSeconds! * 10 >= truth * 8 && place.waitSeconds! * 10 <= truth * 12)
        }
    }

    @Test("a slow room has an estimate too")
    func slow() {
        let place = moving(waiting: 8, every: 400, turns: 4).placeOf("m8")
        #expect(place.waitSecondsMin! <= 1_600 && 1_600 <= place.waitSecondsMax!)
    }

    @Test("unknown while paused, with no space at all, and before the opening")
    func notMoving() {
        var sale = moving(waiting: 10, every: 20, turns: 5)
        #expect(sale.placeOf("m9").waitSeconds != nil)
        sale.room(mode: .paused)
        #expect(sale.placeOf("m9").waitSeconds == nil)
        sale.room(mode: .open)
        #expect(sale.placeOf("m9").waitSeconds != nil)
        sale.room(capacity: 0)
        #expect(sale.placeOf("m9").waitSeconds == nil)
        sale.room(capacity: 1)
        _ = sale.importConcerts(Sale.draft(capacity: 1, now: sale.now, opensIn: 600))
        #expect(sale.placeOf("m9").reason == .notOpen)
        #expect(sale.placeOf("m9").waitSeconds == nil)
    }

    @Test("a pause does not count as time in which nobody was admitted")
    func pauseDoesNotCount() {
        var sale = moving(waiting: 20, every: 20, turns: 10)
        sale.room(mode: .paused)
        sale.wait(.seconds(600))
        sale.room(mode: .open)
        for turn in 10..<13 {
            sale.wait(.seconds(20))
            _ = sale.leave("m\(turn)")
        }
        let wait = sale.placeOf("m20").waitSeconds!
        #expect((100...220).contains(wait), "\(wait) for 8 turns of 20 s")
    }

    @Test("neither does time with nobody in line, nor the burst in which a room fills")
    func idleAndBurst() {
        var sale = Sale(capacity: 50)
        sale.room(activeSeconds: 86_400)
        for number in 0..<50 {
            sale.member("m\(number)")
            #expect(sale.join("m\(number)") == "active")
        }
        sale.wait(.seconds(3_600))
        for number in 50..<70 {
            sale.member("m\(number)")
            _ = sale.join("m\(number)")
        }
        sale.wait(.seconds(1))
        #expect(sale.placeOf("m69").waitSeconds == nil)
        for turn in 0..<10 {
            sale.wait(.seconds(20))
            _ = sale.leave("m\(turn)")
        }
        let wait = sale.placeOf("m69").waitSeconds!
        #expect((150...260).contains(wait), "\(wait) for 10 turns of 20 s")
        // A larger room lets ten in at once: that is not how fast it goes on.
        sale.room(capacity: 59)
        #expect((15...30).contains(sale.placeOf("m69").waitSeconds!), "\(sale.placeOf("m69"))")
    }

    @Test("nine of ten waits are in the range, when people take as long as they take", arguments: 1...3)
    func coverage(seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed))
        var rate = AdmissionRate()
        var now = Instant(seconds: 0)
        var opened = false
        var predictions: [(turn: Int, min: Int64, max: Int64, at: Instant)] = []
        var inside = 0
        var judged = 0
        for turn in 0..<4_000 {
            // Places come free independently of each other, one in 2 s on average.
            let gap = -2.0 * log(Double.random(in: 1e-9..<1, using: &generator))
            rate.timePasses(until: now, counts: opened, opensAt: .distantPast)
            opened = true
            now = now + Microseconds(Int64(gap * 1_000_000))
            rate.timePasses(until: now, counts: true, opensAt: .distantPast)
            rate.placeFreed()
            for prediction in predictions where prediction.turn == turn {
                let waited = (now - prediction.at).count
                judged += 1
                // What is told are whole seconds.
                if prediction.min * 1_000_000 <= waited && waited <= prediction.max * 1_000_000 { inside += 1 }
            }
            predictions.removeAll { $0.turn <= turn }
            let ahead = [0, 3, 20, 100][turn % 4]
            if turn > 200, let wait = rate.wait(ahead: ahead) {
                predictions.append((turn + ahead + 1, Int64(wait.min), Int64(wait.max), now))
            }
        }
        let share = Double(inside) / Double(judged)
        #expect(share > 0.85, "\(share) of \(judged)")
    }

    @Test("whatever the numbers, a wait is a number or unknown")
    func extremes() {
        var rate = AdmissionRate()
        #expect(rate.wait(ahead: 0) == nil)
        rate.timePasses(until: .distantPast, counts: true, opensAt: .distantPast)
        rate.placeFreed()
        rate.placeFreed()
        #expect(rate.wait(ahead: 0) == nil)
        rate.timePasses(until: .distantFuture, counts: true, opensAt: .distantPast)
        #expect(rate.wait(ahead: Int.max - 1)!.max == 30 * 86_400)
        rate.timePasses(until: .distantPast, counts: true, opensAt: .distantPast)
        rate.timePasses(until: .distantFuture, counts: false, opensAt: .distantPast)
    }
}

/// The natural logarithm, by halving and a series: tests of the engine bring no mathematics library.
private func log(_ value: Double) -> Double {
    var (value, halves) = (value, 0.0)
    while value < 0.75 {
        value *= 2
        halves += 1
    }
    let t = (value - 1) / (value + 1)
    var (term, sum, n) = (t, 0.0, 1.0)
    while n < 40 {
        sum += term / n
        term *= t * t
        n += 2
    }
    return 2 * sum - halves * 0.693_147_180_559_945_3
}
