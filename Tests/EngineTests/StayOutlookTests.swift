import BoxOfficeProtocol
import Foundation
import Testing

@testable import BoxOfficeEngine

/// When places will be free, of stays of which we know how long they last (docs/domain.md, Estimated wait).
@Suite("Outlook of a room")
struct StayOutlookTests {
    private static let start = Instant(1_800_000_000_000_000)

    private func instant(_ seconds: Double) -> Instant { Self.start + Microseconds(Int64(seconds * 1_000_000)) }

    /// `count` stays, one beginning each second, each as long as `lasting` says.
    private func stays(_ count: Int, lasting seconds: (Int) -> Double) -> Stays {
        var stays = Stays()
        stays.look(at: Self.start)
        var events: [(at: Double, begin: Double?)] = []
        for number in 0..<count {
            events.append((Double(number), nil))
            events.append((Double(number) + seconds(number), Double(number)))
        }
        var last = 0.0
        for event in events.sorted(by: { $0.at < $1.at }) {
            stays.counts(event.at - last)
            last = event.at
            if let begin = event.begin {
                stays.ended(enteredAt: instant(begin), at: instant(event.at))
                stays.left(enteredAt: instant(begin))
            } else {
                stays.entered(at: instant(event.at))
            }
            stays.look(at: instant(event.at))
        }
        return stays
    }

    private func outlook(
        of stays: Stays, turnSeconds: Double = 3_600, inside: [(Double, Double)], free: Double = 0, isLate: Bool = false
    ) -> StayOutlook {
        StayOutlook(
            Survival(stays, turnSeconds: turnSeconds, isLate: isLate),
            groups: inside.map { StayGroup(count: $0.0, stay: $0.1) }, free: free, firstStay: 20)
    }

    @Test("places that are each taken for 20 s on average are free as often")
    func steady() {
        var generator = SeededGenerator(state: 1)
        let stays = stays(4_000) { _ in generator.exponential(mean: 20) }
        let outlook = outlook(of: stays, inside: [(100, 10)])
        for ends in [10.0, 100, 1_000, 10_000] {
            let seconds = outlook.wait(forEnds: ends).seconds
            #expect(abs(seconds / (ends * 20 / 100) - 1) < 0.15, "\(ends) ends in \(seconds) s")
            #expect(abs(outlook.wait(forEnds: ends).each / 0.2 - 1) < 0.25, "\(ends)")
        }
    }

    @Test("who has been inside for 15 of 20 s goes in 5, and who begins in 20")
    func age() {
        let stays = stays(500) { _ in 20 }
        let old = outlook(of: stays, inside: [(100, 15)]).wait(forEnds: 50).seconds
        let new = outlook(of: stays, inside: [(100, 0)]).wait(forEnds: 50).seconds
        #expect((2...8).contains(old), "\(old)")
        #expect((17...23).contains(new), "\(new)")
    }

    @Test("places of those who have gone without a word do not turn over, and become more")
    func withoutAWord() {
        var generator = SeededGenerator(state: 2)
        let share = 0.1
        let stays = stays(4_000) { _ in
            generator.happens(share) ? 100_000 : generator.exponential(mean: 10)
        }
        // 40 of a hundred places are taken for good. Of those whose owner has been there for 5 s, most turn over, and with
        // each end a tenth of one no longer does.
        let quick = (1 - share) * exp(-0.5)
        let turning = 60 * quick / (quick + share)
        let outlook = outlook(of: stays, turnSeconds: 86_400, inside: [(60, 5), (40, 2_000)])
        for ends in [30.0, 120, 300, 450] {
            let expected = 10 / share * naturalLogarithm(1 / (1 - share * ends / turning))
            let seconds = outlook.wait(forEnds: ends).seconds
            #expect(abs(seconds / expected - 1) < 0.25, "\(ends) ends in \(seconds) s, not \(expected)")
        }
    }

    @Test("a turn that is over frees its place")
    func turnIsOver() {
        let stays = stays(400) { $0 % 2 == 0 ? 10 : 600 }
        let outlook = outlook(of: stays, turnSeconds: 600, inside: [(10, 300)])
        #expect((200...400).contains(outlook.wait(forEnds: 5).seconds), "\(outlook.wait(forEnds: 5))")
    }

