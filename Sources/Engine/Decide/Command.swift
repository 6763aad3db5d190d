import BoxOfficeProtocol

/// Who asks.
public enum Actor: Hashable, Sendable {
    case guest
    case member(MemberID, session: SessionID)
    /// The socket in the data directory: whoever may write there may run the box office.
    case local

    /// The member; nil for guests and the local socket.
    public var member: MemberID? {
        if case .member(let id, _) = self { id } else { nil }
    }
}

/// Something to be decided: who, what, and the key that makes a retry harmless.
public struct Command: Sendable {
    /// Who asks.
    public var actor: Actor
    /// What is asked.
    public var action: Action
    /// First half of the SHA-256 of the request without key and passwords; the key itself is in the request.
    public var digest: Bytes16

    /// All of it.
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
        /// `RemoveMember`, with what the name is looked up by.
        case removeMember(RemoveMember, nameKey: String)
        /// `AllowMember`, with what the name is looked up by.
        case allowMember(AllowMember, nameKey: String)
        /// `MakeRehearsalMembers`, with a fresh token for each.
        case makeRehearsalMembers(MakeRehearsalMembers, tokens: [(SessionToken, Digest)])
        /// `CommitUpload` of a seating plan, parsed.
        case importPlan(OperationKey, hall: Hall, document: [UInt8])
        /// `CommitUpload` of a concert file, parsed.
        case importConcerts(OperationKey, [ConcertDraft])
    }
}

/// A concert of a concert file.
public struct ConcertDraft: Hashable, Sendable {
    /// Unique in the file; importing it again changes the same concert.
    public var key: String
    /// For people.
    public var title: String
    /// Who plays.
    public var artists: [String]
    /// More about it; may be empty.
    public var description: String
    /// The policies of its waiting room that the file sets.
    public var room: RoomDraft
    /// What the draw of the room is made from when the concert is new: fresh random bytes.
    public var seed: DrawSeed
    /// Its dates. Those that were imported before and are not listed stay as they are.
    public var dates: [PerformanceDraft]

    /// All of it.
    public init(
        key: String, title: String, artists: [String], description: String, room: RoomDraft = RoomDraft(),
        seed: DrawSeed, dates: [PerformanceDraft]
    ) {
        self.key = key
        self.title = title
        self.artists = artists
        self.description = description
        self.room = room
        self.seed = seed
        self.dates = dates
    }
}

/// The policies of a waiting room in a concert file; what is nil stays as it is, or is the default.
public struct RoomDraft: Hashable, Sendable {
    /// Active tokens at most.
    public var capacity: UInt32?
    /// Admissions per minute at most; 0: no limit.
    public var admissionsPerMinute: UInt32?
    /// How long its tokens are active.
    public var activeSeconds: UInt32?
    /// How long an active token may be idle; 0: no limit.
    public var idleSeconds: UInt32?
    /// How long a called member stays next.
    public var callWindowSeconds: UInt32?
    /// When it opens, if that is later than the first sale.
    public var opensAt: Instant?

    /// All of it.
    public init(
        capacity: UInt32? = nil, admissionsPerMinute: UInt32? = nil, activeSeconds: UInt32? = nil,
        idleSeconds: UInt32? = nil, callWindowSeconds: UInt32? = nil, opensAt: Instant? = nil
    ) {
        self.capacity = capacity
        self.admissionsPerMinute = admissionsPerMinute
        self.activeSeconds = activeSeconds
        self.idleSeconds = idleSeconds
        self.callWindowSeconds = callWindowSeconds
        self.opensAt = opensAt
    }
}

/// A date of a concert file.
public struct PerformanceDraft: Hashable, Sendable {
    /// Unique in its concert; importing it again changes the same date.
    public var key: String
    /// The name of an imported seating plan.
    public var plan: String
    /// When it starts.
    public var startsAt: Instant
    /// The hall's zone, its IANA name.
    public var timeZone: String
    /// Nil: always was.
    public var saleOpensAt: Instant?
    /// Nil: when it starts.
    public var saleClosesAt: Instant?
    /// Price by category name, each 0 to `priceMax`.
    public var prices: [String: Points]

    /// The most that a seat can cost: the sum of a hold's prices is far from an overflow.
    public static let priceMax = Points(1_000_000_000)

    /// All of it.
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
