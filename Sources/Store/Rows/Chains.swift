// A member's rows as a chain: each names the member's row before it, so that a page of a history is read newest first,
// each row by its primary key, and no table that an on-sale appends to needs a second index. The ends of the chains are
// in memory and are found again when the rows are loaded.
//
// docs/storage.md has the measurement: an index on the member made a hold cost two thirds more of the processor.

import BoxOfficeProtocol
import Foundation

/// The newest row of each member in each history.
///
/// `@unchecked Sendable`: the writer appends on its queue and histories read on theirs; `lock` is held for every access.
final class Chains: @unchecked Sendable {
    enum History: Int, CaseIterable { case reservations, ledger, payments }

    private let lock = NSLock()
    private var newest: [[MemberID: UInt64]] = History.allCases.map { _ in [:] }
    /// By the transaction that is being written, in order: no history may start at a row that a rollback takes away.
    private var changes: [(history: History, member: MemberID, before: UInt64?)] = []

    /// The newest committed row.
    func newest(in history: History, of member: MemberID) -> UInt64? {
        lock.withLock {
            if let change = changes.first(where: { $0.history == history && $0.member == member }) {
                return change.before
            }
            return newest[history.rawValue][member]
        }
    }

    /// Puts a row at the end of its chain and returns the one before it. Ids rise; a row that is in the chain already
    /// stays where it is.
    func append(_ row: UInt64, to history: History, of member: MemberID) -> UInt64? {
        lock.withLock {
            let before = Self.raise(&newest[history.rawValue][member], to: row)
            if let before, row <= before { return nil }
            changes.append((history, member, before))
            return before
        }
    }

    /// Does the same for a row that is read at a load: it is committed.
    func load(_ row: UInt64, to history: History, of member: MemberID) {
        lock.withLock { _ = Self.raise(&newest[history.rawValue][member], to: row) }
    }

    /// - Returns: What was there, which stays when it is not lower.
    private static func raise(_ newest: inout UInt64?, to row: UInt64) -> UInt64? {
        defer { newest = max(newest ?? row, row) }
        return newest
    }

    func batchCommitted() { lock.withLock { changes.removeAll(keepingCapacity: true) } }

    /// Takes back what was not committed.
    func batchEnded() {
        lock.withLock {
            for change in changes.reversed() { newest[change.history.rawValue][change.member] = change.before }
            changes.removeAll(keepingCapacity: true)
        }
    }

    func removeAll() {
        lock.withLock {
            newest = History.allCases.map { _ in [:] }
            changes = []
        }
    }
}
