/// A serial queue: what is given to it runs one after another, never two at once.
public protocol WorkQueue: AnyObject, Sendable {
    /// Runs `work` after everything that was given to the queue before.
    func async(_ work: @escaping @Sendable () -> Void)

    /// Runs `body` after everything that was given to the queue before, and returns when it has run. Never from the
    /// queue itself.
    func sync(_ body: () -> Void)

    /// Runs `work` once that much time has passed. It cannot be taken back.
    func after(_ span: Duration, _ work: @escaping @Sendable () -> Void)

    /// A timer that is not set yet.
    func makeTimer() -> any WorkTimer

    /// Runs `body` whenever `descriptor` can be read, until the source is cancelled; then `cancelled` runs once, and
    /// the descriptor may be closed.
    func whenReadable(
        _ descriptor: Int32, _ body: @escaping @Sendable () -> Void, cancelled: @escaping @Sendable () -> Void
    ) -> any WorkSource

    /// Whether the caller runs on this queue.
    var isCurrent: Bool { get }

    /// Stops the process when the caller does not run on this queue.
    func assertCurrent()
}

/// A timer that can be set again and again; the last setting counts.
public protocol WorkTimer: AnyObject, Sendable {
    /// What runs on the queue each time it fires.
    func whenFired(_ body: @escaping @Sendable () -> Void)
    /// Fires once, that much later; up to `leeway` more when that saves a wake-up.
    func fire(after span: Duration, leeway: Duration)
    /// Fires no more. Needed before it is let go.
    func cancel()
}

/// Something that is watched until it is cancelled.
public protocol WorkSource: AnyObject, Sendable {
    /// Watches no more. Needed before it is let go.
    func cancel()
}
