import BoxOfficeProtocol

/// When which places of a room are told (docs/architecture.md, Places in line).
///
///     change   │        │
///     tick     0   0.9  1.8  2.7  3.6  4.5 …           nothing ticks once all have had their turn
///     near     ×   ×    ×    ×    ×    ×               the next 1,000, each tick
///     far      a   b    c    d    e    a               a fifth of the others, each tick
///
/// So who is near knows of a change within a second, and everybody else within five. Pure.
struct PositionClock {
    static let interval = Duration.milliseconds(900)
    /// Positions of those who are told in each tick.
    static let near: ClosedRange<UInt32> = 1...1_000
    /// The others take turns.
    static let turns: UInt64 = 5

    private var rooms: [ConcertID: Room] = [:]

    private struct Room {
        var tickedAt: ContinuousClock.Instant?
        /// A tick is on its way.
        var isTicking = false
        /// Whose turn it was last.
        var turn: UInt64 = 0
        /// Turns that have not come since the last change.
        var owed: UInt64 = 0
    }

    /// Who is told in a tick.
    enum Told: Equatable {
        case everybody
        /// Those who are near, and those of the others whose turn it is.
        case turn(UInt64)

        func includes(position: UInt32, connection: UInt64) -> Bool {
            switch self {
            case .everybody: true
            case .turn(let turn): near.contains(position) || connection % turns == turn
            }
        }
    }

    /// Somebody came, went or was let in. In how long a tick is due; nil when one is on its way.
    mutating func placesChanged(in concert: ConcertID, at now: ContinuousClock.Instant) -> Duration? {
        var room = rooms[concert] ?? Room()
        room.owed = Self.turns
        let isTicking = room.isTicking
        room.isTicking = true
        rooms[concert] = room
        if isTicking { return nil }
        return room.tickedAt.map { max(.zero, $0 + Self.interval - now) } ?? .zero
    }

    /// A tick is due. Whom to tell, and whether another tick follows; nil when nobody has to be told any more.
    mutating func tick(in concert: ConcertID, at now: ContinuousClock.Instant) -> (told: Told, goesOn: Bool)? {
        guard var room = rooms[concert] else { return nil }
        room.isTicking = false
        defer { rooms[concert] = room }
        guard room.owed > 0 else { return nil }
        room.tickedAt = now
        room.turn = (room.turn + 1) % Self.turns
        room.owed -= 1
        room.isTicking = room.owed > 0
        return (.turn(room.turn), room.isTicking)
    }

    /// Everybody was told: nobody's turn is owed.
    mutating func everybodyTold(in concert: ConcertID, at now: ContinuousClock.Instant) {
        rooms[concert, default: Room()].tickedAt = now
        rooms[concert]!.owed = 0
    }
}
