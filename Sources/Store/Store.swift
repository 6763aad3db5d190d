// The one writer of the data file.
//
//     open ──▶ load ──▶ commit, updateWitness … ──▶ close
//                          │
//                          ├─ full, failed    nothing of the batch was written; memory is ahead of the file: load again
//                          └─ ambiguous       close, open, load, checkpoint(truncate: true), before the next answer
//
// Why a failed commit is not simply "failed": what COMMIT reports is what the program saw, not what the disk has. A
// power cut after a failed sync left the "failed" transaction on disk in a quarter of the cases tried.
//
// A load verifies every row, and that the file is the newest: Integrity/ says how.
//
// SQLite's settings, and why:
// - WAL: readers of history never wait for the writer, and a commit is one append and one sync.
// - synchronous = FULL: without it a commit is not on disk when it returns, and nothing leaves before it is.
// - One connection writes and checkpoints. SQLite before 3.51.3 may lose a commit when two do (the WAL-reset bug), so
//   checkpoints are not automatic either: the engine loop asks for them when it has nothing better to do.
// - Defensive, no extensions, no memory mapping (an I/O error there is a signal, not an error code).

import BoxOfficeEngine
import BoxOfficeProtocol
import CSQLite
import GRDB

/// The data file of a box office. Not `Sendable`: it belongs to the engine loop's queue.
public final class Store {
    /// Made at random with the file: tells production from staging.
    public let deployment: DeploymentID

    private let directory: DataDirectory
    let queue: DatabaseQueue
    private let chains = Chains()
    private let heldNotices = HeldNotices()
    private var writer: FactWriter?
    private var histories: [History] = []
    private let log: LogFrames
    private let witness: Witness
    /// The newest commit that was loaded or written.
    private(set) var newest: CommitRecord?
    /// The newest commit that is on disk for certain: its sync has returned.
    private var durable: CommitRecord?
    /// A backup under way.
    var copy: BackupCopy?
    private var isLoaded = false
    private var isAmbiguous = false
    /// A load found something wrong: nothing of the files is to be changed, the log's unreadable end above all.
    private var isRefused = false
    private var isClosed = false

    private init(
        _ directory: DataDirectory, _ queue: DatabaseQueue, _ witness: Witness, _ deployment: DeploymentID
    ) {
        self.directory = directory
        self.queue = queue
        self.witness = witness
        self.deployment = deployment
        log = LogFrames()
        queue.writeWithoutTransaction { log.follow($0) }
    }

    deinit { close() }

    /// Opens the data file, making the directory (mode 0700) and the file (0600) when they are missing, and bringing a
    /// file of an older version up to date.
    ///
    /// - Throws: `.inUse` when another server has it open, `.newerSchema` when a newer version wrote it, `.damaged` when
    ///   it is not a box office, `.notWitnessed` when there was a data file and now there is an empty or an older one.
    public static func open(directory path: String) throws(StoreFailure) -> Store {
        try open(directory: path, synchronous: .full)
    }

    /// How hard a commit presses the disk. `normal` is there for the tests of power cuts, which must notice it.
    enum Synchronous: Int { case normal = 1, full = 2 }

    /// - Parameter bringsUpToDate: A file of an older version is changed; otherwise it is refused.
    static func open(
        directory path: String, synchronous: Synchronous = .full, bringsUpToDate: Bool = true
    ) throws(StoreFailure) -> Store {
        let directory = try DataDirectory(path)
        do {
            let witness = try Witness(path: directory.witness)
            let queue = try DatabaseQueue(path: directory.file, configuration: configuration)
            try queue.writeWithoutTransaction { db in
                let version = try Schema.check(db)
                if version < Schema.newestVersion {
                    guard bringsUpToDate else {
                        throw StoreFailure.refused("the data file is of version \(version): start a server first")
                    }
                    try prepareToMigrate(db, from: version, witness, directory)
                }
                // Here and not by GRDB's configuration, which writes to the file before it can be checked.
                try db.execute(
                    sql: """
                        PRAGMA journal_mode = WAL; PRAGMA synchronous = \(synchronous.rawValue);
                        PRAGMA wal_autocheckpoint = 0
                        """)
                try checkSettings(db, synchronous)
            }
            try Schema.migrator.migrate(queue)
            let deployment = try queue.inDatabase { db in
                try Data16.fetch(db, "SELECT deployment FROM meta")
            }
            return Store(directory, queue, witness, DeploymentID(deployment))
        } catch {
            directory.release()
            throw StoreFailure(harmless: error)
        }
    }

