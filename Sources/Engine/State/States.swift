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
    /// As they are told (spec/messages.md, SeatMap): two bits a seat, a category without a price blocked. Kept beside
    /// `statuses`, since a map is published with each change and a hall has thousands of seats.
    private(set) var packedStatuses: [UInt8]
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

    /// Nobody has a seat yet.
    ///
    /// - Parameter categories: Of each seat.
    init(_ row: PerformanceRow, categories: [UInt16], categoryCount: Int, version: UInt64) {
        self.row = row
        self.categories = categories
        self.version = version
        statuses = Array(repeating: .available, count: categories.count)
        packedStatuses = Array(repeating: 0, count: (categories.count + 3) / 4)
        owners = Array(repeating: ReservationID(0), count: categories.count)
        seats = [UInt32](repeating: 0, count: categoryCount)
        for category in categories { seats[Int(category)] += 1 }
        available = seats
        for seat in row.blocked { setStatus(.blocked, of: seat, owner: ReservationID(0)) }
        for seat in statuses.indices { pack(seat) }
    }

    /// As it is told. Seats of a category without a price show as blocked.
    var map: SeatMap {
        SeatMap(performance: row.id, version: version, seats: UInt32(statuses.count), statuses: packedStatuses)
    }

    var availableCount: UInt32 { available.reduce(0, +) }

    /// Free seats that can be had now or later: of a price, and of a sale that is not over.
    func salableCount(at now: Instant) -> UInt32 {
        guard now < row.saleClosesAt else { return 0 }
        return available.indices.reduce(0) { $0 + (row.prices[$1] != nil ? available[$1] : 0) }
    }

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
        for seat in statuses.indices { pack(seat) }
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
        pack(index)
    }

    private mutating func pack(_ seat: Int) {
        let isPriced = row.prices[Int(categories[seat])] != nil
        let status = isPriced ? statuses[seat] : .blocked
        let shift = 2 * UInt8(seat % 4)
        packedStatuses[seat / 4] = packedStatuses[seat / 4] & ~(3 << shift) | (status.rawValue & 3) << shift
    }
}

/// What a date is found by when its concert file is imported again.
struct PerformanceKey: Hashable, Sendable {
    var concert: ConcertID
    var key: String
}
