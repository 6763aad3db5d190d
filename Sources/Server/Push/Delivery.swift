import BoxOfficeEngine
import BoxOfficeProtocol

/// What the engine loop tells a connection, on the connection's shard, after the commit.
enum Delivery: Sendable {
    case reply(number: UInt64, Opcode, Reply)
    case loggedIn(number: UInt64, LoggedIn, Link)
    case loggedOut(number: UInt64)
    case resumed(Link, Account)
    case resumeRefused
    case subscribed(number: UInt64, Subscribed)
    case notice(sequence: UInt64, Opcode, body: [UInt8], isReplay: Bool)
    case gap(through: UInt64)
    case replayed(newest: UInt64)
    /// The newest place in a room: an update.
    case place(Place)
    case goAway(GoAwayReason, message: String)
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
