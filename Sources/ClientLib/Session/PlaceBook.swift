/// What there is to tell about each waiting room that somebody has joined here. Places are conflated, but only within
/// one status of one token: that somebody was called, let in or sent out is not lost behind what came after it.
struct PlaceBook: Sendable {
    struct Room: Sendable {
        /// `WaitingRoom` objects for this room.
        var interested = 0
        /// The newest place of each status it went through, the newest last.
        fileprivate(set) var news: [(place: Place, version: UInt64)] = []
        /// Rises with each news about the room.
        var version: UInt64 = 0
        /// The server will say no more about it.
        var isOver = false
        var asked: CallID?

        /// The newest place.
        var place: Place? { news.last?.place }

        /// What comes after what somebody has seen. Who has seen nothing begins with the newest.
        func news(after seen: UInt64) -> (place: Place, version: UInt64)? {
            seen == 0 ? news.last : news.first { $0.version > seen }
        }
    }

    /// A token has five states in its life, so this is enough for a member who leaves and comes again.
    static let statusesMax = 8

    private(set) var rooms: [ConcertID: Room] = [:]
    /// The time of the newest place in each room on this connection, also when nobody is interested for a while.
    private var newestAt: [ConcertID: Instant] = [:]

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
        // An update that did not fit at once comes behind an answer that was made after it. On another connection the
        // server may be another, whose time goes on from what was stored last.
        if let newestAt = newestAt[place.concert], place.now < newestAt { return false }
        // Not of rooms that nobody has ever entered here: a server must not fill the memory.
        guard rooms[place.concert] != nil || newestAt[place.concert] != nil else { return false }
        newestAt[place.concert] = place.now
        guard var room = rooms[place.concert] else { return false }
        room.version += 1
        room.isOver = false
        if let last = room.place, last.token == place.token, last.status == place.status { room.news.removeLast() }
        room.news.append((place, room.version))
        room.news = room.news.suffix(Self.statusesMax)
        rooms[place.concert] = room
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
        newestAt = [:]
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
