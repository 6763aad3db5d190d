import BoxOfficeProtocol

// What else operators do: block seats. Rooms are in RoomPolicies.swift.

extension Engine {
    /// Takes free seats out of the sale, or puts blocked ones back. Seats that are so already stay so.
    mutating func setBlocked(
        _ blocked: Bool, _ seats: [SeatIndex], of id: PerformanceID, into effects: inout Effects
    ) throws(Refusal) -> SeatsBlocked {
        let row = try row(blocking: blocked, seats, of: id)
        if row != performances[id]!.row {
            emit(.performance(row), into: &effects)
            effects.changedMaps.insert(id)
            effects.catalogueChanged = true
        }
        return SeatsBlocked(performance: id, blocked: UInt32(row.blocked.count))
    }

    private func row(
        blocking blocked: Bool, _ seats: [SeatIndex], of id: PerformanceID
    ) throws(Refusal) -> PerformanceRow {
        guard let performance = performances[id] else { throw Refusal(.unknownPerformance) }
        let unknown = seats.filter { Int($0.rawValue) >= performance.statuses.count }.sorted()
        guard unknown.isEmpty else { throw Refusal(.unknownSeat, seats: unknown) }
        let taken = seats.filter { performance.owners[Int($0.rawValue)] != ReservationID(0) }.sorted()
        guard !blocked || taken.isEmpty else { throw Refusal(.seatTaken, seats: taken) }
        var row = performance.row
        row.blocked = (blocked ? Set(row.blocked).union(seats) : Set(row.blocked).subtracting(seats)).sorted()
        return row
    }
}
