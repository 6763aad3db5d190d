import BoxOfficeProtocol

/// A seating plan in memory, with what is looked up by seat.
struct PlanState: Sendable {
    var row: PlanRow
    var labels: [String] = []
    var categories: [UInt16] = []

    init(row: PlanRow) {
        self.row = row
        for hallRow in row.hall.rows {
            for seat in hallRow.seats {
                let label = [hallRow.zone, hallRow.row, seat.number].filter { !$0.isEmpty }.joined(separator: "-")
                labels.append(label.isEmpty ? seat.guid : label)
                categories.append(seat.category)
            }
        }
    }
}

/// The seats of a performance: who has each, and how many are free.
struct PerformanceState: Sendable {
    var row: PerformanceRow
    var statuses: [SeatStatus]
    /// The live reservation of each held or sold seat; number 0 is nobody's.
    var owners: [ReservationID]
    /// The category of each seat, as the hall has it.
    let categories: [UInt16]
    /// By category: seats that are not blocked, and free ones.
    var seats: [UInt32]
    var available: [UInt32]
    var held: UInt32 = 0
    var sold: UInt32 = 0
    var version: UInt64 = 0
    /// Somebody has, or once had, a reservation of this date: it names seats of this hall.
    var wasReserved = false

    var availableCount: UInt32 { available.reduce(0, +) }

    /// The seats of a reservation change hands. In place: a hall has thousands of seats and a hold a few (I1).
    mutating func setSeats(of row: ReservationRow, to status: SeatStatus, owner: ReservationID) {
        for seat in row.seats {
            let before = owners[Int(seat.rawValue)]
            precondition(before == ReservationID(0) || before == row.id, "I1: seat \(seat) has two live reservations")
            setStatus(status, of: seat, owner: owner)
        }
        version += 1
    }

    /// Takes what an operator changed; the seats stay with who has them.
    mutating func change(to row: PerformanceRow) {
        for seat in self.row.blocked { setStatus(.available, of: seat, owner: ReservationID(0)) }
        for seat in row.blocked { setStatus(.blocked, of: seat, owner: ReservationID(0)) }
        self.row = row
        version += 1
    }

    /// Gives a seat a status and keeps the counts.
    mutating func setStatus(_ status: SeatStatus, of seat: SeatIndex, owner: ReservationID) {
        let index = Int(seat.rawValue)
        let category = Int(categories[index])
        switch statuses[index] {
        case .available: available[category] -= 1
        case .held: held -= 1
        case .sold: sold -= 1
        case .blocked: seats[category] += 1
        case .unknown: break
        }
        switch status {
        case .available: available[category] += 1
        case .held: held += 1
        case .sold: sold += 1
        case .blocked: seats[category] -= 1
        case .unknown: break
        }
        statuses[index] = status
        owners[index] = owner
    }
}

/// What a date is found by when its concert file is imported again.
struct PerformanceKey: Hashable, Sendable {
    var concert: ConcertID
    var key: String
}
