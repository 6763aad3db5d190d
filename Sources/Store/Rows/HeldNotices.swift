import Foundation

/// In which reservation's row a notice is that has none of its own.
///
/// Notices and reservations are both numbered as they come, so the list is in order by either; what is pruned stays in it
/// until the next load, and is not found in the row.
///
/// `@unchecked Sendable`: the writer appends on its queue and histories look on theirs; `lock` is held for every access.
final class HeldNotices: @unchecked Sendable {
    private let lock = NSLock()
    private var entries: [(notice: UInt64, reservation: UInt64)] = []
    /// Entries of commits; those behind are of the transaction that is being written.
    private var committed = 0

    /// The reservation; nil when the notice has a row of its own, or is unknown.
    func reservation(of notice: UInt64) -> UInt64? {
        lock.withLock {
            var (low, high) = (0, entries.count)
            while low < high {
                let middle = (low + high) / 2
                if entries[middle].notice < notice { low = middle + 1 } else { high = middle }
            }
            return low < entries.count && entries[low].notice == notice ? entries[low].reservation : nil
        }
    }

    /// Puts a notice into a reservation's row.
    ///
    /// - Returns: Whether it has a higher number than any here; otherwise nothing happens.
    func take(_ notice: UInt64, in reservation: UInt64) -> Bool {
        lock.withLock {
            guard entries.last.map({ $0.notice < notice }) ?? true else { return false }
            entries.append((notice, reservation))
            return true
        }
    }

    func batchCommitted() { lock.withLock { committed = entries.count } }
    /// Takes back what was not committed.
    func batchEnded() { lock.withLock { entries.removeLast(entries.count - committed) } }
    func removeAll() {
        lock.withLock {
            entries = []
            committed = 0
        }
    }
}
