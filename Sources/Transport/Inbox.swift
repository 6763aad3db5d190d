// The way from any thread into a serial queue: a locked array, and one wake-up for each time it stops being empty.
//
// `queue.async` for each item costs 0.8 µs and an allocation; under load most items find the queue awake anyway
// (docs/architecture.md, Dispatch 4). NSLock rather than `Synchronization.Mutex`, about which the thread sanitizer
// reports races that are none (Dispatch 8).

import Foundation

/// A first-in, first-out inbox that any thread may put into and one queue empties.
///
/// `@unchecked Sendable`: `items` is only touched with `lock` held.
public final class Inbox<Item: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var items: [Item] = []

    /// An empty inbox.
    public init() {}

    /// Adds an item. True when the inbox was empty, and the caller has to wake whoever empties it.
    public func put(_ item: Item) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        items.append(item)
        return items.count == 1
    }

    /// Takes all items, in the order in which they were put. From here on the next `put` is a first one again.
    ///
    /// `into` is emptied and its storage left behind for the next items, so that a busy inbox does not allocate.
    public func takeAll(into taken: inout [Item]) {
        taken.removeAll(keepingCapacity: taken.capacity <= 1024)
        lock.lock()
        defer { lock.unlock() }
        swap(&items, &taken)
    }

    /// How many items wait.
    public var count: Int {
        lock.lock()
        defer { lock.unlock() }
        return items.count
    }
}
