// A change is written into the profile before its first byte is sent, and taken out when its answer has come. Whatever
// ends the process in between, the next call finds it there:
//
//     operationWillBegin ──▶ in the profile, locked ──▶ sent ──▶ operationDidSettle ──▶ out of the profile
//                                   │
//                                   └── no answer: unlocked, and the next call settles it (Settlement.swift)
//
// The lock says that a living process waits for this answer. Two processes that charge the same amount at the same time
// are two changes; one that finds the other's change unlocked knows that nobody waits for it any more.

import BoxOfficeClient
import BoxOfficeTerminal
import Foundation

/// Keeps a profile's changes until they are answered.
final class PendingLog: OperationObserver, @unchecked Sendable {  // `state` is touched only under `lock`
    /// What is known of the change that is about to be made.
    struct Origin: Sendable {
        var command = ""
        var member: MemberID?
        var deployment: DeploymentID?
        var file: PendingChange.File?
    }

    private struct State {
        var origin = Origin()
        /// Changes of this process that wait for an answer.
        var locks: [OperationKey: FileLock] = [:]
        /// Those among them that an earlier call began: whether an answer settles them is decided elsewhere.
        var resumed: Set<OperationKey> = []
    }

    private let store: ProfileStore
    private let lock = NSLock()
    private var state = State()

    init(_ store: ProfileStore) { self.store = store }

    /// Tells what the changes from now on are.
    func begin(_ origin: Origin) { lock.withLock { state.origin = origin } }

    // MARK: What the client library tells

    func operationWillBegin(_ operation: PendingOperation) throws {
        let (isKnown, origin) = lock.withLock { (state.locks[operation.key] != nil, state.origin) }
        if isKnown { return }  // an upload's second attempt, or a change that is being settled
        guard let body = operation.bodyWithoutSecrets else { throw Failure("badRequest", "The request is not one.") }
        let key = hexadecimal(operation.key.rawValue.bytes)
        guard let fileLock = try store.lockChange(key) else {
            throw Failure("busy", "Another process makes this change.")
        }
        let change = PendingChange(
            key: key, opcode: operation.opcode.rawValue, body: hexadecimal(body), command: origin.command,
            startedAt: rfc3339(microseconds: Int64(Date().timeIntervalSince1970 * 1000) * 1000),
            member: operation.opcode == .signUp ? nil : origin.member?.rawValue,
            deployment: origin.deployment.map { hexadecimal($0.rawValue.bytes) }, file: origin.file)
        do {
            try store.change(durably: true) { $0.pending.append(change) }
        } catch {
            fileLock.remove()
            throw error
        }
        lock.withLock { state.locks[operation.key] = fileLock }
    }

    func operationDidSettle(_ key: OperationKey) {
        guard !lock.withLock({ state.resumed.contains(key) }) else { return }
        settled(key)
    }

    // MARK: What settlement does

    /// This process will wait for the answer of a change that an earlier call began. False when another process does, or
    /// the change has been settled meanwhile.
    func resume(_ change: PendingChange) throws -> Bool {
        guard let key = change.operationKey else { return false }
        if lock.withLock({ state.locks[key] != nil }) { return true }
        guard let fileLock = try store.lockChange(change.key) else { return false }
        guard try store.load().pending.contains(where: { $0.key == change.key }) else {
            fileLock.remove()
            return false
        }
        lock.withLock {
            state.locks[key] = fileLock
            state.resumed.insert(key)
        }
        return true
    }

    /// The change needs no more asking.
    func settled(_ key: OperationKey) {
        let fileLock = lock.withLock {
            state.resumed.remove(key)
            return state.locks.removeValue(forKey: key)
        }
        let name = hexadecimal(key.rawValue.bytes)
        // When this fails (a full disk), the next call asks again, and is told the same.
        _ = try? store.change { $0.pending.removeAll { $0.key == name } }
        fileLock?.remove()
    }

    /// A command has ended: nobody here waits for an answer any more.
    func release() {
        lock.withLock {
            for lock in state.locks.values { lock.remove() }
            state.locks = [:]
            state.resumed = []
        }
    }
}
