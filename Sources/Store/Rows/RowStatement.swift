// A prepared statement, bound and read by SQLite's own calls.
//
// GRDB opens the file, migrates it and prepares the statements. Rows go through this: a batch is thousands of bound
// values, and binding each as a boxed `DatabaseValueConvertible` cost more than SQLite took for the row. Values are put
// into an image of the row, which is what its checksum is made of, and SQLite reads them from there: it copies each once.

import CSQLite
import GRDB

/// One statement of one connection, used where that connection is: inside GRDB's access closures.
final class RowStatement {
    private let statement: Statement
    private let handle: OpaquePointer
    private let parameters: Int32
    let table: SealedTable?
    /// What is bound.
    private var values: RowImage
    /// A row that was read, to find whether it fits its checksum.
    private var image: RowImage?

    /// - Parameter table: The sealed table that it writes a whole row of, its columns bound in the table's order and the
    ///   checksum last, or reads whole rows of, as `SELECT *`. Then a written row gets its checksum, and a read one is
    ///   found to fit it.
    init(_ sql: String, of table: SealedTable? = nil, on db: Database) throws {
        statement = try db.makeStatement(sql: sql)
        handle = statement.sqliteStatement
        parameters = sqlite3_bind_parameter_count(handle)
        self.table = table
        values = table.map { RowImage(of: $0.name) } ?? RowImage()
    }

    // MARK: Writing

    /// Writes a whole row of a sealed table.
    ///
    /// - Parameter bind: Binds all of its columns but the checksum.
    /// - Returns: Its checksum, which was written with it.
    func runSealed(_ bind: (inout RowImage) -> Void) throws -> Int64 {
        var checksum: Int64 = 0
        try run {
            bind(&$0)
            checksum = $0.checksum
            $0.append(checksum)
        }
        return checksum
    }

    /// Runs it with these parameters.
    func run(_ bind: (inout RowImage) -> Void = { _ in }) throws {
        try withBound(bind) {
            let code = sqlite3_step(handle)
            let failure = code == SQLITE_DONE || code == SQLITE_ROW ? nil : error(code)
            sqlite3_reset(handle)
            if let failure { throw failure }
        }
    }

    // MARK: Reading

    /// Calls `body` for each row of the result.
    ///
    /// - Throws: `.damaged` for a row of a sealed table that does not fit its checksum.
    func eachRow(
        binding bind: (inout RowImage) -> Void = { _ in }, _ body: (inout RowColumns) throws -> Void
    ) throws {
        if let table, image == nil { image = RowImage(of: table.name) }
        try withBound(bind) {
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
    }

    // MARK: Inside

    /// Binds what `bind` puts down and calls `body`, for the duration of which the bytes are good: SQLite does not copy them.
    /// All parameters are bound each time, so that none is left from the time before.
    private func withBound(_ bind: (inout RowImage) -> Void, _ body: () throws -> Void) throws {
        values.clear()
        bind(&values)
        var index: Int32 = 0
        var failure = SQLITE_OK
        let values = values
        try values.withColumns {
            index += 1
            let code =
                switch $0 {
                case .integer(let integer): sqlite3_bind_int64(handle, index, integer)
                case .text(let bytes): csqlite_bind_text(handle, index, bytes.baseAddress, Int32(clamping: bytes.count))
                case .blob(let bytes): csqlite_bind_blob(handle, index, bytes.baseAddress, Int32(clamping: bytes.count))
                case .null: sqlite3_bind_null(handle, index)
                }
            if code != SQLITE_OK { failure = code }
        } then: {
            guard failure == SQLITE_OK, index == parameters else {
                throw DatabaseError(
                    resultCode: ResultCode(rawValue: failure == SQLITE_OK ? SQLITE_RANGE : failure),
                    message: "\(index) values cannot be bound to \(parameters) parameters")
            }
            try body()
        }
    }

    private func error(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
    }
}
