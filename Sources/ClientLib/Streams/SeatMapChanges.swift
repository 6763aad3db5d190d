/// Is wanted by one iteration as long as it lives.
final class SeatMapSubscription: Sendable {
    let id: SubscriberID
    let performance: PerformanceID
    let driver: Driver

    init(to performance: PerformanceID, driver: Driver) {
        self.performance = performance
        self.driver = driver
        id = driver.process { guarded, now in
            let id = SubscriberID(number: guarded.session.makeID())
            guarded.session.seatsWatched(performance, by: id, at: now)
            return id
        }
    }

    deinit {
        driver.process { [id, performance] guarded, now in
            guarded.session.seatsUnwatched(performance, by: id, at: now)
        }
    }
}

/// A seat map as it changes. See `BoxOffice.seatMapChanges(of:)`.
public struct SeatMapChanges: AsyncSequence, Sendable {
    /// Fails when the server tells no more about this map, or the client was closed by a refusal.
    public typealias Failure = BoxOfficeError
    let driver: Driver
    let performance: PerformanceID

    /// An iteration, which begins when its first element is asked for.
    public func makeAsyncIterator() -> Iterator { Iterator(driver: driver, performance: performance) }

    /// Sleeps until the map is another than the one it returned last.
    public struct Iterator: AsyncIteratorProtocol {
        private let driver: Driver
        private let performance: PerformanceID
        private var subscription: SeatMapSubscription?
        private var last: SeatMapState?
        private var seen: UInt64 = 0

        init(driver: Driver, performance: PerformanceID) {
            self.driver = driver
            self.performance = performance
        }

        /// The newest map, and what is different in it.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(BoxOfficeError) -> SeatMapChange? {
            let subscription = self.subscription ?? SeatMapSubscription(to: performance, driver: driver)
            self.subscription = subscription
            while true {
                let look = await driver.next(about: .seats(performance)) { [seen, performance] session, _ in
                    session.nextSeatMap(performance, for: subscription.id, after: seen)
                }
                switch look {
                case .element(let (map, revision)):
                    let changes = last.map { map.changes(since: $0) }
                    (last, seen) = (map, revision)
                    // A map that was asked for again may be the same.
                    if changes?.isEmpty == true { continue }
                    return SeatMapChange(map: map, changes: changes ?? [])
                case .failed(let error): throw error
                case .finished, .nothing: return nil
                }
            }
        }
    }
}
