// A row as bytes, from which its checksum is made:
//
//     the table's name, as a text, then each column but `checksum` in the table's order:
//     integer    01  eight bytes, little-endian
//     text       03  its length in bytes as eight bytes, little-endian, then UTF-8
//     blob       04  its length in bytes as eight bytes, little-endian, then the bytes
//     NULL       05
//
// The numbers are SQLite's own for its types. A writer makes it from what it binds and a reader from what it finds, both
// without knowing what the columns mean: none can be forgotten. What is bound to a statement is bound from here, so that
// what is written is what the checksum is of.

import BoxOfficeProtocol
import CSodium

/// One row's image, made anew for each row in the same memory.
struct RowImage {
    /// A column of the image. The bytes are good as long as the image is not touched.
    enum Column {
        case integer(Int64)
        case text(UnsafeRawBufferPointer)
        case blob(UnsafeRawBufferPointer)
        case null
    }

    /// The image, and room behind it: appending to an array of exact size cost more than the checksum.
    private var memory: [UInt8]
    private var count = 0
    private var startCount = 0

    /// An image that begins with the name of a table.
    init(of table: String) {
        memory = [UInt8](repeating: 0, count: 512)
        append(text: table)
        startCount = count
    }

    /// Values of no table.
    init() { memory = [UInt8](repeating: 0, count: 32) }

    /// The image so far.
    var bytes: [UInt8] { Array(memory[..<count]) }

    /// Begins the next row.
    mutating func clear() { count = startCount }

    mutating func append(_ value: Int64) {
        makeRoom(9)
        store(value, tag: 1, at: count)
        count += 9
    }
    mutating func appendNull() {
        makeRoom(1)
        memory[count] = 5
        count += 1
    }
    mutating func append(text: UnsafeRawBufferPointer) { append(text, tag: 3) }
    mutating func append(blob: UnsafeRawBufferPointer) { append(blob, tag: 4) }
    mutating func append(blob: [UInt8]) { blob.withUnsafeBytes { append(blob: $0) } }
    mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(text: UnsafeRawBufferPointer($0)) }
    }

    private mutating func append(_ value: UnsafeRawBufferPointer, tag: UInt8) {
        makeRoom(9 + value.count)
        store(Int64(value.count), tag: tag, at: count)
        let start = count + 9
        memory.withUnsafeMutableBytes { memory in
            UnsafeMutableRawBufferPointer(rebasing: memory[start...]).copyMemory(from: value)
        }
        count += 9 + value.count
    }

    /// A text that `make` adds up, byte by byte.
    mutating func appendText(_ make: (inout RowImage) -> Void) {
        makeRoom(9)
        let start = count
        count += 9
        make(&self)
        store(Int64(count - start - 9), tag: 3, at: start)
    }
    /// The next byte of the text that is being made.
    mutating func add(_ byte: UInt8) {
        makeRoom(1)
        memory[count] = byte
        count += 1
    }

    private mutating func store(_ number: Int64, tag: UInt8, at start: Int) {
        memory.withUnsafeMutableBytes { memory in
            memory[start] = tag
            memory.storeBytes(of: number.littleEndian, toByteOffset: start + 1, as: Int64.self)
        }
    }

    private mutating func makeRoom(_ bytes: Int) {
        guard count + bytes > memory.count else { return }
        memory.append(contentsOf: repeatElement(0, count: max(memory.count, bytes)))
    }

    /// Calls `body` for each column after the table's name, and `end` while their bytes are still good.
    func withColumns<Result>(_ body: (Column) -> Void, then end: () throws -> Result) rethrows -> Result {
        try memory.withUnsafeBytes { memory in
            var at = startCount
            while at < count {
                // As `append` has written them.
                let tag = memory[at]
                at += 1
                guard tag != 5 else {
                    body(.null)
                    continue
                }
                let number = Int64(littleEndian: memory.loadUnaligned(fromByteOffset: at, as: Int64.self))
                at += 8
                guard tag != 1 else {
                    body(.integer(number))
                    continue
                }
                let bytes = UnsafeRawBufferPointer(rebasing: memory[at..<at + Int(number)])
                at += Int(number)
                body(tag == 3 ? .text(bytes) : .blob(bytes))
            }
            return try end()
        }
    }

    /// SipHash-2-4 of the image, as SQLite's integer. The key is public: it keeps accidents apart, not people.
    var checksum: Int64 {
        var out: UInt64 = 0
        withUnsafeMutableBytes(of: &out) { out in
            // libsodium writes eight bytes and reads a key of sixteen, which these are.
            let out = out.bindMemory(to: UInt8.self)
            _ = crypto_shorthash(out.baseAddress!, memory, UInt64(count), Self.key)
        }
        return Int64(bitPattern: UInt64(littleEndian: out))
    }

    private static let key = Array("BoxOffice row 1.".utf8)
}

// MARK: Values of a statement, in the order of its parameters

extension RowImage {
    mutating func bind(_ value: Int64) { append(value) }
    mutating func bind(_ value: Int64?) { if let value { append(value) } else { appendNull() } }
    /// Identifiers are counted up from 1; the bits are kept whatever they are.
    mutating func bind(_ value: UInt64) { append(Int64(bitPattern: value)) }
    mutating func bind(_ value: UInt64?) { bind(value.map { Int64(bitPattern: $0) }) }
    mutating func bind(_ value: Bool) { append(Int64(value ? 1 : 0)) }
    mutating func bind<S: WireScalar>(_ value: S) where S.RawValue == UInt64 { bind(value.rawValue) }
    mutating func bind<S: WireScalar>(_ value: S?) where S.RawValue == UInt64 { bind(value?.rawValue) }
    mutating func bind<S: WireScalar>(_ value: S) where S.RawValue == Int64 { bind(value.rawValue) }
    mutating func bind<S: WireScalar>(_ value: S?) where S.RawValue == Int64 { bind(value?.rawValue) }

    mutating func bind(_ value: String) { append(text: value) }
    mutating func bind(_ value: String?) { if let value { append(text: value) } else { appendNull() } }

    mutating func bind(_ value: [UInt8]) { append(blob: value) }
    mutating func bind(_ value: Bytes16) {
        withUnsafeBytes(of: (value.high.bigEndian, value.low.bigEndian)) { append(blob: $0) }
    }
    mutating func bind(_ value: Digest) { append(blob: value.rawValue.bytes) }
}
