import BoxOfficeProtocol
import CSQLite

/// The columns of one row of a result, read from left to right.
///
/// Tables are STRICT and columns NOT NULL where a value is expected, so that types hold; what a value means is checked
/// here, and a value without a meaning is `StoreFailure.damaged`, never a trap.
struct RowColumns {
    private let handle: OpaquePointer
    private var index: Int32 = -1
    /// Of a row of a sealed table, read as `SELECT *`: found to fit the row.
    let checksum: Int64

    init(_ handle: OpaquePointer) {
        self.handle = handle
        checksum = 0
    }

    /// A row of a sealed table, all of it.
    ///
    /// - Throws: `.damaged` when the row does not fit its checksum, its last column.
    init(_ handle: OpaquePointer, of table: SealedTable, _ image: inout RowImage) throws {
        self.handle = handle
        let last = sqlite3_column_count(handle) - 1
        checksum = sqlite3_column_int64(handle, last)
        image.clear()
        append(to: &image, columns: last)
        guard image.checksum == checksum else {
            let key = table.key.indices.map { "\(sqlite3_column_int64(handle, Int32($0)))" }.joined(separator: ", ")
            throw StoreFailure.damaged("row \(key) of \(table.name) does not fit its checksum")
        }
    }

    /// Appends the first columns, whatever they are.
    func append(to image: inout RowImage, columns: Int32) {
        for column in 0..<columns {
            switch sqlite3_column_type(handle, column) {
            case SQLITE_INTEGER: image.append(sqlite3_column_int64(handle, column))
            case SQLITE_TEXT: image.append(text: bytes(of: column, text: true))
            case SQLITE_BLOB: image.append(blob: bytes(of: column, text: false))
            default: image.appendNull()  // There is no other type in a STRICT table.
            }
        }
    }

    /// How many there are.
    var count: Int32 { sqlite3_column_count(handle) }
    /// Whether there are columns to be read before the last, a sealed row's checksum.
    var hasMoreThanChecksum: Bool { index + 2 < count }
    /// The first column of the row, wherever the reading is.
    var key: Int64 { sqlite3_column_int64(handle, 0) }
    /// The link of a ledger entry, its last column but one.
    func link() throws -> Digest {
        var columns = self
        columns.index = count - 3
        return try columns.digest()
    }
    /// Passes over columns.
    mutating func skip(_ count: Int32) { index += count }

    private mutating func next() -> Int32 {
        index += 1
        return index
    }

    mutating func integer() -> Int64 { sqlite3_column_int64(handle, next()) }
    mutating func unsigned() -> UInt64 { UInt64(bitPattern: integer()) }
    mutating func bool() -> Bool { integer() != 0 }
    mutating func instant() -> Instant { Instant(integer()) }

    mutating func optionalInteger() -> Int64? {
        let index = next()
        return sqlite3_column_type(handle, index) == SQLITE_NULL ? nil : sqlite3_column_int64(handle, index)
    }
    mutating func optionalUnsigned() -> UInt64? { optionalInteger().map(UInt64.init(bitPattern:)) }
    mutating func optionalInstant() -> Instant? { optionalInteger().map { Instant($0) } }

    mutating func small<I: FixedWidthInteger>(_: I.Type = I.self) throws -> I {
        let value = integer()
        guard let small = I(exactly: value) else { throw damaged("\(value) is out of range") }
        return small
    }

    mutating func text() -> String { withBytes(text: true) { String(decoding: $0, as: UTF8.self) } }
    mutating func optionalText() -> String? {
        // The look at the type does not read the column; the text does.
        guard sqlite3_column_type(handle, index + 1) != SQLITE_NULL else {
            skip(1)
            return nil
        }
        return text()
    }
    mutating func blob() -> [UInt8] { withBytes(text: false) { Array($0) } }

    mutating func bytes16() throws -> Bytes16 {
        let value = withBytes(text: false) { $0.count == 16 ? sixteen($0, at: 0) : nil }
        guard let value else { throw damaged("not 16 bytes") }
        return value
    }
    mutating func digest() throws -> Digest { Digest(try bytes32()) }
    mutating func bytes32() throws -> Bytes32 {
        let value = withBytes(text: false) { bytes in
            bytes.count == 32 ? Bytes32(first: sixteen(bytes, at: 0), second: sixteen(bytes, at: 16)) : nil
        }
        guard let value else { throw damaged("not 32 bytes") }
        return value
    }

    mutating func named<E: WireEnumeration>(_: E.Type = E.self) throws -> E {
        let name = text()
        guard let value = E(name: name) else { throw damaged("\"\(name)\" is no \(E.self)") }
        return value
    }

    /// The value that `meaning` finds in the text.
    mutating func text<T>(as meaning: (String) -> T?) throws -> T {
        let text = text()
        guard let value = meaning(text) else { throw damaged("\"\(text)\" is no \(T.self)") }
        return value
    }

    /// A JSON array of integers or nulls.
    mutating func numbers<T>(_ meaning: (Int64?) -> T?) throws -> [T] {
        let numbers = withBytes(text: true) { RowText.numbers($0, meaning) }
        guard let numbers else { throw damaged("not an array of \(T.self)") }
        return numbers
    }

    /// SQLite's buffer is good until the next step; nothing of it leaves `body`.
    private mutating func withBytes<T>(text: Bool, _ body: (UnsafeRawBufferPointer) -> T) -> T {
        body(bytes(of: next(), text: text))
    }

    private func bytes(of column: Int32, text: Bool) -> UnsafeRawBufferPointer {
        // The address first, then the count: SQLite's order for values that it may have to convert.
        let base = text ? UnsafeRawPointer(sqlite3_column_text(handle, column)) : sqlite3_column_blob(handle, column)
        return UnsafeRawBufferPointer(start: base, count: base == nil ? 0 : Int(sqlite3_column_bytes(handle, column)))
    }

    /// Names the table and column that hold what cannot be.
    private func damaged(_ what: String) -> StoreFailure {
        let table = sqlite3_column_table_name(handle, index).map { String(cString: $0) } ?? "?"
        let column = sqlite3_column_name(handle, index).map { String(cString: $0) } ?? "?"
        return .damaged("\(table).\(column): \(what)")
    }
}

/// Sixteen of the bytes, which are there.
private func sixteen(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bytes16 {
    Bytes16(
        high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
        low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)))
}
