import BoxOfficeProtocol

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
    /// Its number in the room: 0, 1, 2, … in the order of joining. Its rank in line is this, or what the draw made of it.
    public var ticket: UInt64
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
        id: TokenID, concert: ConcertID, member: MemberID, status: TokenStatus, ticket: UInt64, joinedAt: Instant,
        admittedAt: Instant? = nil, activeUntil: Instant? = nil, calledUntil: Instant? = nil, endedAt: Instant? = nil
    ) {
        self.id = id
        self.concert = concert
        self.member = member
        self.status = status
        self.ticket = ticket
        self.joinedAt = joinedAt
        self.admittedAt = admittedAt
        self.activeUntil = activeUntil
        self.calledUntil = calledUntil
        self.endedAt = endedAt
    }
}
