import BoxOfficeProtocol
import GRDB

extension Store {
    /// Begins a backup into a file that is not there yet; its directory is. One at a time: an earlier one ends.
    ///
    /// - Throws: `.failed` when there is such a file or it cannot be made.
    public func backup(to path: String) throws(StoreFailure) -> BackupCopy {
        try requireOpen()
        copy?.abandon()
        // Once complete it is no longer the store's.
        let copy = try BackupCopy(of: queue, to: path) { [unowned self] in
            self.copy = nil
            return newest
        }
        self.copy = copy
        return copy
    }

    /// Makes a backup of a data file that no server has open.
    ///
    /// - Parameter verify: Throws when the complete copy at this path is not good.
    /// - Throws: `.inUse` when a server has it open; what `load` throws when the file is not what it should be.
    public static func backUp(
        directory: String, to path: String, verify: (String) throws -> Void
    ) throws -> BackupCopy.Summary {
        let store = try open(directory: directory, bringsUpToDate: false)
        defer { store.close() }
        try store.load { _ in }
        let copy = try store.backup(to: path)
        while try !copy.step() {}
        try copy.finish(verify: verify)
        return copy.summary!
    }

    /// Makes a backup the data file of a directory.
    ///
    /// The backup is copied and verified beside what is there, then the witness is told of its newest commit, and last it
    /// takes the name of the data file. What was there is kept under another name. After a power cut in between no server
    /// starts, since the witness has seen what is not there: restore once more.
    ///
    /// - Parameters:
    ///   - file: The backup, of this version or an older one.
    ///   - replaces: Also when there is a box office in the directory already.
    ///   - asNew: With a deployment id of its own: for a trial, so that no client takes it for the box office it is of.
    ///   - verify: Throws when the file at this path is not good.
    /// - Returns: The newest commit, and where the old file is.
    /// - Throws: `.inUse` when a server has the directory open, `.damaged` when the backup is not whole.
    public static func restore(
        _ file: String, into directory: String, replaces: Bool, asNew: Bool = false, verify: (String) throws -> Void
    ) throws -> (commit: BackupCopy.Summary, kept: String?) {
        let directory = try DataDirectory(directory)
        defer { directory.release() }
        let witness = try Witness(path: directory.witness)
        defer { witness.close() }
        let exists = directory.hasDataFile || !witness.isEmpty
        guard replaces || !exists else {
            throw StoreFailure.refused("there is a box office in \(directory.path) already")
        }
        let incoming = directory.file + ".restoring"
        try directory.takeIn(file, as: incoming)
        let record: CommitRecord
        do {
            record = try prepared(incoming, asNew: asNew)
            try verify(incoming)
            try DataDirectory.sync(incoming)
        } catch {
            directory.remove(incoming)
            throw error is DatabaseError ? StoreFailure(harmless: error) : error
        }
        try witness.write(record)
        let kept = exists ? try directory.putAside() : nil
        try directory.replaceDataFile(by: incoming)
        let bytes = try DataDirectory.bytes(of: directory.file)
        return (BackupCopy.Summary(commit: UInt64(clamping: record.number), at: record.committedAt, bytes: bytes), kept)
    }

    /// Brings a copy up to date and verifies it, so that it is one whole file without a log.
    private static func prepared(_ path: String, asNew: Bool) throws -> CommitRecord {
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        try queue.writeWithoutTransaction { db in
            let version = try Schema.check(db)
            guard version > 0 else { throw StoreFailure.damaged("it is empty") }
            if version < Schema.newestVersion { _ = try Schema.verify(db, version: version) }
            try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")
        }
        try Schema.migrator.migrate(queue)
        return try queue.writeWithoutTransaction { db in
            if asNew {
                try Loading.verify(db)
                try db.inTransaction {
                    try db.execute(sql: "UPDATE meta SET deployment = randomblob(16)")
                    try Sealing.sealEverything(db)
                    return .commit
                }
            }
            let record = try Loading.verify(db)
            try db.checkpoint(.truncate)
            return record
        }
    }
}