    @Test("free places are taken at once, and as many as are too many are not taken again")
    func capacity() {
        var generator = SeededGenerator(state: 3)
        let stays = stays(4_000) { _ in generator.exponential(mean: 20) }
        let larger = outlook(of: stays, inside: [(50, 10)], free: 50).wait(forEnds: 1_000).seconds
        let smaller = outlook(of: stays, inside: [(100, 10)], free: -50).wait(forEnds: 1_050).seconds
        #expect(abs(larger / 200 - 1) < 0.15, "\(larger)")
        // Fifty go in 20 s · ln 2, and then fifty places turn over.
        #expect(abs(smaller / (13.9 + 400) - 1) < 0.15, "\(smaller)")
    }

    @Test("an age that nobody has reached makes the late outlook later, and one that many have does not")
    func unknown() {
        var generator = SeededGenerator(state: 4)
        let known = stays(4_000) { _ in generator.exponential(mean: 20) }
        let opening = stays(40) { _ in 3 }
        for (stays, apart) in [(known, 1...1.2), (opening, 1.2...10)] {
            let likely = outlook(of: stays, inside: [(100, 30)]).wait(forEnds: 200).seconds
            let late = outlook(of: stays, inside: [(100, 30)], isLate: true).wait(forEnds: 200).seconds
            #expect(apart.contains(late / likely), "\(late) and \(likely)")
        }
    }

    @Test("who is inside is known by how long, and no longer when they have left")
    func inside() {
        var stays = Stays()
        for seconds in [0.0, 3, 3.1, 100] { stays.entered(at: instant(seconds)) }
        stays.left(enteredAt: instant(3.1))
        let groups = stays.insideByAge(at: instant(104))
        #expect(groups.map(\.count) == [1, 2])
        #expect(groups.map(\.stay) == [4, 102.5])
    }

    @Test("time counts for those inside as far as it counts, and once")
    func counted() {
        var stays = Stays()
        stays.look(at: Self.start)
        stays.entered(at: instant(0))
        stays.entered(at: instant(10))
        // Half of the first 20 s count: 15 of two members' 30 s. The other 4 s do not.
        stays.counts(10)
        stays.look(at: instant(20))
        stays.look(at: instant(24))
        #expect(abs(stays.seconds.reduce(0, +) - 15) < 1e-9, "\(stays.seconds)")
        // Who goes has spent what is not known yet, too.
        stays.counts(6)
        stays.ended(enteredAt: instant(0), at: instant(30))
        #expect(abs(stays.seconds.reduce(0, +) - 21) < 1e-9, "\(stays.seconds)")
        #expect(stays.ends[Stays.age(of: 30)] == 1)
    }

    @Test("seats last for as many as take them, of the dates that are wanted")
    func demand() {
        let (popular, other) = (PerformanceID(1), PerformanceID(2))
        var demand = SeatDemand()
        #expect(demand.entriesWithSeats == .infinity)
        demand.look(at: [popular: 1_000, other: 1_000])
        for _ in 0..<100 { demand.entered() }
        #expect(demand.entriesWithSeats == .infinity)
        demand.look(at: [popular: 800, other: 980])
        #expect(abs(demand.entriesWithSeats - 400) < 1e-6)
        // What is forgotten is forgotten of both.
        demand.keep(0.5)
        demand.look(at: [popular: 800, other: 980])
        #expect(abs(demand.entriesWithSeats - 400) < 1e-6)
        // Given back.
        demand.look(at: [popular: 850, other: 980])
        #expect(abs(demand.entriesWithSeats - 850) < 1e-6)
        // Sold out: the other one decides.
        demand.look(at: [popular: 0, other: 970])
        #expect(abs(demand.entriesWithSeats - 970 * 50 / 20) < 1e-6)
    }

    @Test("what decays is the library's")
    func decays() {
        for value in [0, 1e-9, 0.5, 0.7, 1, 10, 300] { #expect(abs(decay(value) - exp(-value)) <= 1e-13, "\(value)") }
        #expect(decay(.infinity) == 0)
        #expect(decay(1e300) == 0)
    }
}
