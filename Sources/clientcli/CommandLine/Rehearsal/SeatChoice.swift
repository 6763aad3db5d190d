import BoxOfficeClient

/// How somebody picks seats who looks at a map: beside each other, and rather in front, where the others look too.
enum SeatChoice {
    /// The first free seat from where somebody looks, and those free beside it, up to as many as wanted; empty when none is
    /// free.
    static func pick(
        _ wanted: Int, of statuses: [SeatStatus], in hall: HallMap, using dice: inout SeededGenerator
    ) -> [SeatIndex] {
        guard !statuses.isEmpty, statuses.count == hall.seats.count else { return [] }
        let share = dice.share()
        let start = Int(share * share * Double(statuses.count))
        guard let first = firstFree(from: start, of: statuses) ?? firstFree(from: 0, of: statuses) else { return [] }
        let seat = hall.seats[first]
        var chosen = [SeatIndex(UInt32(first))]
        var next = first + 1
        while chosen.count < wanted, next < statuses.count, statuses[next] == .available,
            hall.seats[next].row == seat.row, hall.seats[next].zone == seat.zone
        {
            chosen.append(SeatIndex(UInt32(next)))
            next += 1
        }
        return chosen
    }

    private static func firstFree(from start: Int, of statuses: [SeatStatus]) -> Int? {
        statuses[start...].firstIndex(of: .available)
    }
}
