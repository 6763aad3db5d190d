/// Sixteen bytes without an allocation: keys are made, compared and hashed on every change.
public struct Bytes16: WireValue, Comparable, CustomStringConvertible {
    /// The first eight bytes, big-endian.
    public var high: UInt64
    /// The last eight bytes, big-endian.
    public var low: UInt64

    /// The bytes of `high`, then those of `low`.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Nil unless there are sixteen bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The sixteen bytes in the order of the wire.
    public var bytes: [UInt8] {
        var writer = WireWriter(reserving: 16)
        encode(into: &writer)
        return writer.bytes
    }

    /// The fewest bytes it takes on the wire.
    public static var bytesMin: Int { 16 }
    /// Appends its bytes.
    public func encode(into writer: inout WireWriter) {
        writer.write(high)
        writer.write(low)
    }
    /// Reads one at the cursor; throws when the bytes there are not one.
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        high = try cursor.integer(UInt64.self, of: bytes)
        low = try cursor.integer(UInt64.self, of: bytes)
    }

    /// In the order of the bytes: UUIDv7 keys sort by time.
    public static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }
    /// Its hexadecimal digits.
    public var description: String { hexadecimal(bytes) }
}

/// Thirty-two bytes without an allocation: digests and session tokens.
public struct Bytes32: WireValue, CustomStringConvertible {
    /// The first sixteen bytes.
    public var first: Bytes16
    /// The last sixteen bytes.
    public var second: Bytes16

    /// The bytes of `first`, then those of `second`.
    public init(first: Bytes16, second: Bytes16) {
        self.first = first
        self.second = second
    }

    /// Nil unless there are thirty-two bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32, let first = Bytes16(bytes.prefix(16)), let second = Bytes16(bytes.dropFirst(16)) else {
            return nil
        }
        self.init(first: first, second: second)
    }

    /// The thirty-two bytes in the order of the wire.
    public var bytes: [UInt8] { first.bytes + second.bytes }

    /// The fewest bytes it takes on the wire.
    public static var bytesMin: Int { 32 }
    /// Appends its bytes.
    public func encode(into writer: inout WireWriter) {
        first.encode(into: &writer)
        second.encode(into: &writer)
    }
    /// Reads one at the cursor; throws when the bytes there are not one.
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        first = try Bytes16(from: bytes, at: &cursor)
        second = try Bytes16(from: bytes, at: &cursor)
    }

    /// Its hexadecimal digits.
    public var description: String { hexadecimal(bytes) }
}

/// Lower-case hexadecimal digits, two a byte.
public func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}

/// The bytes that hexadecimal digits stand for; nil when they do not.
public func bytes(hexadecimal text: some StringProtocol) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
        guard let high = digitValue(digits[index]), let low = digitValue(digits[index + 1]) else { return nil }
        result.append(high << 4 | low)
    }
    return result
}

private func digitValue(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
}
