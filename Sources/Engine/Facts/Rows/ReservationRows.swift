import BoxOfficeProtocol

/// A member's booking of seats of one performance.
public struct ReservationRow: Hashable, Sendable {
    /// Its number.
    public var id: ReservationID
    /// Whose.
    public var member: MemberID
    /// Of which date.
    public var performance: PerformanceID
    /// Rising.
    public var seats: [SeatIndex]
    /// The price of each seat, fixed by the hold.
    public var prices: [Points]
    /// Where it is in its life.
    public var status: ReservationStatus
    /// When it was made.
    public var heldAt: Instant
    /// When the hold ends unless it is paid.
    public var expiresAt: Instant
    /// What paid it.
    public var payment: PaymentID?
    /// When it was paid, or its hold ended, or it was refunded: the last of them.
    public var endedAt: Instant?

    /// All columns.
    public init(
        id: ReservationID, member: MemberID, performance: PerformanceID, seats: [SeatIndex], prices: [Points],
        status: ReservationStatus, heldAt: Instant, expiresAt: Instant, payment: PaymentID? = nil,
        endedAt: Instant? = nil
    ) {
        self.id = id
        self.member = member
        self.performance = performance
        self.seats = seats
        self.prices = prices
        self.status = status
        self.heldAt = heldAt
        self.expiresAt = expiresAt
        self.payment = payment
        self.endedAt = endedAt
    }

    /// As it was when it was made.
    var asHeld: ReservationRow {
        ReservationRow(
            id: id, member: member, performance: performance, seats: seats, prices: prices, status: .held,
            heldAt: heldAt, expiresAt: expiresAt)
    }

    /// The sum of the prices. Prices are bounded at import, so it cannot overflow.
    public var total: Points { Points(prices.reduce(0) { $0 + $1.rawValue }) }
}
