// What an iteration over notices promises is in NoticeInbox.swift; this is the part that tasks see.

extension BoxOffice {
    /// The member's notices: durable, in order, each once, also through lost connections.
    ///
    /// The server sends them from the session's cursor on, from the moment an iteration begins; the cursor of a
    /// session that never asked stands at the newest notice. A notice counts as consumed when the next one is asked
    /// for, and is acknowledged then; one that the loop's body did not finish with comes again in a later iteration.
    /// While nobody iterates nothing is sent and nothing is kept here. Without a login the iteration waits for one.
    /// Ends when the client is closed.
    public var notices: Notices { Notices(driver: driver, subscription: nil) }

    /// The same notices, with the subscription confirmed by the server when this returns: whatever happens from now
    /// on is in the sequence. Iterate over it once.
    public func subscribedNotices() async throws(BoxOfficeError) -> Notices {
        try await connected()
        guard account != nil else { throw BoxOfficeError(refusing: .loginRequired) }
        let subscription = NoticeSubscription(driver: driver)
        _ = try await driver.call(.subscribeNotices, body: [], owner: .subscription).get()
        return Notices(driver: driver, subscription: subscription)
    }

    /// Acknowledges notices through a sequence at once, for who is done with the newest one before asking for the
    /// next.
    public func acknowledgeNotices(through sequence: UInt64) {
        driver.process { $0.session.noticesConsumed(through: sequence, at: $1) }
    }
}

/// Is wanted by one iteration as long as it lives.
final class NoticeSubscription: Sendable {
    let id: SubscriberID
    let driver: Driver

    init(driver: Driver) {
        self.driver = driver
        id = driver.process { guarded, now in
            let id = SubscriberID(number: guarded.session.makeID())
            guarded.session.noticesWanted(by: id, at: now)
            return id
        }
    }

    deinit { driver.process { [id] guarded, now in guarded.session.noticesUnwanted(by: id, at: now) } }
}

/// The member's notices. See `BoxOffice.notices`.
public struct Notices: AsyncSequence, Sendable {
    /// Never fails: it ends.
    public typealias Failure = Never
    let driver: Driver
    let subscription: NoticeSubscription?

    /// An iteration, which begins when its first element is asked for.
    public func makeAsyncIterator() -> Iterator { Iterator(driver: driver, subscription: subscription) }

    /// Sleeps until there is a notice that it has not returned.
    public struct Iterator: AsyncIteratorProtocol {
        private let driver: Driver
        private var subscription: NoticeSubscription?

        init(driver: Driver, subscription: NoticeSubscription?) {
            self.driver = driver
            self.subscription = subscription
        }

        /// The next notice. The one before counts as consumed.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> ReceivedNotice? {
            let subscription = self.subscription ?? NoticeSubscription(driver: driver)
            self.subscription = subscription
            let look = await driver.next(about: .notices) { session, now in
                session.nextNotice(for: subscription.id, at: now)
            }
            guard case .element(let notice) = look else { return nil }
            return notice
        }
    }
}
