import Synchronization

/// In which reservation's row a notice is that has none of its own. The writer appends on its queue, and histories look on
/// theirs.
///
/// Notices and reservations are both numbered as they come, so the list is in order by either; what is pruned stays in it
/// until the next load, and is not found in the row.
final class HeldNotices: Sendable {
    private struct Entries {
        var all: [(notice: UInt64, reservation: UInt64)] = []
        /// How many are of commits; those behind are of the transaction that is being written.
        var committed = 0
    }

    private let entries = Mutex(Entries())

    /// The reservation; nil when the notice has a row of its own, or is unknown.
    func reservation(of notice: UInt64) -> UInt64? {
        entries.withLock { entries in
            var (low, high) = (0, entries.all.count)
            while low < high {
                let middle = (low + high) / 2
                if entries.all[middle].notice < notice { low = middle + 1 } else { high = middle }
            }
            return low < entries.all.count && entries.all[low].notice == notice ? entries.all[low].reservation : nil
        }
    }

    /// Puts a notice into a reservation's row.
    ///
    /// - Returns: Whether it has a higher number than any here; otherwise nothing happens.
    func take(_ notice: UInt64, in reservation: UInt64) -> Bool {
        entries.withLock {
            guard $0.all.last.map({ $0.notice < notice }) ?? true else { return false }
            $0.all.append((notice, reservation))
            return true
        }
    }

    func batchCommitted() { entries.withLock { $0.committed = $0.all.count } }
    /// Takes back what was not committed.
    func batchEnded() { entries.withLock { $0.all.removeLast($0.all.count - $0.committed) } }
    func removeAll() { entries.withLock { $0 = Entries() } }
}