    /// A file of an older version, or nothing at all: verified as far as that goes, and given a witness before it is
    /// changed, so that a file with checksums always has one.
    private static func prepareToMigrate(
        _ db: Database, from version: Int, _ witness: Witness, _ directory: DataDirectory
    ) throws {
        let commits = version == 0 ? 0 : try Int64.fetchOne(db, sql: "SELECT commits FROM meta") ?? 0
        if let seen = witness.newest, seen.commit > commits {
            throw StoreFailure.notWitnessed(
                (version == 0 ? "it is empty" : "it is of an older version and ends with commit \(commits)")
                    + ", and commit \(seen.commit) was seen")
        }
        if version > 0 {
            if let record = try Schema.verify(db, version: version) { try witness.check(record) }
            try keepCopy(db, of: version, in: directory)
        }
        // Unreadable is what a power cut leaves of the very first record.
        if witness.newest == nil { try witness.write(.nothingSeen) }
    }

    /// A copy of the file as it was, beside it, for whoever wants to go back.
    private static func keepCopy(_ db: Database, of version: Int, in directory: DataDirectory) throws {
        let path = directory.file + ".before-\(Schema.newestVersion)"
        do {
            try BackupCopy.copyWhole(db, to: path)
        } catch .full {
            throw StoreFailure.refused(
                "no space for boxoffice.sqlite.before-\(Schema.newestVersion), the copy that is kept of a file of version "
                    + "\(version) before it is changed")
        }
    }

