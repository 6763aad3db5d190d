import CSQLite
import GRDB

/// Knows how long the write-ahead log is and when a checkpoint is due: SQLite tells the length after each commit.
final class LogFrames {
    /// Past this a checkpoint is due even when requests wait: copying so much keeps the writer busy for some ten
    /// milliseconds.
    static let busyBytesMax = 16 << 20
    /// Past this a checkpoint is due when nothing waits.
    static let idleBytesMax = 1 << 20
    static let pageBytes = 8192

    private struct Count {
        /// Frames in the log.
        var frames = 0
        /// How many there were at the last checkpoint. Also when a reader was in its way and not all were copied: to
        /// try again after each commit would cost a sync each time.
        var tried = 0

        mutating func committed(frames now: Int) {
            if now < frames { tried = 0 }  // All were copied, and the log began anew.
            frames = now
        }
    }

    // SQLite's hook is a C function: it gets this pointer. The memory outlives the hook, which `unfollow` takes off, and
    // is touched on the writer's queue only, where SQLite calls the hook too.
    private let count = UnsafeMutablePointer<Count>.allocate(capacity: 1)

    init() { count.initialize(to: Count()) }
    deinit { count.deallocate() }

    func follow(_ db: Database) {
        sqlite3_wal_hook(
            db.sqliteConnection,
            { count, _, _, frames in
                count?.assumingMemoryBound(to: Count.self).pointee.committed(frames: Int(frames))
                return SQLITE_OK
            }, count)
    }

    func unfollow(_ db: Database) { sqlite3_wal_hook(db.sqliteConnection, nil, nil) }

    /// Bytes committed since the last checkpoint.
    var bytes: Int { (count.pointee.frames - count.pointee.tried) * Self.pageBytes }

    func isDue(isIdle: Bool) -> Bool { bytes > (isIdle ? Self.idleBytesMax : Self.busyBytesMax) }

    func checkpointed(frames: Int) { count.pointee = Count(frames: frames, tried: frames) }
}
