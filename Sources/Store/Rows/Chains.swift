// A member's rows as a chain: each names the member's row before it, so that a page of a history is read newest first,
// each row by its primary key, and no table that an on-sale appends to needs a second index. The ends of the chains are
// in memory and are found again when the rows are loaded.
//
// docs/storage.md has the measurement: an index on the member made a hold cost two thirds more of the processor.

import BoxOfficeProtocol
import Foundation

/// The newest row of each member in each history.
///
/// `@unchecked Sendable`: the writer appends on its queue and histories read on theirs; `lock` is held for every access
/// to `committed`. Only the writer touches `batch`.
final class Chains: @unchecked Sendable {
    enum History: Int, CaseIterable { case reservations, ledger, payments }

    private let lock = NSLock()
    private var committed: [[MemberID: UInt64]] = History.allCases.map { _ in [:] }
    /// Of the transaction that is being written: no history may start at a row that a rollback takes away.
    private var batch: [[MemberID: UInt64]] = History.allCases.map { _ in [:] }

    /// The newest committed row.
    func newest(in history: History, of member: MemberID) -> UInt64? {
        lock.withLock { committed[history.rawValue][member] }
    }

    /// Puts a row at the end of its chain and returns the one before it. Ids rise; a row that is in the chain already
    /// stays where it is.
    func append(_ row: UInt64, to history: History, of member: MemberID) -> UInt64? {
        let newest = batch[history.rawValue][member] ?? self.newest(in: history, of: member)
        if let newest, row <= newest { return nil }
        batch[history.rawValue][member] = row
        return newest
    }

    func batchCommitted() {
        lock.withLock {
            for history in History.allCases {
                committed[history.rawValue].merge(batch[history.rawValue]) { _, new in new }
            }
        }
        batchEnded()
    }

    func batchEnded() {
        for history in History.allCases { batch[history.rawValue].removeAll(keepingCapacity: true) }
    }

    func removeAll() {
        batchEnded()
        lock.withLock { committed = History.allCases.map { _ in [:] } }
    }
}
