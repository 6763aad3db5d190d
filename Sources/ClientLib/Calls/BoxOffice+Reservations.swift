// Holding seats, paying for them, giving them up.

/// Seats of a performance, by index or by name.
public enum SeatSelection: Hashable, Sendable {
    /// By their place in the order of the seating plan.
    case indices([SeatIndex])
    /// By name, as `BoxOffice.findSeats` takes them.
    case seats([String])
}

extension BoxOffice {
    /// Holds seats: all of them or none.
    ///
    /// Refused, in this order of precedence, with `badRequest`, `unknownPerformance`, `unknownSeat`, `saleClosed`,
    /// `queueRequired`, `seatLimit`, `seatBlocked` and `seatTaken`; the error's `seats` or `labels` say which are in
    /// the way.
    public func hold(
        _ seats: SeatSelection, at performance: PerformanceID
    ) async throws(BoxOfficeError) -> ReservationState {
        let indices = try await indices(of: seats, at: performance)
        return try await perform(Hold(operation: newOperationKey(), performance: performance, seats: indices))
    }

    func indices(of seats: SeatSelection, at performance: PerformanceID) async throws(BoxOfficeError) -> [SeatIndex] {
        switch seats {
        case .indices(let indices): indices
        case .seats(let names) where names.isEmpty: []
        case .seats(let names): try await findSeats(names, at: performance)
        }
    }

    /// Gives up a hold before its deadline. Refused with `unknownReservation`, `holdExpired` or `notHeld`.
    @discardableResult
    public func release(_ reservation: ReservationID) async throws(BoxOfficeError) -> ReservationState {
        try await perform(Release(operation: newOperationKey(), reservation: reservation))
    }

    /// Gives up a hold before its deadline.
    @discardableResult
    public func release(_ held: ReservationState) async throws(BoxOfficeError) -> ReservationState {
        try await release(held.reservation.reservation)
    }

    /// Pays a held reservation, in one atomic step.
    ///
    /// Refused with `unknownReservation`, `notHeld`, `holdExpired`, `queueRequired` or `insufficientPoints`.
    @discardableResult
    public func pay(_ reservation: ReservationID) async throws(BoxOfficeError) -> Paid {
        try await perform(Pay(operation: newOperationKey(), reservation: reservation))
    }

    /// Pays a held reservation.
    @discardableResult
    public func pay(_ held: ReservationState) async throws(BoxOfficeError) -> Paid {
        try await pay(held.reservation.reservation)
    }

    /// One of one's own reservations.
    public func reservation(_ reservation: ReservationID) async throws(BoxOfficeError) -> ReservationState {
        try await perform(GetReservation(reservation: reservation))
    }

    /// One's own reservations, newest first; only those of one date when it is given.
    public func reservations(of performance: PerformanceID? = nil) -> Paged<Reservation> {
        Paged { last throws(BoxOfficeError) in
            let page = try await self.reservationPage(before: last?.reservation, of: performance)
            return (page.reservations, page.more)
        }
    }

    /// A page of reservations: those before `before`, or the newest. It carries the server's time.
    public func reservationPage(
        before: ReservationID? = nil, of performance: PerformanceID? = nil, limit: Int = WireLimits.pageItemsMax
    ) async throws(BoxOfficeError) -> ReservationPage {
        try await perform(
            GetReservations(
                before: before ?? ReservationID(0), limit: UInt16(clamping: limit), performance: performance))
    }
}
