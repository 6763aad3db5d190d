// The numbered steps by which a file of any age becomes a file of today. A step that was released never changes.

import BoxOfficeProtocol
import GRDB

enum Schema {
    /// "BOX1" in the file's header: tells a box office from any other SQLite file, also for file(1).
    static let applicationID: Int32 = 0x424F_5831

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = 1")
            try db.execute(sql: Tables1.sql)
            try db.execute(sql: Views1.sql)
            try db.execute(
                sql: "INSERT INTO meta (id, deployment, committed_at, commits) VALUES (1, randomblob(16), ?, 0)",
                arguments: [Instant.distantPast.rawValue])
        }
        migrator.registerMigration("2") { db in
            try db.execute(sql: Tables2.sql)
            try db.execute(sql: "PRAGMA user_version = 2")
        }
        migrator.registerMigration("3") { db in
            try db.execute(sql: Tables3.sql)
            try Sealing.sealEverything(db)
            try db.execute(sql: "PRAGMA user_version = 3")
        }
        migrator.registerMigration("4") { db in
            try db.execute(sql: Tables4.sql)
            // A commit of its own: the witness knows another head of the newest.
            try db.execute(sql: "UPDATE meta SET commits = commits + 1 WHERE commits > 0")
            try Sealing.sealEverything(db)
            try db.execute(sql: "PRAGMA user_version = 4")
        }
        return migrator
    }

    /// A step after the third that changes a sealed table ends with `Sealing.sealEverything`, as the fourth does.
    static let newestVersion = 4
    /// Files from this version on have checksums and a witness.
    private static let sealedVersion = 3

    /// Refuses what is no box office or one of a newer version, and leaves it untouched.
    ///
    /// - Returns: The file's version; 0 for an empty file.
    static func check(_ db: Database) throws -> Int {
        // The list of migrations is a transaction of its own, before the first of them: a power cut between the two
        // leaves a file that has nothing else, and is still ours to fill.
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'")
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard tables == 0 || application == applicationID else { throw StoreFailure.damaged("it is not a box office") }
        guard try !migrator.hasBeenSuperseded(db) else { throw StoreFailure.newerSchema }
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard try version == migrator.appliedMigrations(db).count else {
            throw StoreFailure.damaged("its version is not that of its tables")
        }
        return version
    }

    /// Finds that a file of an older version is whole: by its checksums, or, before there were any, as far as SQLite can
    /// tell. What is garbled must not be sealed anew.
    ///
    /// - Returns: The newest commit, where it is sealed.
    static func verify(_ db: Database, version: Int) throws -> CommitRecord? {
        if version >= sealedVersion { return try Loading.verify(db) }
        try checkIntegrity(db)
        return nil
    }

    private static func checkIntegrity(_ db: Database) throws {
        let answer = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") ?? ""
        guard answer == "ok" else { throw StoreFailure.damaged(answer) }
        guard let row = try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") else { return }
        throw StoreFailure.damaged("a row of \(row[0] as String? ?? "?") names one that is not there")
    }
}
