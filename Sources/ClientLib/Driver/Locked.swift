// NSLock rather than `Synchronization.Mutex`, about which the thread sanitizer reports races that are none
// (docs/architecture.md, Dispatch 8).

import class Foundation.NSLock

/// State that threads share. `@unchecked Sendable`: `state` is only touched with `lock` held.
final class Locked<State: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var state: State

    init(_ state: State) { self.state = state }

    func withLock<R>(_ body: (inout State) -> R) -> R {
        lock.lock()
        defer { lock.unlock() }
        return body(&state)
    }
}
