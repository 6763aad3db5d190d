import BoxOfficeProtocol

/// A waiting room. The life of a token:
///
///                 joinQueue                     absent at its turn
///     (nothing) ───────────▶ waiting ──────────────────────────────▶ called
///                               │ present at its turn                  │  │ calledUntil passes while away
///                               ▼            back: next of all         │  ▼
///                            active ◀──────────────────────────────────┘ expired
///                               │  no sign of life after admission: called again
///            paid, no live hold │  activeUntil passes, or idle too long, no live hold
///                               ▼
///                       completed │ expired            leaveQueue from any live state: left
///                                                      an operator, from any live state: removed
///
/// Who is back in time waits for space without a deadline, before the whole line. Who is away again when there is space
/// is passed over once more, and stays called for what remains of the window.
struct RoomState: Sendable {
    /// Changed by `change(to:)`.
    private(set) var row: RoomRow
    /// What the draw made of the first tickets; nil before it.
    private(set) var order: DrawOrder?
    /// Those who wait, by rank.
    var line = Line()
    /// Called members who are back: next of all, by rank.
    private(set) var returned = Line()
    var called: Set<TokenID> = []
    var active: Set<TokenID> = []
    /// When each active token's member last looked at the seats or held some.
    var lookedAt = Numbered<TokenID, Instant>()
    var barred: Set<MemberID> = []
    var nextTicket: UInt64 = 0
    /// When it opens: with the first sale of the concert, or later by policy; nil without a date.
    var opensAt: Instant?
    var closesAt: Instant?
    /// There were more turns to take at this instant than one go takes: the rest comes with the next.
    var turnsGoOnAfter: Instant?
    /// Until when the pace lets nobody in.
    private(set) var pacedUntil = Instant.distantPast
    private var pacedAt = Instant.distantPast
    /// What moves the line, as far as it was measured.
    var flow = LineFlow()
    /// When places will be free, as of the last look.
    private(set) var outlook: RoomOutlook?
    private var outlookUntil = Instant.distantPast
    var counts = RoomCounts()
    /// The capacity was lowered below the number of active tokens, which I5 allows until they have ended.
    var isOverfullByOperator = false

    init(row: RoomRow) {
        self.row = row
        order = row.drawnAt == nil ? nil : DrawOrder(seed: row.seed, tickets: row.tickets)
    }

    func isOpen(at now: Instant) -> Bool { opensAt.map { $0 <= now } ?? false }
    /// Whether anybody may enter, if there is space.
    func admits(at now: Instant) -> Bool {
        (row.mode == .open || row.mode == .queue) && isOpen(at: now) && closesAt.map { now < $0 } ?? true
    }
    var hasSpace: Bool { active.count < Int(row.capacity) }
    /// Somebody waits, or the room is to be passed through always: seat maps are for active tokens.
    var isFull: Bool { line.count > 0 || returned.count > 0 || row.mode == .queue }

    /// The order of a ticket in line, the lowest first. Before the draw it says nothing.
    func rank(of ticket: UInt64) -> UInt64 { order?.rank(of: ticket) ?? ticket }

    /// Takes a changed row. With the draw everybody who waits changes places.
    mutating func change(to row: RoomRow) {
        let isDrawn = self.row.drawnAt == nil && row.drawnAt != nil
        self.row = row
        outlookUntil = .distantPast
        guard isDrawn else { return }
        let order = DrawOrder(seed: row.seed, tickets: row.tickets)
        self.order = order
        // Until now they stood by their tickets.
        line = Line(line.members.map { (rank: order.rank(of: $0.rank), token: $0.token) })
    }

    // MARK: Called members who are back

    func isBack(_ token: TokenRow) -> Bool { returned.contains(rank: rank(of: token.ticket)) }
    mutating func isBackAgain(_ token: TokenRow) {
        if !isBack(token) { returned.insert(token.id, rank: rank(of: token.ticket)) }
    }
    mutating func noLongerBack(_ token: TokenRow) {
        if isBack(token) { returned.remove(rank: rank(of: token.ticket)) }
    }

    // MARK: Pace

    /// What a late timer missed is caught up with, this much at most: never a burst.
    private static let paceSlack = Microseconds.milliseconds(250)

    /// Whether the pace lets nobody in now.
    func isPaced(at now: Instant) -> Bool { row.admissionsPerMinute > 0 && now < pacedUntil }

    /// From one admission to the next; nil without a pace.
    var paceInterval: Microseconds? {
        row.admissionsPerMinute > 0 ? Microseconds(60_000_000 / Int64(row.admissionsPerMinute)) : nil
    }

    /// Somebody is let in.
    mutating func paceTaken(at now: Instant) {
        pacedAt = max(pacedUntil, now + -Self.paceSlack)
        pacedUntil = pacedAt + (paceInterval ?? Microseconds(0))
    }

    /// Before a start somebody was let in then.
    mutating func wasPaced(at instant: Instant) {
        guard instant > pacedAt else { return }
        pacedAt = instant
        paceChanged()
    }

    /// A new pace counts from the last admission on.
    mutating func paceChanged() { pacedUntil = pacedAt + (paceInterval ?? Microseconds(0)) }

    // MARK: Measures

    /// To be called before anything changes that decides whether the line moves.
    mutating func timePasses(until now: Instant) {
        flow.timePasses(
            until: now, waiting: line.count, counts: line.count > 0 && admits(at: now), opensAt: opensAt ?? now)
    }

    private static let outlookKept = Microseconds.seconds(1)

    /// Looks ahead anew when that is due. To be called when all that happens at this instant has.
    ///
    /// - Parameter seats: how many of each date can be had.
    mutating func foresee(at now: Instant, seats: () -> [PerformanceID: UInt32]) {
        guard line.count > 0, admits(at: now), now >= outlookUntil else { return }
        outlook = flow.outlook(
            free: Int(row.capacity) - active.count, turnSeconds: row.activeSeconds, seats: seats(), at: now)
        outlookUntil = now + Self.outlookKept
    }

    /// To be called before a token changes: while somebody waits it says how the line moves.
    mutating func tokenChanges(to token: TokenRow, at now: Instant) {
        timePasses(until: now)
        guard line.count > 0, admits(at: now) else { return }
        if token.status == .active { flow.demand.entered() }
        if active.contains(token.id) {
            guard token.status != .active, let admittedAt = token.admittedAt else { return }
            flow.exited(enteredAt: admittedAt, at: now, capacity: Int(row.capacity))
        } else if called.contains(token.id) {
            if token.status == .active { flow.returnedEnters() }
        } else if token.status == .left || token.status == .removed {
            flow.left()
        } else if token.status == .active || token.status == .called, token.joinedAt < now {
            // Who joins and goes in at once has not waited: that they are present says nothing of those who do.
            flow.turnTaken(isPresent: token.status == .active)
        }
    }
}
