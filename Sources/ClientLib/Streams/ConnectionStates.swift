/// What the connection is doing. See `BoxOffice.states()`.
public struct ConnectionStates: AsyncSequence, Sendable {
    /// Never fails: it ends.
    public typealias Failure = Never
    let driver: Driver

    /// Starts with the newest state.
    public func makeAsyncIterator() -> Iterator { Iterator(driver: driver) }

    /// Sleeps until there is a state that it has not returned.
    public struct Iterator: AsyncIteratorProtocol {
        private let driver: Driver
        private var seen: UInt64 = 0

        init(driver: Driver) { self.driver = driver }

        /// The newest state; nil after `closed`.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> ConnectionState? {
            let look = await driver.next(about: .connection) { [seen] session, _ in session.nextState(after: seen) }
            guard case .element(let (state, version)) = look else { return nil }
            seen = version
            return state
        }
    }
}