    static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "boxoffice.store"
        // Nobody else should write; an operator's sqlite3 may hold the lock for a moment.
        configuration.busyMode = .timeout(5)
        // A rollback that fails must become `.ambiguous`, not a trap.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { db in
            csqlite_defend(db.sqliteConnection)
            csqlite_refuse_extensions(db.sqliteConnection)
            // Page size and vacuum mode take effect in a new file only, before its first table.
            try db.execute(
                sql: """
                    PRAGMA page_size = 8192; PRAGMA auto_vacuum = NONE; PRAGMA cache_size = -4096;
                    PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA journal_size_limit = 67108864
                    """)
        }
        return configuration
    }

    /// SQLite takes no notice of a setting that it does not know or cannot follow; what was promised rests on these.
    private static func checkSettings(_ db: Database, _ synchronous: Synchronous) throws {
        let settings = [
            ("journal_mode", "wal"), ("synchronous", "\(synchronous.rawValue)"), ("foreign_keys", "1"),
            ("wal_autocheckpoint", "0"),
        ]
        for (name, value) in settings {
            guard try String.fetchOne(db, sql: "PRAGMA \(name)") == value else {
                throw StoreFailure.failed("SQLite does not follow \(name) = \(value)")
            }
        }
    }

    /// Reads every row as a fact: operation floor, members, sessions, plans, concerts, performances, rooms, tokens,
    /// reservations, ledger, payments, notices (without bodies), operations, each by rising id.
    ///
    /// - Returns: The instant of the last commit; `distantPast` for a new file.
    /// - Throws: `.damaged` when something is not as it was written, `.notWitnessed` when the file is not the newest.
    @discardableResult
    public func load(_ apply: (Fact) throws -> Void) throws(StoreFailure) -> Instant {
        try load(acceptsAnyCommit: false, apply).committedAt
    }

    /// - Parameter acceptsAnyCommit: Whatever the witness says.
    func load(acceptsAnyCommit: Bool, _ apply: (Fact) throws -> Void) throws(StoreFailure) -> CommitRecord {
        try requireOpen()
        do {
            isLoaded = false
            isRefused = true
            let record = try withoutActuallyEscaping(apply) { apply in
                try queue.inDatabase { try loading($0, apply).run() }
            }
            if !acceptsAnyCommit { try witness.check(record) }
            newest = record
            isLoaded = true
            isRefused = false
            return record
        } catch {
            throw StoreFailure(harmless: error)
        }
    }

    private func loading(_ db: Database, _ apply: @escaping (Fact) throws -> Void) -> Loading {
        Loading(db: db, chains: chains, heldNotices: heldNotices, apply: apply)
    }

    /// The part of `accept(directory:edited:)` that needs the open file.
    func accept(edited: Bool) throws(StoreFailure) -> Accepted {
        let seen = witness.newest.flatMap { $0.commit > 0 ? $0.commit : nil }
        do {
            if edited {
                try queue.writeWithoutTransaction { db in
                    try db.inTransaction {
                        try db.execute(sql: "UPDATE meta SET commits = max(commits, ?) + 1", arguments: [seen ?? 0])
                        try Sealing.sealEverything(db)
                        // What has no meaning whatever its checksum is refused before it is committed.
                        _ = try loading(db) { _ in }.run()
                        return .commit
                    }
                }
            }
            let record = try load(acceptsAnyCommit: true) { _ in }
            try checkpoint(truncate: true)
            try witness.write(record)
            return Accepted(commit: record.number, at: record.committedAt, seen: seen)
        } catch {
            throw StoreFailure(harmless: error)
        }
    }

    /// Writes all facts in one transaction, which is on disk when this returns.
    ///
    /// - Parameter now: Kept with them: the next start's clock is not before it.
    /// - Throws: `.full` or `.failed` when nothing was written, `.ambiguous` when that is not known; after it only
    ///   `close` is left.
    public func commit(_ facts: [Fact], at now: Instant) throws(StoreFailure) {
        precondition(isLoaded, "rows are chained to those before them: load comes first")
        guard !facts.isEmpty else { return }
        guard !isAmbiguous else { throw .failed("an earlier commit is ambiguous: open it again") }
        try requireOpen()
        let failure: StoreFailure? = queue.inDatabase { db in
            do {
                let writer = try self.writer ?? FactWriter(on: db, chains: chains, heldNotices: heldNotices)
                self.writer = writer
                try Transaction(db: db, begin: writer.begin, commit: writer.commit).run {
                    try writer.write(facts)
                    try writer.writeCommit(at: now)
                }
                return nil
            } catch {
                return StoreFailure(harmless: error)
            }
        }
        guard let failure else {
            chains.batchCommitted()
            heldNotices.batchCommitted()
            newest = writer?.record
            durable = newest
            return
        }
        chains.batchEnded()
        heldNotices.batchEnded()
        writer = nil
        if case .ambiguous = failure { isAmbiguous = true }
        throw failure
    }

    /// A connection of its own that reads histories, on a queue of its own. It ends with the store.
    public func history(on queue: HistoryQueue = .dispatch()) throws(StoreFailure) -> History {
        let history = try History(file: directory.file, chains: chains, heldNotices: heldNotices, queue: queue)
        histories.append(history)
        return history
    }

    /// Bytes committed since the last checkpoint.
    public var logBytes: Int { log.bytes }

    /// Copies commits from the log into the data file, so that the log can start over.
    ///
    /// - Parameter truncate: Wait for readers, copy everything and empty the log: at close, and after a reload, where it
    ///   proves that the disk takes what memory was loaded from. Otherwise copy what no reader is in the way of.
    public func checkpoint(truncate: Bool) throws(StoreFailure) {
        try requireOpen()
        do {
            try queue.writeWithoutTransaction { db in
                log.checkpointed(frames: try db.checkpoint(truncate ? .truncate : .passive).walFrameCount)
            }
            if truncate { durable = newest }
        } catch {
            throw StoreFailure(harmless: error)
        }
    }

    /// Lets the witness know of the newest commit, and syncs it: the engine loop calls this when a batch's answers have
    /// left. Costs nothing when there is nothing new.
    ///
    /// After a load the newest commit may be in memory of the system only, left by a process that was killed before its
    /// sync returned; the witness hears of it once a commit or a `checkpoint(truncate: true)` has synced it.
    public func updateWitness() throws(StoreFailure) {
        guard let durable, !isAmbiguous, !isRefused, !isClosed, witness.newest?.head != durable.head else { return }
        try witness.write(durable)
    }

    /// Checkpoints when it is time: the engine loop calls this after each batch.
    ///
    /// - Parameter isIdle: Nothing waits to be decided. A busy loop is interrupted only for a log that has grown large.
    public func checkpointIfDue(isIdle: Bool) throws(StoreFailure) {
        guard log.isDue(isIdle: isIdle) else { return }
        try checkpoint(truncate: false)
    }

    /// SQLite looks into what is closed without asking, and crashes.
    func requireOpen() throws(StoreFailure) {
        if isClosed { throw .failed("the data file is closed") }
    }

    /// Closes the file; the next server may open it. Histories end too.
    public func close() {
        guard !isClosed else { return }
        copy?.close()
        for history in histories { history.close() }
        histories = []
        writer = nil
        // What is not checkpointed stays in the log, where the next open finds it: nothing to report.
        if !isAmbiguous && !isRefused { try? checkpoint(truncate: true) }
        try? updateWitness()
        isClosed = true
        witness.close()
        queue.writeWithoutTransaction { db in
            log.unfollow(db)
            if isRefused { csqlite_leave_log_at_close(db.sqliteConnection) }
        }
        try? queue.close()
        directory.release()
    }
}
