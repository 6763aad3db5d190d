import BoxOfficeEngine
import BoxOfficeProtocol

/// A connection's login, as the engine loop knows it: what routes pushes.
///
/// `@unchecked Sendable`: the shard only passes it along; the mutable state is touched on the engine's queue only.
final class Link: @unchecked Sendable {
    let connection: Connection
    let member: MemberID
    let session: SessionID
    let tokenDigest: Digest
    /// The running client. A new connection of the same session and instance takes this one's place.
    let instance: UInt64

    /// Counted as connected by the engine.
    var isPresent = true
    /// The router knows it.
    var isRouted = false
    /// Its connection has closed.
    var isClosed = false
    /// Superseded or logged out: what it still asks for is refused with this.
    var voidBecause: RefusalCode?
    /// The notices it has subscribed to.
    var feed: Feed?
    /// The rooms it watches.
    var watches = RoomWatches()

    init(connection: Connection, session: SessionRow, instance: UInt64) {
        self.connection = connection
        member = session.member
        self.session = session.id
        tokenDigest = session.tokenDigest
        self.instance = instance
    }
}
