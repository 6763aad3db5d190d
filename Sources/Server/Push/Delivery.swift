import BoxOfficeEngine
import BoxOfficeProtocol

/// What the engine loop tells a connection, on the connection's shard, after the commit.
enum Delivery: Sendable {
    // Kept apart, as it is some ten times as large as what else there is, and moves twice on its way.
    indirect case reply(number: UInt64, Opcode, Reply)
    indirect case loggedIn(number: UInt64, LoggedIn, Link)
    case loggedOut(number: UInt64)
    case resumed(Link, Account)
    case resumeRefused
    case subscribed(number: UInt64, Subscribed)
    case notice(sequence: UInt64, Opcode, body: [UInt8], isReplay: Bool)
    case gap(through: UInt64)
    case replayed(newest: UInt64)
    /// The newest place in a room: an update.
    case place(PlaceNews)
    case goAway(GoAwayReason, message: String)
}

/// A place on its way to a connection. It becomes a frame when the connection has room for it.
enum PlaceNews: Sendable {
    case inLine(LineNews, InLine)
    /// Of a token that does not wait. Kept apart, since it is some ten times as large.
    indirect case whole(Place)

    var concert: ConcertID {
        switch self {
        case .inLine(let news, _): news.concert
        case .whole(let place): place.concert
        }
    }

    var place: Place {
        switch self {
        case .inLine(let news, let inLine): news.place(inLine)
        case .whole(let place): place
        }
    }
}

/// Moved places of one room, for connections of one shard.
struct PlacesMail: Sendable {
    let news: LineNews
    var places: [(connection: Connection, inLine: InLine)] = []
}

/// What one shard is told after one commit, in this order: replies, notices, updates.
struct ShardMail: Sendable {
    var deliveries: [(connection: Connection, delivery: Delivery)] = []
    /// Dates of which seats have changed, for those who watch them.
    var maps: [PerformanceID] = []
    /// Concerts of which the room has filled, emptied, or let others in.
    var gates: [ConcertID] = []

    var isEmpty: Bool { deliveries.isEmpty && maps.isEmpty && gates.isEmpty }
}
