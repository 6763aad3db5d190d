import BoxOfficeEngine
import BoxOfficeProtocol
import Foundation
import Testing

/// Who comes to a simulated sale, and what becomes of the room meanwhile. Known dynamics, drawn from a seed.
struct Crowd: Sendable, CustomTestStringConvertible {
    var name: String
    var capacity: UInt32 = 20
    var members = 300
    /// So many come right at the start; the others one after another.
    var atOnce = 200
    var secondsBetweenArrivals = 10.0
    /// How long it takes to buy and pay: the mean, and the standard deviation as a share of it. Lognormal.
    var buyingSeconds = 120.0
    var buyingSpread = 0.7
    /// In the course of the sale buying comes to take so many times as long.
    var slowdown = 1.0
    /// How many seats there are; nil: one for each. Those who come when none is left look for so long and go.
    var seats: Int?
    var lookingSeconds = 15.0
    /// Of all: those who do nothing until their active time is over.
    var idle = 0.05
    /// The room's limit for idle members; the others look at the seats often enough. 0: none.
    var idleSeconds: UInt32 = 0
    /// Those who are away when their turn comes, in groups of so many; the share of them that is back in time.
    var absent = 0.0
    var groupsOf = 1
    var comeBack = 0.5
    /// Those who give up after a while, if it is not their turn by then; how long that is on average.
    var leavers = 0.0
    var leaveAfterSeconds = 900.0
    var admissionsPerMinute: UInt32 = 0
    /// What operators do: seconds from the start, and to what.
    var capacities: [(at: Double, to: UInt32)] = []
    var pauses: [(at: Double, seconds: Double)] = []

    var testDescription: String { name }
}

/// One simulated sale through the engine. It runs twice, the same way: once to see when each turn comes, and once to ask
/// for each member's estimate at the halfway point of the wait.
struct SimulatedSale {
    struct Wait {
        var waited: Double
        var remaining: Double
        var told: (min: Double, likely: Double, max: Double)?
    }

    private enum Event {
        case join(Int), leave(Int), look(Int), finish(Int), isBack(Int), capacity(UInt32), mode(RoomMode), ask(Int)
    }

    private struct Due {
        var at: Instant
        var event: Event
    }

    private struct Person {
        var arrivesAt = 0.0
        var buyingSeconds = 0.0
        var pays = true
        var isIdle = false
        var isAbsent = false
        var backAfter: Double?
        var leavesAfter: Double?
        var joinedAt: Instant?
        var turnAt: Instant?
    }

    private static let hours = 4.0
    private let crowd: Crowd
    private var sale: Sale
    private let start: Instant
    private var people: [Person] = []
    /// The next one last.
    private var due: [Due] = []
    private var noticesSeen = 0
    private var seatsHeld: UInt32 = 0
    private var told: [Int: Place] = [:]
    private let personOf: [MemberID: Int]

    /// The waits of those who had one, in a sale for each seed, each with what was told at its halfway point.
    static func waits(of crowd: Crowd, seeds: ClosedRange<Int>) -> [Wait] {
        let hall = hall(seats: crowd.seats ?? crowd.members, members: crowd.members)
        return seeds.flatMap { waits(of: crowd, in: hall, seed: $0) }
    }

    private static func waits(of crowd: Crowd, in hall: Sale, seed: Int) -> [Wait] {
        var first = SimulatedSale(crowd, in: hall, seed: seed)
        first.run()
        var second = SimulatedSale(crowd, in: hall, seed: seed)
        for (index, person) in first.people.enumerated() {
            guard let joinedAt = person.joinedAt, let turnAt = person.turnAt else { continue }
            let half = Microseconds((turnAt - joinedAt).count / 2)
            // Who waits for no time at all asks nothing.
            if half >= .seconds(5) { second.plan(.ask(index), at: joinedAt + half) }
        }
        second.run()
        return second.told.sorted { $0.key < $1.key }.map { index, place in
            let (joinedAt, turnAt) = (first.people[index].joinedAt!, first.people[index].turnAt!)
            return Wait(
                waited: Double((turnAt - joinedAt).count) / 1_000_000,
                remaining: Double((turnAt - place.now).count) / 1_000_000,
                told: place.waitSeconds.map {
                    (Double(place.waitSecondsMin!), Double($0), Double(place.waitSecondsMax!))
                })
        }
    }

    private init(_ crowd: Crowd, in hall: Sale, seed: Int) {
        self.crowd = crowd
        var sale = hall
        sale.room(
            capacity: crowd.capacity, admissionsPerMinute: crowd.admissionsPerMinute, idleSeconds: crowd.idleSeconds)
        self.sale = sale
        start = sale.now
        personOf = Dictionary(uniqueKeysWithValues: (0..<crowd.members).map { (sale.members["m\($0)"]!, $0) })
        var generator = SeededGenerator(state: UInt64(seed))
        draw(&generator)
        for index in people.indices { plan(.join(index), after: people[index].arrivesAt) }
        for change in crowd.capacities { plan(.capacity(change.to), after: change.at) }
        for pause in crowd.pauses {
            plan(.mode(.paused), after: pause.at)
            plan(.mode(.open), after: pause.at + pause.seconds)
        }
    }

