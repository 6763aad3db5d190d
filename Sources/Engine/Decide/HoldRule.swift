import BoxOfficeProtocol

/// Who may hold which seats (docs/domain.md, Hold), in the order of precedence (spec/refusals.md). The engine decides by
/// it, and so does the server when what is published is enough to refuse a hold (`Insider`).
enum HoldRule {
    /// Why the seats cannot be held; nil when they can.
    ///
    /// - Parameters:
    ///   - map: The seats of the date: blocked ones and those without a price are told apart from taken ones by it.
    ///   - activeUntil: Until when the member may hold; nil without an active token.
    ///   - seatsOfMember: How many of the date the member holds and owns.
    static func refusal(
        of seats: [SeatIndex], map: SeatMap, on row: PerformanceRow, activeUntil: Instant?, seatsOfMember: Int,
        seatsPerMemberMax: UInt32, at now: Instant
    ) -> Refusal? {
        let unknown = seats.filter { $0.rawValue >= map.seats }
        guard unknown.isEmpty else { return Refusal(.unknownSeat, seats: unknown) }
        guard row.isOnSale(at: now) else {
            let isYetToOpen = now < row.saleOpensAt
            return Refusal(.saleClosed, isYetToOpen ? "The sale has not opened yet." : "The sale is over.")
        }
        guard let activeUntil, now < activeUntil else { return Refusal(.queueRequired) }
        guard seatsOfMember + seats.count <= Int(seatsPerMemberMax) else {
            return Refusal(.seatLimit, "At most \(seatsPerMemberMax) seats of one date for one member.")
        }
        let blocked = seats.filter { map.status(of: $0) == .blocked }
        guard blocked.isEmpty else { return Refusal(.seatBlocked, seats: blocked) }
        let taken = seats.filter { map.status(of: $0) != .available }
        return taken.isEmpty ? nil : Refusal(.seatTaken, seats: taken)
    }
}

extension PerformanceRow {
    /// Whether seats can be held now.
    public func isOnSale(at now: Instant) -> Bool { saleOpensAt <= now && now < saleClosesAt }
}

extension [SeatIndex] {
    /// Rising. Most holds are of one seat, which is in order already.
    var inOrder: [SeatIndex] { count < 2 ? self : sorted() }
}
