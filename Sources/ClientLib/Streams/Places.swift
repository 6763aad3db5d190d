/// Keeps a room's place up to date as long as it lives.
final class PlaceInterest: Sendable {
    let concert: ConcertID
    let driver: Driver

    init(in concert: ConcertID, driver: Driver) {
        self.concert = concert
        self.driver = driver
        driver.process { guarded, _ in guarded.session.places.enter(concert) }
    }

    deinit { driver.process { [concert] guarded, _ in guarded.session.places.exit(concert) } }

    var newest: Place? { driver.process { guarded, _ in guarded.session.places.rooms[concert]?.place } }
}

/// A place in a waiting room, as it changes. See `WaitingRoom.places`.
public struct Places: AsyncSequence, Sendable {
    /// Never fails: it ends.
    public typealias Failure = Never
    let interest: PlaceInterest

    /// Starts with the newest place.
    public func makeAsyncIterator() -> Iterator { Iterator(interest: interest) }

    /// Sleeps until there is a place that it has not returned.
    public struct Iterator: AsyncIteratorProtocol {
        private let interest: PlaceInterest
        private var seen: UInt64 = 0
        private var isOver = false

        init(interest: PlaceInterest) { self.interest = interest }

        /// The newest place; nil after the one at which the wait was over.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> Place? {
            guard !isOver else { return nil }
            let concert = interest.concert
            let look = await interest.driver.next(about: .place(concert)) { [seen] session, _ in
                session.nextPlace(in: concert, after: seen)
            }
            guard case .element(let (place, version)) = look else { return nil }
            seen = version
            isOver = !place.isInLine
            return place
        }
    }
}