    /// A hall of so many seats, at a price of nothing, and its members.
    private static func hall(seats: Int, members: Int) -> Sale {
        var sale = Sale()
        var hall = Sale.hall
        hall.name = "Arena"
        hall.rows = [
            HallRow(
                zone: "", row: "A",
                seats: (0..<seats).map {
                    HallSeat(number: "\($0)", guid: "a\($0)", category: 0, x: Int32($0), y: 0)
                })
        ]
        _ = sale.importPlan(hall)
        var draft = Sale.draft(capacity: 100, now: sale.now)
        var date = draft.dates[0]
        date.key = "d2"
        date.plan = "Arena"
        date.prices = ["A": Points(0)]
        draft.dates.append(date)
        _ = sale.importConcerts(draft)
        for index in 0..<members { sale.member("m\(index)") }
        return sale
    }

    private mutating func draw(_ generator: inout SeededGenerator) {
        var arrivesAt = 0.0
        var left = 0
        var isAbsent = false
        for index in 0..<crowd.members {
            if left == 0 {
                left = Int.random(in: 1..<(2 * crowd.groupsOf), using: &generator)
                isAbsent = generator.happens(crowd.absent)
            }
            left -= 1
            if index >= crowd.atOnce { arrivesAt += generator.exponential(mean: crowd.secondsBetweenArrivals) }
            people.append(
                Person(
                    arrivesAt: arrivesAt,
                    buyingSeconds: generator.lognormal(mean: crowd.buyingSeconds, spread: crowd.buyingSpread),
                    pays: generator.happens(0.8), isIdle: generator.happens(crowd.idle), isAbsent: isAbsent,
                    backAfter: generator.happens(crowd.comeBack) ? generator.exponential(mean: 300) : nil,
                    leavesAfter: generator.happens(crowd.leavers)
                        ? generator.exponential(mean: crowd.leaveAfterSeconds) : nil))
        }
    }

    // MARK: The course of the sale

    private mutating func plan(_ event: Event, at instant: Instant) {
        var (low, high) = (0, due.count)
        while low < high {
            let middle = (low + high) / 2
            if due[middle].at > instant { low = middle + 1 } else { high = middle }
        }
        due.insert(Due(at: instant, event: event), at: low)
    }

    private mutating func plan(_ event: Event, after seconds: Double) {
        plan(event, at: start + Microseconds(Int64(seconds * 1_000_000)))
    }

    private mutating func run() {
        let end = start + Microseconds(Int64(Self.hours * 3_600_000_000))
        while let next = due.last, next.at <= end {
            if let deadline = sale.engine.nextDeadline, deadline < next.at {
                sale.now = max(sale.now, deadline)
                sale.wake()
            } else {
                due.removeLast()
                sale.now = max(sale.now, next.at)
                happens(next.event)
            }
            turnsCome()
        }
    }

    private mutating func happens(_ event: Event) {
        switch event {
        case .join(let index):
            people[index].joinedAt = sale.now
            _ = sale.join("m\(index)")
            if people[index].isAbsent { sale.disconnect("m\(index)") }
            if let seconds = people[index].leavesAfter { plan(.leave(index), after: sinceStart + seconds) }
        case .leave(let index): if people[index].turnAt == nil { _ = sale.leave("m\(index)") }
        case .look(let index):
            guard sale.placeOf("m\(index)").status == .active else { return }
            sale.look("m\(index)")
            plan(.look(index), after: sinceStart + Double(crowd.idleSeconds) / 2)
        case .finish(let index): finish(index)
        case .isBack(let index): sale.connect("m\(index)")
        case .capacity(let capacity): sale.room(capacity: capacity)
        case .mode(let mode): sale.room(mode: mode)
        case .ask(let index): told[index] = sale.placeOf("m\(index)")
        }
    }

    private mutating func finish(_ index: Int) {
        guard people[index].pays, !isSoldOut else {
            _ = sale.leave("m\(index)")
            return
        }
        let hold = Hold(operation: sale.key(), performance: PerformanceID(2), seats: [SeatIndex(seatsHeld)])
        guard case .response(.reservationState(let held), _) = sale.ask("m\(index)", .hold(hold)) else { return }
        seatsHeld += 1
        _ = sale.pay("m\(index)", held.reservation.reservation.rawValue)
    }

    /// Those whose turn has come buy, or do nothing, or are back after a while.
    private mutating func turnsCome() {
        while noticesSeen < sale.notices.count {
            let notice = sale.notices[noticesSeen]
            noticesSeen += 1
            guard let index = personOf[notice.member] else { continue }
            let person = people[index]
            if notice.opcode == .called || notice.opcode == .admitted, person.turnAt == nil {
                people[index].turnAt = notice.at
            }
            switch notice.opcode {
            case .called: if let seconds = person.backAfter { plan(.isBack(index), after: sinceStart + seconds) }
            case .admitted:
                guard !person.isIdle else { continue }
                let slowdown = 1 + (crowd.slowdown - 1) * min(1, sinceStart / 3_000)
                plan(
                    .finish(index),
                    after: sinceStart + (isSoldOut ? crowd.lookingSeconds : person.buyingSeconds * slowdown))
                if crowd.idleSeconds > 0 { plan(.look(index), after: sinceStart + Double(crowd.idleSeconds) / 2) }
            default: continue
            }
        }
    }

    private var isSoldOut: Bool { seatsHeld >= crowd.seats ?? crowd.members }
    private var sinceStart: Double { Double((sale.now - start).count) / 1_000_000 }
}

extension SeededGenerator {
    mutating func happens(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }

    mutating func exponential(mean: Double) -> Double { -mean * log(Double.random(in: 1e-12..<1, using: &self)) }

    mutating func lognormal(mean: Double, spread: Double) -> Double {
        let normal =
            (-2 * log(Double.random(in: 1e-12..<1, using: &self))).squareRoot()
            * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
        let variance = log(1 + spread * spread)
        return mean * exp(variance.squareRoot() * normal - variance / 2)
    }
}
