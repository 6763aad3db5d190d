import BoxOfficeClient

/// What one member was told in the course of a sale: in the end the server's history is exactly this.
struct Told: Sendable {
    var held: Set<ReservationID> = []
    var paid: Set<ReservationID> = []
    var charged: Int64 = 0

    /// Charges a point, stands in line, holds the seat and pays for it, noting each answer.
    mutating func buy(
        _ seat: SeatIndex, at date: PerformanceID, of concert: ConcertID, in office: BoxOffice
    ) async throws(BoxOfficeError) {
        charged += try await office.charge(Points(1)).amount.rawValue
        let room = try await office.waitingRoom(of: concert)
        for await place in room.places where place.status == .active { break }
        let held = try await office.hold(.indices([seat]), at: date)
        self.held.insert(held.reservation.reservation)
        try await office.pay(held)
        paid.insert(held.reservation.reservation)
    }
}
