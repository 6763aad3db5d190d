// Waiting rooms.

extension BoxOffice {
    /// Joins a concert's waiting room, or finds the place one has there already, and follows it.
    ///
    /// - Parameters:
    ///   - concert: which concert.
    ///   - joining: false to follow a place that one has, without taking one; refused with `notQueued` when there is
    ///     none.
    public func waitingRoom(of concert: ConcertID, joining: Bool = true) async throws(BoxOfficeError) -> WaitingRoom {
        // Before asking, so that no news is missed between the answer and the first look.
        let interest = PlaceInterest(in: concert, driver: driver)
        let place =
            joining
            ? try await perform(JoinQueue(operation: newOperationKey(), concert: concert))
            : try await perform(WatchPlace(concert: concert))
        return WaitingRoom(office: self, interest: interest, joinedAt: place)
    }

    /// The member's newest token in a waiting room, live or ended. Takes no place.
    public func place(in concert: ConcertID) async throws(BoxOfficeError) -> Place {
        try await perform(GetPlace(concert: concert))
    }

    /// What is public about the draw of a waiting room's order: the commitment always, the seed once it has been made.
    /// Anybody may ask. ``DrawCheck`` says whether it is right.
    public func draw(of concert: ConcertID) async throws(BoxOfficeError) -> Draw {
        try await perform(GetDraw(concert: concert))
    }

    /// Gives up the place in a waiting room. Live holds of this concert are released.
    @discardableResult
    public func leaveQueue(of concert: ConcertID) async throws(BoxOfficeError) -> Place {
        try await perform(LeaveQueue(operation: newOperationKey(), concert: concert))
    }
}

/// A place in a concert's waiting room, as it changes.
public final class WaitingRoom: Sendable {
    private let office: BoxOffice
    private let interest: PlaceInterest
    private let joinedAt: Place

    init(office: BoxOffice, interest: PlaceInterest, joinedAt: Place) {
        self.office = office
        self.interest = interest
        self.joinedAt = joinedAt
    }

    /// Of which concert.
    public var concert: ConcertID { interest.concert }

    /// The newest that is known, without asking.
    public var place: Place { interest.newest ?? joinedAt }

    /// The place now and whenever it changes. Ends with the place at which the wait is over: admitted, or the token has
    /// ended. It ends without one when the client is closed or the session is another.
    ///
    /// Whoever is slow skips positions, never a status: being called, say, is an element also when it was short. A lost
    /// connection, a new one from another network or a restart of the server is not noticed here, unless by the place
    /// being as it was; what happened meanwhile shows in the first element after it.
    public var places: Places { Places(interest: interest) }

    /// Asks the server.
    public func status() async throws(BoxOfficeError) -> Place { try await office.place(in: concert) }

    /// Gives up the place. Live holds of this concert are released.
    @discardableResult
    public func leave() async throws(BoxOfficeError) -> Place { try await office.leaveQueue(of: concert) }
}
