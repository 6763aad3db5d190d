// Opening the data file without leaving a trace, which SQLite does not do by itself: reading a file in WAL mode makes or
// changes -wal and -shm beside it, and the last to close copies the log into the file. Three cases:
//
// | -wal        | -shm    | who left it           | how it is read                                                         |
// |-------------|---------|-----------------------|------------------------------------------------------------------------|
// | none, empty | none    | a server that stopped | `immutable`: nothing but the file; read again if a server started      |
// | there       | there   | a running or a killed | `readonly_shm`: shares the running server's locks; after a kill SQLite |
// |             |         | server                | makes an index of the log in memory                                    |
// | there       | none    | a copy of the files   | a copy of both in a temporary directory                                |

import CSQLite
import Foundation

/// A data file that was opened for one audit, and what to tidy up after it.
struct OpenedFile {
    let file: DataFile
    let path: String
    fileprivate var temporary: String?

    func finish() {
        file.close()
        if let temporary { try? FileManager.default.removeItem(atPath: temporary) }
    }
}

extension DataFile {
    static func path(in directory: String) -> String {
        URL(fileURLWithPath: directory).appendingPathComponent("boxoffice.sqlite").path
    }

    static func open(path: String) throws(AuditFailure) -> OpenedFile {
        let files = FileManager.default
        guard files.fileExists(atPath: path) else { throw .missing(path) }
        let log = try? files.attributesOfItem(atPath: path + "-wal")[.size] as? Int
        let isShared = files.fileExists(atPath: path + "-shm")
        if isShared { return OpenedFile(file: try DataFile(path, "readonly_shm=1"), path: path) }
        if log ?? 0 == 0 { return OpenedFile(file: try DataFile(path, "immutable=1"), path: path) }
        return try copied(path)
    }

    private static func copied(_ path: String) throws(AuditFailure) -> OpenedFile {
        let temporary = NSTemporaryDirectory() + "boxoffice-audit-" + UUID().uuidString
        let copy = temporary + "/boxoffice.sqlite"
        do {
            try FileManager.default.createDirectory(
                atPath: temporary, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
            }
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw .unreadable("the data file and its log cannot be copied for reading: \(error)")
        }
        do throws(AuditFailure) {
            return OpenedFile(file: try DataFile(copy, "mode=rw"), path: path, temporary: temporary)
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
    }
}

/// One connection that only reads, with just enough of SQLite for an audit. Used by one thread.
final class DataFile {
    private var handle: OpaquePointer?

    /// - Parameter parameter: How to open it, as a parameter of SQLite's file URIs.
    init(_ path: String, _ parameter: String) throws(AuditFailure) {
        let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: "?#%;"))
        guard let escaped = path.addingPercentEncoding(withAllowedCharacters: allowed) else {
            throw .unreadable("\(path) is no path")
        }
        let writes = parameter == "mode=rw" ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY
        let code = sqlite3_open_v2(
            "file:\(escaped)?\(parameter)", &handle, writes | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK else {
            let failure = failure(code)
            close()
            throw failure
        }
        csqlite_defend(handle)
        csqlite_refuse_extensions(handle)
        csqlite_leave_log_at_close(handle)
        sqlite3_busy_timeout(handle, 5_000)
        do throws(AuditFailure) {
            try execute("PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cache_size = -65536")
        } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    func close() {
        sqlite3_close_v2(handle)
        handle = nil
    }

    func execute(_ sql: String) throws(AuditFailure) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// Calls `body` with the columns of each row as text; NULL is empty.
    func rows(_ sql: String, _ body: ([String]) -> Void) throws(AuditFailure) {
        try values(sql) { statement in
            body(
                (0..<sqlite3_column_count(statement)).map { column in
                    sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
                })
        }
    }

    /// Calls `body` at each row of the result.
    func values(_ sql: String, _ body: (OpaquePointer?) -> Void) throws(AuditFailure) {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        defer { sqlite3_finalize(statement) }
        guard code == SQLITE_OK else { throw failure(code) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: body(statement)
            case SQLITE_DONE: return
            case let code: throw failure(code)
            }
        }
    }

    func text(_ sql: String) throws(AuditFailure) -> String {
        var first: String?
        try rows(sql) { first = first ?? $0.first }
        return first ?? ""
    }

    func integer(_ sql: String) throws(AuditFailure) -> Int64 { Int64(try text(sql)) ?? 0 }

    private func failure(_ code: Int32) -> AuditFailure {
        .unreadable(handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code)))
    }
}
