// A prepared statement, bound and read by SQLite's own calls.
//
// GRDB opens the file, migrates it and prepares the statements. Rows go through this: a batch is thousands of bound
// values, and binding each as a boxed `DatabaseValueConvertible` cost more than SQLite took for the row.

import BoxOfficeProtocol
import CSQLite
import GRDB

/// One statement of one connection, used where that connection is: inside GRDB's access closures.
final class RowStatement {
    private let statement: Statement
    private let handle: OpaquePointer
    private var index: Int32 = 0
    private var bindFailure = SQLITE_OK
    let table: SealedTable?
    private var image: RowImage?

    /// - Parameter table: The sealed table that it writes a whole row of, its columns bound in the table's order and the
    ///   checksum last, or reads whole rows of, as `SELECT *`. Then a written row gets its checksum, and a read one is
    ///   found to fit it.
    init(_ sql: String, of table: SealedTable? = nil, on db: Database) throws {
        statement = try db.makeStatement(sql: sql)
        handle = statement.sqliteStatement
        self.table = table
        image = table.map { RowImage(of: $0.name) }
    }

    // MARK: Writing: bind the parameters in order, then run

    func bind(_ value: Int64) {
        image?.append(value)
        note(sqlite3_bind_int64(handle, next(), value))
    }
    func bind(_ value: Int64?) { if let value { bind(value) } else { bindNull() } }
    /// Identifiers are counted up from 1; the bits are kept whatever they are.
    func bind(_ value: UInt64) { bind(Int64(bitPattern: value)) }
    func bind(_ value: UInt64?) { bind(value.map { Int64(bitPattern: $0) }) }
    func bind(_ value: Bool) { bind(Int64(value ? 1 : 0)) }
    func bind<S: WireScalar>(_ value: S) where S.RawValue == UInt64 { bind(value.rawValue) }
    func bind<S: WireScalar>(_ value: S?) where S.RawValue == UInt64 { bind(value?.rawValue) }
    func bind<S: WireScalar>(_ value: S) where S.RawValue == Int64 { bind(value.rawValue) }
    func bind<S: WireScalar>(_ value: S?) where S.RawValue == Int64 { bind(value?.rawValue) }

    func bind(_ value: String) {
        var value = value
        value.withUTF8 { bindText(UnsafeRawBufferPointer($0)) }
    }

    func bind(_ value: String?) { if let value { bind(value) } else { bindNull() } }

    /// UTF-8 made by `RowText`.
    func bind(text: [UInt8]) { text.withUnsafeBytes { bindText($0) } }

    func bind(_ value: [UInt8]) { value.withUnsafeBytes { bindBlob($0) } }
    func bind(_ value: Bytes16) {
        withUnsafeBytes(of: (value.high.bigEndian, value.low.bigEndian)) { bindBlob($0) }
    }
    func bind(_ value: Digest) { bind(value.rawValue.bytes) }

    /// The image of what is bound so far, in a sealed table.
    var imageBytes: [UInt8] { image?.bytes ?? [] }

    /// Writes a whole row of a sealed table.
    /// - Returns: Its checksum, which was written with it.
    func runSealed() throws -> Int64 {
        let checksum = image?.checksum ?? 0
        bind(checksum)
        image?.clear()
        try run()
        return checksum
    }

    /// Runs it and makes it ready for the next row.
    func run() throws {
        index = 0
        guard bindFailure == SQLITE_OK else {
            defer { bindFailure = SQLITE_OK }
            throw DatabaseError(resultCode: ResultCode(rawValue: bindFailure), message: "a value cannot be bound")
        }
        let code = sqlite3_step(handle)
        let failure = code == SQLITE_DONE || code == SQLITE_ROW ? nil : error(code)
        sqlite3_reset(handle)
        if let failure { throw failure }
    }

    // MARK: Reading

    /// Calls `body` for each row of the result.
    ///
    /// - Throws: `.damaged` for a row of a sealed table that does not fit its checksum.
    func eachRow(_ body: (inout RowColumns) throws -> Void) throws {
        index = 0
        image?.clear()
        defer { sqlite3_reset(handle) }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW:
                var columns = try table.map { try RowColumns(handle, of: $0, &image!) } ?? RowColumns(handle)
                try body(&columns)
            case SQLITE_DONE: return
            case let code: throw error(code)
            }
        }
    }

    // MARK: Inside

    private func next() -> Int32 {
        index += 1
        return index
    }

    private func bindNull() {
        image?.appendNull()
        note(sqlite3_bind_null(handle, next()))
    }

    private func note(_ code: Int32) { if code != SQLITE_OK { bindFailure = code } }

    // The pointers are good for the duration of the call only, and SQLite copies within it.
    private func bindText(_ bytes: UnsafeRawBufferPointer) {
        image?.append(text: bytes)
        note(csqlite_bind_text(handle, next(), bytes.baseAddress, Int32(clamping: bytes.count)))
    }
    private func bindBlob(_ bytes: UnsafeRawBufferPointer) {
        image?.append(blob: bytes)
        note(csqlite_bind_blob(handle, next(), bytes.baseAddress, Int32(clamping: bytes.count)))
    }

    private func error(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
    }
}
