import BoxOfficeEngine
import BoxOfficeProtocol

/// Events decided together, until their commit lets the answers go.
struct Batch {
    let now: Instant
    var effects = Effects()
    var answers: [Answer] = []
    /// Answers to the server itself.
    var ownAnswers: [(reply: Reply, then: @Sendable (Reply) -> Void)] = []
    /// Notices that the store was asked for.
    var read: [(link: Link, feed: UInt64, rows: [NoticeRow]?)] = []
    /// Connections whose notices may go on.
    var pumped: [Link] = []
    /// Logins that are over, and that were not told yet.
    var ended: [Link] = []

    private var cancelled: Set<RequestName> = []

    private struct RequestName: Hashable {
        let connection: UInt64
        let number: UInt64
    }

    init(now: Instant) { self.now = now }

    /// An answer that waits for the commit, and what to make of it when that fails.
    struct Answer {
        let connection: Connection
        let delivery: Delivery
        let basis: Basis
        let link: Link?
    }

    /// What an answer rests on.
    enum Basis {
        /// A change: it is undone, or nobody knows.
        case change
        /// A question: it can be asked again.
        case command(Command)
        case ask(@Sendable (Engine, Instant) -> Reply)
        /// A hello with a session token: the connection has no answer to fall back on.
        case resume
        /// Nothing that the commit decides.
        case nothing
    }

    /// Cancels that came in time: a request that is not decided yet can still be forgotten.
    mutating func noteCancels(among events: some Sequence<EngineEvent>) {
        for case .cancel(let connection, let number) in events {
            cancelled.insert(RequestName(connection: connection, number: number))
        }
    }

    /// Why the request behind this origin is not carried out; nil when it is.
    func refusal(of origin: Origin) -> Refusal? {
        if let code = origin.link?.voidBecause { return Refusal(code) }
        let name = RequestName(connection: origin.connection.id, number: origin.number)
        return !cancelled.isEmpty && cancelled.contains(name) ? Refusal(.cancelled) : nil
    }

    mutating func answer(_ origin: Origin, _ reply: Reply, basis: Basis) {
        answer(origin, .reply(number: origin.number, origin.opcode, reply), basis: basis)
    }

    mutating func answer(_ origin: Origin, _ delivery: Delivery, basis: Basis) {
        answers.append(Answer(connection: origin.connection, delivery: delivery, basis: basis, link: origin.link))
    }
}
