// A row as bytes, from which its checksum is made:
//
//     the table's name, as a text, then each column but `checksum` in the table's order:
//     integer    01  eight bytes, little-endian
//     text       03  its length in bytes as eight bytes, little-endian, then UTF-8
//     blob       04  its length in bytes as eight bytes, little-endian, then the bytes
//     NULL       05
//
// The numbers are SQLite's own for its types. A writer makes it from what it binds and a reader from what it finds, both
// without knowing what the columns mean: none can be forgotten.

import CSodium

/// One row's image, made anew for each row in the same memory.
struct RowImage {
    /// The image so far.
    private(set) var bytes: [UInt8] = []
    private var startCount = 0

    /// An image that begins with the name of a table.
    init(of table: String) {
        bytes.reserveCapacity(512)
        append(text: table)
        startCount = bytes.count
    }

    /// Begins the next row.
    mutating func clear() { bytes.removeSubrange(startCount...) }

    mutating func append(_ value: Int64) {
        bytes.append(1)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    mutating func appendNull() { bytes.append(5) }
    mutating func append(text: UnsafeRawBufferPointer) { append(text, tag: 3) }
    mutating func append(blob: UnsafeRawBufferPointer) { append(blob, tag: 4) }
    mutating func append(blob: [UInt8]) { blob.withUnsafeBytes { append(blob: $0) } }
    mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(text: UnsafeRawBufferPointer($0)) }
    }

    private mutating func append(_ value: UnsafeRawBufferPointer, tag: UInt8) {
        bytes.append(tag)
        withUnsafeBytes(of: Int64(value.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: value)
    }

    /// SipHash-2-4 of the image, as SQLite's integer. The key is public: it keeps accidents apart, not people.
    var checksum: Int64 {
        var out: UInt64 = 0
        withUnsafeMutableBytes(of: &out) { out in
            // libsodium writes eight bytes and reads a key of sixteen, which these are.
            let out = out.bindMemory(to: UInt8.self)
            _ = crypto_shorthash(out.baseAddress!, bytes, UInt64(bytes.count), Self.key)
        }
        return Int64(bitPattern: UInt64(littleEndian: out))
    }

    private static let key = Array("BoxOffice row 1.".utf8)
}
