import BoxOfficeProtocol

/// All that follows from a batch of decisions. `facts` go to disk first; nothing else leaves before they are there.
public struct Effects: Sendable {
    /// To be stored in one transaction, in order.
    public var facts: [Fact] = []
    /// The new notices among the facts, in order: to be pushed to whoever has subscribed.
    public var notices: [NoticeRow] = []
    /// Performances of which a seat changed: publish their maps anew.
    public var changedMaps: Set<PerformanceID> = []
    /// Rooms in which a place moved: refresh the positions of those who watch.
    public var changedRooms: Set<ConcertID> = []
    /// Members whose own token changed its status in a room: tell them at once.
    public var changedPlaces: [(member: MemberID, concert: ConcertID)] = []
    /// Concerts, performances or plans changed: publish the catalogue anew.
    public var catalogueChanged = false
    /// Sessions that have ended: their connections close or become guests'.
    public var endedSessions: [SessionID] = []

    public init() {}
}

/// What an engine is told once, at its start.
public struct EngineConfiguration: Hashable, Sendable {
    /// How long a hold lasts, seconds (docs/domain.md, Hold).
    public var holdSeconds: UInt32 = 300
    /// How long before its deadline a hold is announced to end, seconds.
    public var holdWarningSeconds: UInt32 = 60
    /// How long an active token lasts in a new room, seconds.
    public var activeSeconds: UInt32 = 600
    /// How long before its end active time is announced to end, seconds.
    public var activeWarningSeconds: UInt32 = 60
    /// How long a called member stays next in a new room, seconds.
    public var callWindowSeconds: UInt32 = 1800
    /// Who has made a request this recently is present, seconds.
    public var presenceSeconds: UInt32 = 60
    /// Active tokens at most in a new room.
    public var roomCapacity: UInt32 = 100
    /// Seats of one performance that one member may hold and own.
    public var seatsPerMemberMax: UInt32 = 4
    /// The most points in one charge.
    public var chargeMax = Points(10_000_000)
    public var sessionIdleSeconds = UInt32(WireLimits.sessionIdleSeconds)
    public var sessionSeconds = UInt32(WireLimits.sessionSeconds)
    public var sessionsPerMemberMax = WireLimits.sessionsPerMemberMax
    public var noticeDays = UInt32(WireLimits.noticeDays)
    public var operationAheadSeconds = UInt32(WireLimits.operationAheadSeconds)
    public var operationBehindSeconds = UInt32(WireLimits.operationBehindSeconds)

    public init() {}
}
