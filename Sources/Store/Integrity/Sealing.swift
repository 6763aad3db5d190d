// Sealing rows as they stand: when a file gets its checksums (migration 3) or other columns (4), and when an operator has
// edited it by hand and says that this was meant.

import BoxOfficeProtocol
import CSQLite
import Foundation
import GRDB

enum Sealing {
    /// Makes every checksum, the ledger's chain, the seals and the head anew. Inside a transaction of its caller.
    static func sealEverything(_ db: Database) throws {
        let code = sqlite3_create_function_v2(
            db.sqliteConnection, "row_checksum", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, nil,
            rowChecksum, nil, nil, nil)
        guard code == SQLITE_OK else { throw StoreFailure.failed("SQLite takes no function (\(code))") }
        defer {
            sqlite3_create_function_v2(db.sqliteConnection, "row_checksum", -1, SQLITE_UTF8, nil, nil, nil, nil, nil)
        }
        try chainLedger(db)
        var seals = Seals()
        for table in SealedTable.allCases {
            try db.execute(
                sql: """
                    UPDATE \(table.name)
                    SET checksum = row_checksum(\(try columns(of: table, db).joined(separator: ", ")))
                    """)
            try RowStatement("SELECT * FROM \(table.name)", of: table, on: db).eachRow { columns in
                seals.add(columns.checksum, to: table)
                if table == .ledger { seals.linked(try columns.link()) }
            }
        }
        try db.execute(sql: "DELETE FROM seal")
        for table in SealedTable.allCases {
            try db.execute(
                sql: "INSERT INTO seal VALUES (?, ?, ?, ?)",
                arguments: [table.rawValue, table.name, seals.rows(of: table), seals.sum(of: table)])
        }
        try db.execute(
            sql: """
                UPDATE meta SET definitions = ?, head = zeroblob(32),
                  head_before = CASE WHEN length(head) = 32 THEN head ELSE zeroblob(32) END
                """, arguments: [try CommitRecord.definitions(on: db)])
        let head = try CommitRecord(on: db).head(over: seals)
        try db.execute(sql: "UPDATE meta SET head = ?", arguments: [Data(head.rawValue.bytes)])
    }

    /// The name of the table as a text, then its columns without the checksum.
    private static func columns(of table: SealedTable, _ db: Database) throws -> [String] {
        try ["'\(table.name)'"] + db.columns(in: table.name).map(\.name).filter { $0 != "checksum" }.map { "\"\($0)\"" }
    }

    /// Entry by entry, in their order.
    private static func chainLedger(_ db: Database) throws {
        var seals = Seals()
        var links: [(entry: UInt64, link: Digest)] = []
        let columns = try columns(of: .ledger, db).dropFirst().filter { $0 != "\"chain\"" }.joined(separator: ", ")
        var image = RowImage(of: SealedTable.ledger.name)
        try RowStatement("SELECT \(columns) FROM ledger ORDER BY id", on: db).eachRow {
            image.clear()
            $0.append(to: &image, columns: $0.count)
            seals.linked(seals.link(over: image.bytes))
            links.append(($0.unsigned(), seals.link))
        }
        let statement = try RowStatement("UPDATE ledger SET chain = ?2 WHERE id = ?1", on: db)
        for (entry, link) in links {
            try statement.run {
                $0.bind(entry)
                $0.bind(link)
            }
        }
    }
}

/// SQL's `row_checksum(table, column, …)`.
private func rowChecksum(
    _ context: OpaquePointer?, _ count: Int32, _ values: UnsafeMutablePointer<OpaquePointer?>?
) {
    guard let values, count > 0, let name = sqlite3_value_text(values[0]) else { return }
    var image = RowImage(of: String(cString: name))
    for index in 1..<max(1, Int(count)) {
        let value = values[index]
        // The address first, then the count: SQLite's order. The pointers are good until the function returns.
        switch sqlite3_value_type(value) {
        case SQLITE_INTEGER: image.append(sqlite3_value_int64(value))
        case SQLITE_TEXT:
            let base = sqlite3_value_text(value)
            image.append(text: UnsafeRawBufferPointer(start: base, count: Int(sqlite3_value_bytes(value))))
        case SQLITE_BLOB:
            let base = sqlite3_value_blob(value)
            image.append(blob: UnsafeRawBufferPointer(start: base, count: Int(sqlite3_value_bytes(value))))
        default: image.appendNull()
        }
    }
    sqlite3_result_int64(context, image.checksum)
}
