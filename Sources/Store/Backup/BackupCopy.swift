// A copy of the data file that is made while the file is written, with SQLite's online backup through the writer's own
// connection: a step copies some pages, and what a later commit changes of them SQLite writes into the copy as well. So
// the sale waits for a step at most, and the copy is of one moment, that of its last step.
//
//     FILE.partial ── step … step ──▶ complete ──▶ synced ──▶ verified by whoever asked ──▶ FILE
//
// A name that is there is never overwritten, and FILE appears whole or not at all.

import BoxOfficeProtocol
import CSQLite
import GRDB

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A backup under way. It belongs to the store's queue until it is complete, and then to whoever finishes it.
///
/// `@unchecked Sendable`: handed over once, from the store's queue to the one that verifies.
public final class BackupCopy: @unchecked Sendable {
    /// What a backup holds.
    public struct Summary: Hashable, Sendable, CustomStringConvertible {
        /// The number of the newest commit in it.
        public var commit: UInt64
        /// When that was.
        public var at: Instant
        /// Its size.
        public var bytes: UInt64

        /// For logs and terminals.
        public var description: String { "commit \(commit) of \(at.text), \(bytes) bytes" }
    }

    /// Pages in one step: a mebibyte, some milliseconds.
    static let stepPages: Int32 = 128

    /// Where it will be.
    public let path: String
    /// Where it is until it is found to be good.
    public var partialPath: String { path + ".partial" }
    /// Set when the last step was made.
    public private(set) var summary: Summary?

    private let queue: DatabaseQueue
    private var target: OpaquePointer?
    private var backup: OpaquePointer?
    private var isEnded = false

    private let completed: () -> CommitRecord?

    /// Begins a copy into a file that is not there yet.
    /// - Parameter completed: Called after the last step: gives the newest commit of the file at that moment.
    init(of queue: DatabaseQueue, to path: String, completed: @escaping () -> CommitRecord?) throws(StoreFailure) {
        self.queue = queue
        self.path = path
        self.completed = completed
        guard access(path, F_OK) != 0 else { throw .refused("\(path) is there already") }
        // What an earlier attempt has left: it was never called good.
        unlink(path + ".partial")
        try DataDirectory.makeFile(path + ".partial", in: DataDirectory.parent(of: path))
        do {
            target = try Self.target(path + ".partial", "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            backup = queue.inDatabase { sqlite3_backup_init(target, "main", $0.sqliteConnection, "main") }
            guard backup != nil else { throw Self.failure(of: target, sqlite3_errcode(target)) }
        } catch {
            abandon()
            throw StoreFailure(harmless: error)
        }
    }

    deinit { abandon() }

    /// Copies the next pages. True when the copy is complete.
    ///
    /// - Throws: `.full`, or `.failed`; then `abandon` is all that is left.
    public func step() throws(StoreFailure) -> Bool {
        guard let backup else { throw .failed("the data file was closed meanwhile") }
        switch queue.inDatabase({ _ in sqlite3_backup_step(backup, Self.stepPages) }) {
        case SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED: return false
        case SQLITE_DONE: break
        case let code: throw Self.failure(of: target, code)
        }
        let code = queue.inDatabase { _ in sqlite3_backup_finish(backup) }
        self.backup = nil
        guard code == SQLITE_OK else { throw Self.failure(of: target, code) }
        sqlite3_close_v2(target)
        target = nil
        guard let newest = completed() else { throw .failed("the data file was not loaded") }
        let bytes = try DataDirectory.bytes(of: partialPath)
        summary = Summary(commit: UInt64(clamping: newest.number), at: newest.committedAt, bytes: bytes)
        return true
    }

    /// Syncs the complete copy, has it verified, and gives it its name.
    ///
    /// - Parameter verify: Throws when the file at this path is not good.
    public func finish(verify: (String) throws -> Void) throws {
        guard summary != nil else { throw StoreFailure.failed("the copy is not complete") }
        do {
            try DataDirectory.sync(partialPath)
            try verify(partialPath)
            guard access(path, F_OK) != 0 else { throw StoreFailure.refused("\(path) is there already") }
            guard rename(partialPath, path) == 0 else { throw StoreFailure.failed(lastError(in: path)) }
            isEnded = true
            try DataDirectory.sync(DataDirectory.parent(of: path))
        } catch {
            abandon()
            throw error
        }
    }

    /// Ends it, and removes what there is of it; what has its name stays.
    public func abandon() {
        guard !isEnded else { return }
        isEnded = true
        close()
        unlink(partialPath)
    }

    /// The data file is about to be closed.
    func close() {
        if let backup { queue.inDatabase { _ in _ = sqlite3_backup_finish(backup) } }
        backup = nil
        sqlite3_close_v2(target)
        target = nil
    }

    /// Copies all of an open file at once, in one transaction of the copy: whole or, after a crash, not there.
    static func copyWhole(_ db: Database, to path: String) throws(StoreFailure) {
        try DataDirectory.makeFile(path, in: DataDirectory.parent(of: path))
        let target = try target(path, "PRAGMA synchronous = FULL")
        defer { sqlite3_close_v2(target) }
        guard let backup = sqlite3_backup_init(target, "main", db.sqliteConnection, "main") else {
            throw failure(of: target, sqlite3_errcode(target))
        }
        let stepped = sqlite3_backup_step(backup, -1)
        let code = sqlite3_backup_finish(backup)
        guard stepped == SQLITE_DONE, code == SQLITE_OK else { throw failure(of: target, code) }
    }

    private static func target(_ path: String, _ settings: String) throws(StoreFailure) -> OpaquePointer? {
        var target: OpaquePointer?
        let opened = sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
        let code = opened == SQLITE_OK ? sqlite3_exec(target, settings, nil, nil, nil) : opened
        guard code == SQLITE_OK else {
            defer { sqlite3_close_v2(target) }
            throw failure(of: target, code)
        }
        return target
    }

    private static func failure(of target: OpaquePointer?, _ code: Int32) -> StoreFailure {
        guard code & 0xFF != SQLITE_FULL else { return .full }
        return .failed("the copy: \(target.map { String(cString: sqlite3_errmsg($0)) } ?? "") (\(code))")
    }
}
