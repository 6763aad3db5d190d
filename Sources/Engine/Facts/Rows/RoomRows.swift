import BoxOfficeProtocol

/// How a concert's waiting room works.
public struct RoomRow: Hashable, Sendable {
    /// Of which concert.
    public var concert: ConcertID
    /// Whether it admits.
    public var mode: RoomMode
    /// Active tokens at most.
    public var capacity: UInt32
    /// Admissions per minute at most, evenly; 0: no limit.
    public var admissionsPerMinute: UInt32
    /// How long a token is active.
    public var activeSeconds: UInt32
    /// How long an active token may be without a look or a hold; 0: no limit.
    public var idleSeconds: UInt32
    /// How long a called member who comes back is next.
    public var callWindowSeconds: UInt32
    /// When it opens, if that is later than the first sale of the concert.
    public var opensAt: Instant?
    /// What those waiting are told; may be empty.
    public var message: String
    /// What the draw is made from: secret until then, its SHA-256 is public.
    public var seed: DrawSeed
    /// When the order of the first tickets was drawn.
    public var drawnAt: Instant?
    /// How many tickets were drawn.
    public var tickets: UInt64

    /// All columns.
    public init(
        concert: ConcertID, mode: RoomMode = .open, capacity: UInt32, admissionsPerMinute: UInt32 = 0,
        activeSeconds: UInt32, idleSeconds: UInt32 = 0, callWindowSeconds: UInt32, opensAt: Instant? = nil,
        message: String = "", seed: DrawSeed, drawnAt: Instant? = nil, tickets: UInt64 = 0
    ) {
        self.concert = concert
        self.mode = mode
        self.capacity = capacity
        self.admissionsPerMinute = admissionsPerMinute
        self.activeSeconds = activeSeconds
        self.idleSeconds = idleSeconds
        self.callWindowSeconds = callWindowSeconds
        self.opensAt = opensAt
        self.message = message
        self.seed = seed
        self.drawnAt = drawnAt
        self.tickets = tickets
    }
}

/// A change that an operator made to a waiting room. Rows are only ever appended.
public struct RoomChangeRow: Hashable, Sendable {
    /// Its number.
    public var id: RoomChangeID
    /// Of which waiting room.
    public var concert: ConcertID
    /// When.
    public var at: Instant
    /// Who; nil for the socket in the data directory.
    public var by: MemberID?
    /// What was changed.
    public var subject: RoomChangeSubject
    /// What it was, as text; empty for nothing.
    public var from: String
    /// What it is since, as text; empty for nothing.
    public var to: String
    /// Whom it is about.
    public var member: MemberID?
    /// Why, where a member is concerned.
    public var reason: String?

    /// All columns.
    public init(
        id: RoomChangeID, concert: ConcertID, at: Instant, by: MemberID?, subject: RoomChangeSubject, from: String,
        to: String, member: MemberID? = nil, reason: String? = nil
    ) {
        self.id = id
        self.concert = concert
        self.at = at
        self.by = by
        self.subject = subject
        self.from = from
        self.to = to
        self.member = member
        self.reason = reason
    }
}
