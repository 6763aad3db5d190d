import BoxOfficeProtocol

/// How many seats of each date those who go in take, and so for how many more there are some.
struct SeatDemand: Sendable {
    private struct Seats: Sendable {
        var taken = 0.0
        var left: UInt32
    }

    private var entries = 0.0
    private var dates: [PerformanceID: Seats] = [:]
    /// What `taken` is to be multiplied with at the next look.
    private var kept = 1.0

    /// Somebody goes in.
    mutating func entered() { entries += 1 }

    mutating func keep(_ share: Double) {
        entries *= share
        kept *= share
    }

    /// Takes in how many seats of each date can be had.
    mutating func look(at left: [PerformanceID: UInt32]) {
        for (date, left) in left {
            let before = dates[date] ?? Seats(left: left)
            // Seats that are given back were not taken.
            let taken = Double(before.left) - Double(left)
            dates[date] = Seats(taken: before.taken * kept + taken, left: left)
        }
        kept = 1
    }

    /// How many go in until the dates are sold out in which half of the seats are taken, as it goes on now. When they are,
    /// stays become short, and soon it is measured how short.
    var entriesWithSeats: Double {
        let wanted = dates.values.filter { $0.taken > 0 && $0.left > 0 }
        let taken = wanted.reduce(0) { $0 + $1.taken }
        var soldOut = 0.0
        for (at, date) in wanted.map({ (Double($0.left) * entries / $0.taken, $0) }).sorted(by: { $0.0 < $1.0 }) {
            soldOut += date.taken
            if soldOut >= taken / 2 { return at }
        }
        return .infinity
    }
}
