/// The status of every seat of a performance at one version.
public struct SeatMapState: Hashable, Sendable {
    /// Of which date.
    public var performance: PerformanceID
    /// Rises with each change. Comparable on one connection only: a server that was restarted may count anew.
    public private(set) var version: UInt64
    /// One for each seat, by its index.
    public private(set) var statuses: [SeatStatus]
    /// Free seats.
    public private(set) var available: Int

    /// The status of a seat; nil when the hall has no such seat.
    public subscript(seat: SeatIndex) -> SeatStatus? {
        let index = Int(seat.rawValue)
        return statuses.indices.contains(index) ? statuses[index] : nil
    }

    /// The seats that differ from an earlier state, with their status now.
    public func changes(since earlier: SeatMapState) -> [SeatChange] {
        guard earlier.statuses.count == statuses.count else { return [] }
        return statuses.indices.filter { statuses[$0] != earlier.statuses[$0] }
            .map { SeatChange(seat: SeatIndex(UInt32($0)), status: statuses[$0]) }
    }

    /// Unpacks what travels as two bits a seat; nil when the bytes are not as many as the seats need.
    init?(_ map: SeatMap) {
        let count = Int(map.seats)
        guard map.statuses.count == (count + 3) / 4 else { return nil }
        performance = map.performance
        version = map.version
        var free = 0
        statuses = (0..<count).map { index in
            let status = map.status(of: SeatIndex(UInt32(index)))
            if status == .available { free += 1 }
            return status
        }
        available = free
    }

    /// False, and nothing is changed, when a seat is not in this hall.
    mutating func apply(_ update: SeatsChanged) -> Bool {
        guard update.changes.allSatisfy({ Int($0.seat.rawValue) < statuses.count }) else { return false }
        for change in update.changes {
            let index = Int(change.seat.rawValue)
            if statuses[index] == .available { available -= 1 }
            if change.status == .available { available += 1 }
            statuses[index] = change.status
        }
        version = update.toVersion
        return true
    }
}

/// An element of `BoxOffice.seatMapChanges(of:)`.
public struct SeatMapChange: Hashable, Sendable {
    /// The newest state.
    public var map: SeatMapState
    /// The seats that differ from the element before, each once; empty in the first element.
    public var changes: [SeatChange]
}
