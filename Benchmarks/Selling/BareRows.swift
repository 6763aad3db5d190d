import CSQLite
import Foundation

/// The rows of a sale, written once more by SQLite's own calls and nothing else: no rules, no checksums made, no facts.
///
/// The file is a copy of ours without these rows, so that pages, definitions and settings are the same.
final class BareRows {
    private enum Value {
        case integer(Int64)
        case text([UInt8])
        case blob([UInt8])
        case null
    }

    /// Its number in `seal`.
    private static let sealOfReservations: Int64 = 12
    /// 16 MiB, as our store has it.
    private static let logPagesMax = 2_048

    private let directory: TemporaryDirectory
    private let database: OpaquePointer
    /// Of `reservation`, by rising number: a hold is one of them.
    private var rows: [[Value]] = []
    private let holds: Int
    private var logPages: Int32 = 0

    /// - Parameter path: The directory of a box office that nobody has open.
    init(of path: String, holds: Int) throws {
        self.holds = holds
        directory = try TemporaryDirectory()
        let file = directory.path + "/bare.sqlite"
        try FileManager.default.copyItem(atPath: path + "/boxoffice.sqlite", toPath: file)
        var opened: OpaquePointer?
        guard sqlite3_open(file, &opened) == SQLITE_OK, let opened else { throw Failed("sqlite3_open") }
        database = opened
        rows = try read("SELECT * FROM reservation ORDER BY id DESC LIMIT \(holds)").reversed()
        guard rows.count == holds else { throw Failed("fewer reservations than were sold") }
        try run("DELETE FROM reservation WHERE id IN (SELECT id FROM reservation ORDER BY id DESC LIMIT \(holds))")
        try run("VACUUM")
        try run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")
        try run("PRAGMA cache_size = -4096; PRAGMA foreign_keys = ON")
    }

    deinit { sqlite3_close(database) }

    /// - Returns: Seconds a hold.
    func write(batch: Int) throws -> Double {
        let marks = Array(repeating: "?", count: rows[0].count).joined(separator: ", ")
        let insert = try prepare("INSERT INTO reservation VALUES (\(marks))")
        let begin = try prepare("BEGIN IMMEDIATE")
        let commit = try prepare("COMMIT")
        // What a commit of ours writes beside the rows.
        let seal = try prepare("UPDATE seal SET rows = rows + 1, sum = sum + 1 WHERE id = ?")
        let meta = try prepare("UPDATE meta SET commits = commits + 1, committed_at = committed_at + 1")
        defer { for statement in [insert, begin, commit, seal, meta] { sqlite3_finalize(statement) } }
        // Called by `commit` below, on this thread, while `self` lives.
        sqlite3_wal_hook(
            database,
            { context, _, _, pages in
                Unmanaged<BareRows>.fromOpaque(context!).takeUnretainedValue().logPages = pages
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
        return try secondsTaken {
            var next = 0
            while next < holds {
                try step(begin)
                for index in next..<min(next + batch, holds) {
                    bind(rows[index], to: insert)
                    try step(insert)
                }
                sqlite3_bind_int64(seal, 1, Self.sealOfReservations)
                try step(seal)
                try step(meta)
                try step(commit)
                next += batch
                // As often as ours.
                if logPages > Self.logPagesMax {
                    sqlite3_wal_checkpoint_v2(database, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
                }
            }
        } / Double(holds)
    }

    private func bind(_ values: [Value], to statement: OpaquePointer) {
        for (index, value) in values.enumerated() {
            let column = Int32(index + 1)
            // Texts and blobs outlive the statement's run: they are in `rows`. No destructor is needed.
            switch value {
            case .integer(let integer): sqlite3_bind_int64(statement, column, integer)
            case .null: sqlite3_bind_null(statement, column)
            case .text(let bytes):
                bytes.withUnsafeBytes {
                    let base = $0.assumingMemoryBound(to: CChar.self).baseAddress
                    _ = sqlite3_bind_text(statement, column, base, Int32($0.count), nil)
                }
            case .blob(let bytes):
                bytes.withUnsafeBytes { _ = sqlite3_bind_blob(statement, column, $0.baseAddress, Int32($0.count), nil) }
            }
        }
    }

    private func read(_ sql: String) throws -> [[Value]] {
        let statement = try prepare(sql)
        defer { sqlite3_finalize(statement) }
        var rows: [[Value]] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            rows.append(
                (0..<sqlite3_column_count(statement)).map { column in
                    switch sqlite3_column_type(statement, column) {
                    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
                    case SQLITE_NULL: return .null
                    case let type:
                        // The address first, then the count: SQLite's order.
                        let base = sqlite3_column_blob(statement, column)
                        let count = Int(sqlite3_column_bytes(statement, column))
                        let bytes = Array(UnsafeRawBufferPointer(start: base, count: count))
                        return type == SQLITE_TEXT ? .text(bytes) : .blob(bytes)
                    }
                })
        }
        return rows
    }

    private func run(_ sql: String) throws {
        guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else { throw failure(sql) }
    }

    private func prepare(_ sql: String) throws -> OpaquePointer {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
            throw failure(sql)
        }
        return statement
    }

    private func step(_ statement: OpaquePointer) throws {
        guard sqlite3_step(statement) == SQLITE_DONE else { throw failure("a statement") }
        sqlite3_reset(statement)
    }

    private func failure(_ what: String) -> Failed { Failed("\(what): \(String(cString: sqlite3_errmsg(database)))") }
}
