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
    private var ends = Ends()

    /// The newest committed row.
    func newest(in history: History, of member: MemberID) -> UInt64? {
        lock.withLock { ends.committed(in: history, of: member) }
    }

    /// Puts a row at the end of its chain and returns the one before it. Ids rise; a row that is in the chain already
    /// stays where it is.
    func append(_ row: UInt64, to history: History, of member: MemberID) -> UInt64? {
        lock.withLock { ends.append(row, to: history, of: member) }
    }

    /// Does the same for a row that is read at a load: it is committed.
    func load(_ row: UInt64, to history: History, of member: MemberID) {
        lock.withLock { _ = ends.put(row, at: history, of: member) }
    }

    func batchCommitted() { lock.withLock { ends.changes.removeAll(keepingCapacity: true) } }
    /// Takes back what was not committed.
    func batchEnded() { lock.withLock { ends.takeBack() } }
    func removeAll() { lock.withLock { ends = Ends() } }
}

extension Chains {
    private struct Ends {
        private var newest: [[MemberID: UInt64]] = History.allCases.map { _ in [:] }
        /// By the transaction that is being written, in order.
        var changes: [(history: History, member: MemberID, before: UInt64?)] = []

        /// No history may start at a row that a rollback takes away.
        func committed(in history: History, of member: MemberID) -> UInt64? {
            if let change = changes.first(where: { $0.history == history && $0.member == member }) {
                return change.before
            }
            return newest[history.rawValue][member]
        }

        mutating func append(_ row: UInt64, to history: History, of member: MemberID) -> UInt64? {
            let before = put(row, at: history, of: member)
            if let before, row <= before { return nil }
            changes.append((history, member, before))
            return before
        }

        /// - Returns: What was there, which stays when it is not lower.
        mutating func put(_ row: UInt64, at history: History, of member: MemberID) -> UInt64? {
            Self.replace(&newest[history.rawValue][member], with: row)
        }

        private static func replace(_ newest: inout UInt64?, with row: UInt64) -> UInt64? {
            let before = newest
            newest = max(before ?? row, row)
            return before
        }

        mutating func takeBack() {
            for change in changes.reversed() { newest[change.history.rawValue][change.member] = change.before }
            changes.removeAll(keepingCapacity: true)
        }
    }
}
