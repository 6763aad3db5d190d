import Dispatch
import Synchronization

/// Counts what arrives on the connections of all shards, and knows when the last of them did.
final class Tally: Sendable {
    private let left = Atomic<Int>(0)
    private let last = Atomic<Int>(0)
    private let complete = DispatchSemaphore(value: 0)
    private static let started = ContinuousClock.now

    /// From now on so many are awaited.
    func await(_ count: Int) { left.store(count, ordering: .sequentiallyConsistent) }

    /// One more is there.
    func arrived() {
        guard left.subtract(1, ordering: .relaxed).newValue == 0 else { return }
        last.store(Int((ContinuousClock.now - Self.started) / .nanoseconds(1)), ordering: .relaxed)
        complete.signal()
    }

    /// When the last one arrived.
    @discardableResult
    func wait(seconds: Double, for what: String) throws -> ContinuousClock.Instant {
        guard complete.wait(timeout: .now() + seconds) == .success else {
            throw Failed("\(what): \(left.load(ordering: .relaxed)) of them had not come after \(Int(seconds)) s")
        }
        return Self.started + .nanoseconds(last.load(ordering: .relaxed))
    }
}

/// Why a benchmark cannot go on.
struct Failed: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
