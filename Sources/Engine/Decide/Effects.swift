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
    /// Rooms of which a policy changed or the order was drawn: everybody who waits there is told at once.
    public var changedPolicies: Set<ConcertID> = []
    /// Members whose own token changed its status in a room: tell them at once.
    public var changedPlaces: [(member: MemberID, concert: ConcertID)] = []
    /// Concerts, performances or plans changed: publish the catalogue anew.
    public var catalogueChanged = false
    /// Sessions that have ended: their connections close or become guests'.
    public var endedSessions: [SessionID] = []

    /// Nothing yet.
    public init() {}
}
