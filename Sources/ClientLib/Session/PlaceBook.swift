/// The newest place in each waiting room that somebody has joined here. Only the newest: places are conflated.
struct PlaceBook: Sendable {
    struct Room: Sendable {
        /// `WaitingRoom` objects for this room.
        var interested = 0
        var place: Place?
        /// Rises with each news about the room.
        var version: UInt64 = 0
        /// The server will say no more about it.
        var isOver = false
        var asked: CallID?
    }

    private(set) var rooms: [ConcertID: Room] = [:]

    mutating func enter(_ concert: ConcertID) {
        rooms[concert, default: Room()].interested += 1
        rooms[concert]?.isOver = false
    }

    mutating func exit(_ concert: ConcertID) {
        guard let room = rooms[concert] else { return }
        rooms[concert]?.interested = room.interested - 1
        if room.interested <= 1 { rooms[concert] = nil }
    }

    /// True when somebody should know.
    mutating func arrived(_ place: Place) -> Bool {
        guard let room = rooms[place.concert] else { return false }
        rooms[place.concert]?.place = place
        rooms[place.concert]?.version = room.version + 1
        rooms[place.concert]?.isOver = false
        return true
    }

    mutating func ended(_ concert: ConcertID) {
        guard let room = rooms[concert] else { return }
        rooms[concert]?.isOver = true
        rooms[concert]?.version = room.version + 1
    }

    mutating func asked(_ concert: ConcertID, in call: CallID?) { rooms[concert]?.asked = call }

    mutating func connectionLost() {
        for concert in rooms.keys { rooms[concert]?.asked = nil }
    }

    /// The rooms whose news this connection has to be asked for.
    var unwatched: [ConcertID] {
        rooms.filter { $0.value.asked == nil && !$0.value.isOver && $0.value.place?.isInLine == true }.map(\.key)
            .sorted()
    }
}

extension Place {
    /// Whether the member is still waiting to be let in.
    public var isInLine: Bool {
        switch status {
        case .waiting, .called, .unknown: true
        case .active, .completed, .expired, .left, .removed: false
        }
    }
}
