import BoxOfficeProtocol

/// How a concert's waiting room works.
public struct RoomRow: Hashable, Sendable {
    /// Of which concert.
    public var concert: ConcertID
    /// Open, or paused by an operator.
    public var mode: RoomMode
    /// Active tokens at most.
    public var capacity: UInt32
    /// How long a token is active.
    public var activeSeconds: UInt32
    /// How long a called member who comes back is next.
    public var callWindowSeconds: UInt32

    /// All columns.
    public init(
        concert: ConcertID, mode: RoomMode, capacity: UInt32, activeSeconds: UInt32, callWindowSeconds: UInt32
    ) {
        self.concert = concert
        self.mode = mode
        self.capacity = capacity
        self.activeSeconds = activeSeconds
        self.callWindowSeconds = callWindowSeconds
    }
}

/// A member's place in a waiting room.
public struct TokenRow: Hashable, Sendable {
    /// Its number.
    public var id: TokenID
    /// Of which waiting room.
    public var concert: ConcertID
    /// Whose.
    public var member: MemberID
    /// Where it is in its life (`RoomState` has the diagram).
    public var status: TokenStatus
    /// Order in the room: rises with each join and never changes.
    public var rank: UInt64
    /// When the member joined.
    public var joinedAt: Instant
    /// When it last became active.
    public var admittedAt: Instant?
    /// Until when new holds are possible; set while active, and as it was afterwards.
    public var activeUntil: Instant?
    /// Until when the member is next on return; set while called, and as it was when the window passed.
    public var calledUntil: Instant?
    /// When it completed, expired or was left.
    public var endedAt: Instant?

    /// All columns.
    public init(
        id: TokenID, concert: ConcertID, member: MemberID, status: TokenStatus, rank: UInt64, joinedAt: Instant,
        admittedAt: Instant? = nil, activeUntil: Instant? = nil, calledUntil: Instant? = nil, endedAt: Instant? = nil
    ) {
        self.id = id
        self.concert = concert
        self.member = member
        self.status = status
        self.rank = rank
        self.joinedAt = joinedAt
        self.admittedAt = admittedAt
        self.activeUntil = activeUntil
        self.calledUntil = calledUntil
        self.endedAt = endedAt
    }
}
