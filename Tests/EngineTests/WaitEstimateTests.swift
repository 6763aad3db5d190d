import BoxOfficeProtocol
import Foundation
import Testing

@testable import BoxOfficeEngine

/// The estimated wait is measured or unknown, never made up (docs/domain.md, Estimated wait).
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

    @Test("where the pace alone decides it is known at once")
    func paced() {
        var sale = Sale(capacity: 100)
        sale.room(admissionsPerMinute: 6)
        for number in 0..<40 {
            sale.member("m\(number)")
            _ = sale.join("m\(number)")
        }
        for number in [1, 5, 39] {
            let place = sale.placeOf("m\(number)")
            let truth = UInt32(10 * number)
            #expect(place.waitSecondsMin! <= truth && truth <= place.waitSecondsMax!, "\(number): \(place)")
            #expect(place.waitSeconds! == truth, "\(number): \(place)")
        }
        // Who is out of reach of the free places waits for others to end, and of that nothing is known.
        sale.room(capacity: 30)
        #expect(sale.placeOf("m20").waitSeconds == 200)
        #expect(sale.placeOf("m35").waitSeconds == nil)
        sale.room(mode: .draining)
        #expect(sale.placeOf("m20").waitSeconds == nil)
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
        #expect((150...300).contains(wait), "\(wait) for 10 turns of 20 s")
        // A larger room lets ten in at once: that is not how fast it goes on.
        sale.room(capacity: 59)
        #expect((15...30).contains(sale.placeOf("m69").waitSeconds!), "\(sale.placeOf("m69"))")
    }

    @Test("a room made larger moves faster at once, one made smaller waits for those who are too many")
    func capacity() {
        var sale = moving(capacity: 4, waiting: 60, every: 10, turns: 20)
        let before = sale.placeOf("m60").waitSeconds!
        sale.room(capacity: 8)
        let ahead = Double(sale.placeOf("m60").ahead)
        // As each member stays for 40 s, eight places give one up every 5 s.
        let likely = Double(sale.placeOf("m60").waitSeconds!)
        #expect((4 * ahead...7 * ahead).contains(likely), "\(likely) for \(ahead) ahead, \(before) before")
        sale.room(capacity: 2)
        let fewer = Double(sale.placeOf("m60").waitSeconds!)
        #expect((15 * (ahead + 6)...25 * (ahead + 6)).contains(fewer), "\(fewer) for \(ahead) ahead and 6 too many")
    }

    @Test("whatever the numbers, a wait is a number or unknown")
    func extremes() {
        var flow = LineFlow()
        var outlook: RoomOutlook?
        func wait(ahead: Int, capacity: Int = 1, inside: Int = 1, paceSeconds: Double = 0) -> WaitRange? {
            WaitEstimate(
                flow: flow, outlook: outlook, returned: 0, capacity: capacity, inside: inside, paceSeconds: paceSeconds
            ).range(ahead: ahead)
        }
        #expect(wait(ahead: 0) == nil)
        flow.timePasses(until: .distantPast, waiting: 1, counts: true, opensAt: .distantPast)
        for _ in 0..<3 { flow.exited(enteredAt: .distantPast, at: .distantPast, capacity: 1) }
        #expect(wait(ahead: 0) == nil)
        flow.stays.entered(at: .distantPast)
        flow.timePasses(until: .distantFuture, waiting: .max, counts: true, opensAt: .distantPast)
        let limit = UInt32(30 * 86_400)
        for (free, turnSeconds) in [(0, 0), (.min, .max), (.max, 0), (-1, .max)] as [(Int, UInt32)] {
            outlook = flow.outlook(
                free: free, turnSeconds: turnSeconds, seats: [PerformanceID(1): 1], at: .distantFuture)
            for (ahead, capacity, inside) in [(Int.max, 1, Int.max), (0, .max, 0), (.max, .max, 0), (0, 1, 1)] {
                for _ in 0..<2 {
                    let told = wait(ahead: ahead, capacity: capacity, inside: inside, paceSeconds: 1)!
                    #expect(told.min <= told.likely && told.likely <= told.max && told.max <= limit, "\(told)")
                    for isPresent in [false, true] { flow.turnTaken(isPresent: isPresent) }
                    flow.left()
                }
            }
        }
        #expect(wait(ahead: 0, capacity: 0) == nil)
        flow.timePasses(until: .distantPast, waiting: 0, counts: true, opensAt: .distantPast)
        flow.timePasses(until: .distantFuture, waiting: 0, counts: false, opensAt: .distantPast)
    }

    @Test("the natural logarithm is the library's")
    func logarithm() {
        for value in [1, 1 + 1e-12, 1.5, 1.999, 2, 2.001, 10, 1e6, 1e300] {
            #expect(abs(naturalLogarithm(value) - log(value)) <= 1e-12 * max(1, log(value)), "\(value)")
        }
    }
}
