import BoxOfficeEngine
import BoxOfficeProtocol

/// Who asked, and under which number the answer is expected.
struct Origin: Sendable {
    let connection: Connection
    let number: UInt64
    let opcode: Opcode
    /// The connection's login when it asked; nil for guests and the local socket.
    let link: Link?
}

/// What comes into the engine loop, in the order in which it came.
///
/// A command is some hundreds of bytes with a dozen references in them, and passes through an inbox, a backlog and a batch:
/// it is kept apart, so that each of them moves and counts one.
enum EngineEvent: Sendable {
    /// To be decided and answered.
    indirect case command(Command, Origin)
    /// To be decided for the server itself, which is told how it ended.
    indirect case ownCommand(Command, @Sendable (Reply) -> Void)
    /// A password has been verified: make a session.
    indirect case logIn(LogInAttempt, Origin)
    case logOut(Origin)
    /// A hello with a session token.
    case resume(tokenDigest: Digest, instance: UInt64, Connection)
    /// A connection that had a login has closed.
    case closed(Link)
    case subscribe(Origin)
    case unsubscribe(Origin)
    case acknowledged(Link, through: UInt64)
    /// Notices that were asked of the store, or nil when that failed; `feed` is which subscription asked.
    case noticesRead(Link, feed: UInt64, [NoticeRow]?)
    /// The connection takes no notices for a while, or takes them again.
    case readerSlow(Link, Bool)
    /// A request that its client wishes to forget.
    case cancel(connection: UInt64, number: UInt64)
    /// A member looks at the seats of a concert whose room limits idleness.
    case looked(MemberID, at: ConcertID)
    /// A look at the engine, after all before it was decided and perhaps not yet committed: for deciding what to do
    /// next, not for telling a client.
    case look(@Sendable (Engine, Instant) -> Void)
    /// A question that the engine's state answers; told after the commit, as all answers.
    case ask(@Sendable (Engine, Instant) -> Reply, Origin)
    /// The connection's notices may go on: the store was busy when they were asked for.
    case pump(Link)
    /// After a reload: the connection's login is made known to the engine anew.
    case relink(Link)
}

/// A login that only the engine has to agree to.
struct LogInAttempt: Sendable {
    let member: MemberID
    /// The hash that the password was verified against: it may have been changed meanwhile.
    let verifiedHash: String
    let nameKey: String
    let token: SessionToken
    let tokenDigest: Digest
    let device: String
    let instance: UInt64
}
