// Passwords take 19 MiB and 19 ms each, on purpose. So they have queues of their own, few at once, that give way to those
// who are in already, and a bound on how many may wait: beyond it a login is refused with `busy` instead of making
// everybody slow.

import BoxOfficeProtocol
import BoxOfficeTransport
import DequeModule
import Foundation

/// Hashes and verifies passwords, off every other queue.
///
/// `@unchecked Sendable`: the state is only touched with `lock` held.
final class PasswordHasher: @unchecked Sendable {
    private let lock = NSLock()
    private var waiting: Deque<@Sendable () -> Void> = []
    private var idle: [any WorkQueue]
    private let waitingMax: Int
    private let cost: Sodium.PasswordCost
    /// What a password is tried against when there is no such member, so that asking costs the same time either way.
    private let nobodysHash: String

    init(
        on platform: any Platform = SystemPlatform(), atOnce: Int = 2, waitingMax: Int = 64,
        cost: Sodium.PasswordCost = .standard
    ) {
        idle = (0..<atOnce).map { platform.queue("boxoffice.passwords.\($0)", isUrgent: false) }
        self.waitingMax = waitingMax
        self.cost = cost
        // An empty string would verify in no time; without memory for one hash nobody can log in anyway.
        nobodysHash = Sodium.passwordHash("nobody", cost: cost) ?? ""
    }

    /// Calls `completion` with the hash, nil when there is no memory for it. False: too many wait, ask later.
    func hash(_ password: Secret, _ completion: @escaping @Sendable (String?) -> Void) -> Bool {
        submit { [cost] in completion(Sodium.passwordHash(password.exposed, cost: cost)) }
    }

    /// Calls `completion` with whether it is the password of `hash`; nil is nobody's. False: too many wait.
    func verify(_ password: Secret, against hash: String?, _ completion: @escaping @Sendable (Bool) -> Void) -> Bool {
        let known = hash.flatMap { $0.isEmpty ? nil : $0 }
        return submit { [nobodysHash] in
            let fits = Sodium.verifies(password.exposed, against: known ?? nobodysHash)
            completion(fits && known != nil)
        }
    }

    private func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        if let queue = idle.popLast() {
            queue.async { self.run(work, on: queue) }
            return true
        }
        guard waiting.count < waitingMax else { return false }
        waiting.append(work)
        return true
    }

    private func run(_ work: @Sendable () -> Void, on queue: any WorkQueue) {
        work()
        lock.lock()
        defer { lock.unlock() }
        if let next = waiting.popFirst() {
            queue.async { self.run(next, on: queue) }
        } else {
            idle.append(queue)
        }
    }
}
