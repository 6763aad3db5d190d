// Checksums, chain, seals and head, computed once more from what the file holds. The recipe is docs/storage.md's, and
// nothing of the store's code is used.

import CSQLite
import CSodium

enum Checksums {
    /// All tables with checksums, in the order of their seals.
    static let tables = [
        "member", "session", "plan", "plan_category", "plan_row", "plan_seat", "concert", "performance", "room",
        "room_change", "token", "reservation", "ledger", "payment", "notice", "operation",
    ]

    /// What does not add up, in words.
    static func problems(in file: DataFile) -> [String] {
        var problems: [String] = []
        var head: [UInt8] = []
        var newestLink = [UInt8](repeating: 0, count: 32)
        do throws(AuditFailure) {
            for (index, table) in tables.enumerated() {
                let counted = try count(table, in: file, &newestLink, &problems)
                let sealed = try file.text(
                    "SELECT rows || ' ' || sum FROM seal WHERE id = \(index + 1) AND name = '\(table)'")
                if sealed != "\(counted.rows) \(counted.sum)" {
                    problems.append(
                        "\(table) has \(counted.rows) rows that sum to \(counted.sum), its seal says \(sealed.isEmpty ? "nothing" : sealed)"
                    )
                }
            }
            if try file.integer("SELECT count(*) FROM seal") != Int64(tables.count) {
                problems.append("there are seals of no table")
            }
            if try definitions(in: file) != file.integer("SELECT definitions FROM meta") {
                problems.append("the definition of a table is not as it was made")
            }
            try file.values("SELECT * FROM meta") {
                head += name("meta") + value(of: $0, columns: sqlite3_column_count($0) - 1)
            }
            try file.values("SELECT * FROM seal ORDER BY id") {
                head += name("seal") + value(of: $0, columns: sqlite3_column_count($0))
            }
            if try file.text("SELECT lower(hex(head)) FROM meta") != hexadecimal(sha256(head + newestLink)) {
                problems.append("the head is not that of the newest commit")
            }
        } catch {
            problems.append("cannot be checked: \(error)")
        }
        return problems
    }

    private static func count(
        _ table: String, in file: DataFile, _ newestLink: inout [UInt8], _ problems: inout [String]
    ) throws(AuditFailure) -> (rows: Int, sum: Int64) {
        var (rows, sum) = (0, Int64(0))
        var link = newestLink
        var found: [String] = []
        let order = table == "ledger" ? " ORDER BY id" : ""
        try file.values("SELECT * FROM \(table)\(order)") { row in
            let last = sqlite3_column_count(row) - 1
            let checksum = sipHash(name(table) + value(of: row, columns: last))
            if checksum != sqlite3_column_int64(row, last) {
                found.append("row \(key(of: row, in: table)) of \(table) does not fit its checksum")
            }
            rows += 1
            sum &+= checksum
            guard table == "ledger" else { return }
            let stored = blob(row, last - 1)
            if stored != sha256(link + name(table) + value(of: row, columns: last - 1)) {
                found.append("entry \(key(of: row, in: table)) is not linked to the one before it")
            }
            link = stored
        }
        problems += found
        newestLink = link
        return (rows, sum)
    }

    private static func definitions(in file: DataFile) throws(AuditFailure) -> Int64 {
        var bytes = name("sqlite_schema")
        let names = (tables + ["meta", "seal"]).map { "'\($0)'" }.joined(separator: ", ")
        try file.values(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name IN (\(names)) ORDER BY name"
        ) { bytes += value(of: $0, columns: 2) }
        return sipHash(bytes)
    }

    private static func key(of row: OpaquePointer?, in table: String) -> String {
        let columns = ["plan_category", "plan_row", "plan_seat"].contains(table) ? 2 : 1
        return (0..<Int32(columns)).map { "\(sqlite3_column_int64(row, $0))" }.joined(separator: ", ")
    }

    // MARK: The bytes of a row

    private static func name(_ table: String) -> [UInt8] { [3] + eight(Int64(table.utf8.count)) + table.utf8 }

    private static func value(of row: OpaquePointer?, columns: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        for column in 0..<columns {
            let type = sqlite3_column_type(row, column)
            bytes.append(UInt8(clamping: type))
            switch type {
            case SQLITE_INTEGER: bytes += eight(sqlite3_column_int64(row, column))
            case SQLITE_TEXT, SQLITE_BLOB:
                let content = blob(row, column)
                bytes += eight(Int64(content.count)) + content
            default: break
            }
        }
        return bytes
    }

    private static func blob(_ row: OpaquePointer?, _ column: Int32) -> [UInt8] {
        // SQLite's buffer is good until the next step; it is copied here.
        guard let base = sqlite3_column_blob(row, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: base, count: Int(sqlite3_column_bytes(row, column))))
    }

    private static func eight(_ value: Int64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    // MARK: Hashes

    private static func sipHash(_ bytes: [UInt8]) -> Int64 {
        var out = [UInt8](repeating: 0, count: Int(crypto_shorthash_BYTES))
        // It writes these eight bytes and reads a key of sixteen.
        crypto_shorthash(&out, bytes, UInt64(bytes.count), Array("BoxOffice row 1.".utf8))
        return out.reversed().reduce(0) { $0 << 8 | Int64($1) }
    }

    static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256(&out, bytes, UInt64(bytes.count))
        return out
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
