/// A request from the moment somebody asks until its answer, through however many attempts.
struct Call: Sendable {
    /// Who is told about the end.
    enum Owner: Hashable, Sendable {
        /// A task that waits.
        case caller
        /// A task that waits for a connection, and sends nothing itself.
        case readiness
        /// A task that waits for the session's subscription to notices, and sends nothing itself.
        case subscription
        /// The session itself, to prove who it is.
        case login
        case notices
        case place(ConcertID)
        case seats(PerformanceID)
        /// Nobody.
        case nobody
    }

    let id: CallID
    let owner: Owner
    let opcode: Opcode
    let body: [UInt8]
    /// When it fails, whatever it waits for then.
    var deadline: Moment
    /// Means nothing on another connection (the parts of an upload): it fails with the one it was sent on.
    var bindsToConnection = false

    /// Refusals after which it was asked again.
    var refusals = 0
    /// A connection was lost between asking and the answer, or the server said that it does not know: it may have been
    /// carried out.
    var mayHaveBeenExecuted = false
    /// It has made the client log in anew, which is tried once.
    var renewedSession = false
    /// What was said last, for when the time runs out.
    var lastRefusal: BoxOfficeError?

    /// Whether a task waits for it; other calls are the session's own.
    var isAwaited: Bool { owner == .caller || owner == .readiness || owner == .subscription }

    /// `error` with the outcome that this call knows of.
    ///
    /// An answer of the rules settles an earlier attempt too, as the server looks for the operation key first. A
    /// refusal that comes before that look says nothing about the attempt whose answer was lost or not known.
    func ending(with error: BoxOfficeError, isUnanswered: Bool = false) -> BoxOfficeError {
        guard opcode.changes, error.outcome == .notExecuted, owner == .caller else { return error }
        let isOpen: Bool
        switch error.code {
        case nil, .busy, .rateLimited, .shuttingDown, .superseded, .cancelled, .loginRequired, .storageFull:
            isOpen = mayHaveBeenExecuted || isUnanswered
        default:
            isOpen = isUnanswered
        }
        return isOpen ? error.withUndeterminedOutcome : error
    }
}
