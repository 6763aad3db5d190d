// Reads JSON (RFC 8259) from bytes that anybody may have written.
//
// Foundation's decoders know neither the line of a mistake nor a bound on what they build, so this is our own: strict,
// every index checked, and three bounds that make the worst document a small one:
//
//     bytesMax    the document                         compared before the first byte is looked at
//     depthMax    objects and arrays in one another    the recursion below is never deeper
//     valuesMax   values in the document               each takes some 40 bytes of memory, `[[],[],…]` two of the file
//
// A byte order mark at the start is skipped, as editors on Windows write one. Comments, trailing commas, NaN and lone
// surrogates are not JSON.

struct JSONReader {
    static let bytesMax = 32 << 20
    static let depthMax = 32
    static let valuesMax = 2_000_000
    static let numberBytesMax = 64

    let bytes: [UInt8]
    var at = 0
    private var valueCount = 0

    /// The document in `bytes`.
    static func read(_ bytes: [UInt8]) throws(CatalogueRefusal) -> JSONValue {
        guard bytes.count <= bytesMax else { throw CatalogueRefusal("is longer than \(bytesMax) bytes") }
        var reader = JSONReader(bytes: bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.at = 3 }
        reader.skipSpace()
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.at == bytes.count else { throw reader.refusal("expected the end of the file") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// The next byte, nil at the end of the file.
    var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    private mutating func value(depth: Int) throws(CatalogueRefusal) -> JSONValue {
        valueCount += 1
        guard valueCount <= Self.valuesMax else { throw refusal("more than \(Self.valuesMax) values in one file") }
        switch next {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw refusal("expected a value")
        }
    }

    private mutating func object(depth: Int) throws(CatalogueRefusal) -> [JSONMember] {
        guard depth <= Self.depthMax else { throw refusal("nested deeper than \(Self.depthMax)") }
        at += 1
        skipSpace()
        var members: [JSONMember] = []
        if skip(UInt8(ascii: "}")) { return members }
        while true {
            guard next == UInt8(ascii: "\"") else { throw refusal("expected the name of a member, in quotes") }
            let name = try string()
            skipSpace()
            guard skip(UInt8(ascii: ":")) else { throw refusal("expected ':'") }
            skipSpace()
            members.append(JSONMember(name, try value(depth: depth)))
            skipSpace()
            if skip(UInt8(ascii: "}")) { return members }
            guard skip(UInt8(ascii: ",")) else { throw refusal("expected ',' or '}'") }
            skipSpace()
        }
    }

    private mutating func array(depth: Int) throws(CatalogueRefusal) -> [JSONValue] {
        guard depth <= Self.depthMax else { throw refusal("nested deeper than \(Self.depthMax)") }
        at += 1
        skipSpace()
        var items: [JSONValue] = []
        if skip(UInt8(ascii: "]")) { return items }
        while true {
            items.append(try value(depth: depth))
            skipSpace()
            if skip(UInt8(ascii: "]")) { return items }
            guard skip(UInt8(ascii: ",")) else { throw refusal("expected ',' or ']'") }
            skipSpace()
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(CatalogueRefusal) -> JSONValue {
        for byte in word.description.utf8 {
            guard skip(byte) else { throw refusal("expected \(word)") }
        }
        return value
    }

    /// Steps over `byte` if it is next.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        at += 1
        return true
    }

    /// A refusal at the current place, or at byte `offset`.
    func refusal(_ problem: String, offset: Int? = nil) -> CatalogueRefusal {
        let before = bytes.prefix(offset ?? at)
        let line = before.count { $0 == 0x0A } + 1
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? (before.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
        let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
        let ended = offset == nil && at >= bytes.count
        return CatalogueRefusal(
            ended ? "\(problem), but the file ends here" : problem, at: .text(line: line, column: column))
    }
}
