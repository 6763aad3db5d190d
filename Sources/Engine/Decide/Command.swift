import BoxOfficeProtocol

/// Who asks.
public enum Actor: Hashable, Sendable {
    case guest
    case member(MemberID, session: SessionID)
    /// The socket in the data directory: whoever may write there may run the box office.
    case local

    public var member: MemberID? {
        if case .member(let id, _) = self { id } else { nil }
    }
}

/// Something to be decided: who, what, and the key that makes a retry harmless.
public struct Command: Sendable {
    public var actor: Actor
    public var action: Action
    /// First half of the SHA-256 of the request without key and passwords; the key itself is in the request.
    public var digest: Bytes16

    public init(actor: Actor, action: Action, digest: Bytes16) {
        self.actor = actor
        self.action = action
        self.digest = digest
    }

    /// What is asked. Requests go in as they came; those that need work outside the engine first (hashing a password,
    /// reading a file) come with its result.
    public enum Action: Sendable {
        case request(Request)
        /// `SignUp` once the password is hashed. Name and password have been checked.
        case signUp(SignUp, nameKey: String, passwordHash: String)
        /// `ChangePassword` once the old one is verified against `verifiedHash` and the new one hashed.
        case changePassword(ChangePassword, verifiedHash: String, passwordHash: String)
        /// `SetPassword` once hashed.
        case setPassword(SetPassword, nameKey: String, passwordHash: String)
        /// `MakeOperator`; the hash is nil without a password.
        case makeOperator(MakeOperator, nameKey: String, passwordHash: String?)
        /// `CommitUpload` of a seating plan, parsed.
        case importPlan(OperationKey, hall: Hall, document: [UInt8])
        /// `CommitUpload` of a concert file, parsed.
        case importConcerts(OperationKey, [ConcertDraft])
    }
}

/// A concert of a concert file.
public struct ConcertDraft: Hashable, Sendable {
    public var key: String
    public var title: String
    public var artists: [String]
    public var description: String
    /// Settings of its waiting room; nil ones stay as they are, or take the defaults.
    public var capacity: UInt32?
    public var activeSeconds: UInt32?
    public var callWindowSeconds: UInt32?
    public var dates: [PerformanceDraft]

    public init(
        key: String, title: String, artists: [String], description: String, capacity: UInt32?, activeSeconds: UInt32?,
        callWindowSeconds: UInt32?, dates: [PerformanceDraft]
    ) {
        self.key = key
        self.title = title
        self.artists = artists
        self.description = description
        self.capacity = capacity
        self.activeSeconds = activeSeconds
        self.callWindowSeconds = callWindowSeconds
        self.dates = dates
    }
}

/// A date of a concert file.
public struct PerformanceDraft: Hashable, Sendable {
    public var key: String
    /// The name of an imported seating plan.
    public var plan: String
    public var startsAt: Instant
    public var timeZone: String
    /// Nil: always was.
    public var saleOpensAt: Instant?
    /// Nil: when it starts.
    public var saleClosesAt: Instant?
    /// Price by category name.
    public var prices: [String: Points]

    public init(
        key: String, plan: String, startsAt: Instant, timeZone: String, saleOpensAt: Instant?, saleClosesAt: Instant?,
        prices: [String: Points]
    ) {
        self.key = key
        self.plan = plan
        self.startsAt = startsAt
        self.timeZone = timeZone
        self.saleOpensAt = saleOpensAt
        self.saleClosesAt = saleClosesAt
        self.prices = prices
    }
}

/// The answer to a command.
public enum Reply: Hashable, Sendable {
    /// Done. `replayed`: an earlier call with this key did it.
    case response(Response, replayed: Bool = false)
    case refused(Refusal)
}
