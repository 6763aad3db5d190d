/// A value that knows its bytes. Encoding what was decoded gives the same bytes again, except for unknown odd tags.
public protocol WireValue: Hashable, Sendable {
    /// The fewest bytes an encoded value takes; bounds counts before memory is reserved.
    static var bytesMin: Int { get }
    /// Appends the value's bytes.
    func encode(into writer: inout WireWriter)
    /// Reads a value at the cursor.
    init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure)
}

/// Fields in order, then tagged fields.
public protocol WireStructure: WireValue {}

extension WireStructure {
    /// The value in a whole body, with nothing after it.
    public init(body: Span<UInt8>) throws(DecodeFailure) {
        var cursor = Cursor(over: body)
        try self.init(from: body, at: &cursor)
        try cursor.finish()
    }

    /// The value's bytes.
    public var encoded: [UInt8] {
        var writer = WireWriter()
        encode(into: &writer)
        return writer.bytes
    }
}

/// A request: what a client may ask, and the type of its answer.
public protocol RequestMessage: WireStructure {
    /// The answer.
    associatedtype Response: WireStructure
    /// Its number on the wire.
    static var opcode: Opcode { get }
}

/// A notice: a durable, numbered message to one member.
public protocol NoticeMessage: WireStructure {
    /// Its number on the wire.
    static var opcode: Opcode { get }
}

/// An update: only the newest matters.
public protocol UpdateMessage: WireStructure {
    /// Its number on the wire.
    static var opcode: Opcode { get }
}

/// Who may send a request. Each includes the ones before it; `local` is the socket in the data directory.
public enum Access: Int, Comparable, Sendable {
    /// Everybody, logged in or not.
    case guest
    /// Whoever has logged in.
    case member
    /// Members with the role.
    case `operator`
    /// Whoever may open the socket in the data directory.
    case local
    /// Whether `a` includes less.
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

// MARK: Numbers

extension WireValue where Self: FixedWidthInteger {
    /// The fewest bytes it takes on the wire.
    public static var bytesMin: Int { MemoryLayout<Self>.size }
    /// Appends its bytes.
    @inline(__always)
    public func encode(into writer: inout WireWriter) { writer.write(self) }
    /// Reads one at the cursor; throws when the bytes there are not one.
    @inline(__always)
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        self = try cursor.integer(Self.self, of: bytes)
    }
}

extension UInt8: WireValue {}
extension UInt16: WireValue {}
extension UInt32: WireValue {}
extension UInt64: WireValue {}
extension Int32: WireValue {}
extension Int64: WireValue {}

extension Bool: WireValue {
    /// The fewest bytes it takes on the wire.
    public static var bytesMin: Int { 1 }
    /// Appends its bytes.
    public func encode(into writer: inout WireWriter) { writer.write(UInt8(self ? 1 : 0)) }
    /// Reads one at the cursor; throws when the bytes there are not one.
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        let start = cursor.offset
        switch try cursor.integer(UInt8.self, of: bytes) {
        case 0: self = false
        case 1: self = true
        default: throw DecodeFailure(.badBoolean, at: start)
        }
    }
}

extension RefusalCode {
    /// The fewest bytes it takes on the wire.
    public static var bytesMin: Int { 2 }
    /// Appends its bytes.
    public func encode(into writer: inout WireWriter) { writer.write(rawValue) }
    /// Reads one at the cursor; throws when the bytes there are not one.
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        self.init(rawValue: try cursor.integer(UInt16.self, of: bytes))
    }
}

// MARK: Text and lists

extension String: WireValue {
    /// The fewest bytes it takes on the wire.
    public static var bytesMin: Int { 1 }
    /// Appends its bytes.
    public func encode(into writer: inout WireWriter) {
        writer.writeVarint(utf8.count)
        writer.bytes.append(contentsOf: utf8)
    }
    /// Reads one at the cursor; throws when the bytes there are not one.
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        self = try cursor.string(of: bytes)
    }
}

extension Array: WireValue where Element: WireValue {
    /// The fewest bytes it takes on the wire.
    public static var bytesMin: Int { 1 }
    /// Appends its bytes.
    public func encode(into writer: inout WireWriter) {
        writer.writeVarint(count)
        for element in self { element.encode(into: &writer) }
    }
    /// Reads one at the cursor; throws when the bytes there are not one.
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        let count = try cursor.count(of: bytes, itemBytesMin: Element.bytesMin)
        self = []
        reserveCapacity(count)
        for _ in 0..<count { append(try Element(from: bytes, at: &cursor)) }
    }
}

// MARK: Scalars and enumerations of the schema

/// A number or a fixed run of bytes with a meaning of its own, so that a `SeatIndex` cannot be passed as a `MemberID`.
public protocol WireScalar: WireValue, CustomStringConvertible {
    /// What stands for it on the wire.
    associatedtype RawValue: WireValue
    /// The number or the bytes.
    var rawValue: RawValue { get set }
    /// Gives a number or bytes their meaning.
    init(_ rawValue: RawValue)
}

extension WireScalar {
    /// The fewest bytes it takes on the wire.
    public static var bytesMin: Int { RawValue.bytesMin }
    /// Appends its bytes.
    @inline(__always)
    public func encode(into writer: inout WireWriter) { rawValue.encode(into: &writer) }
    /// Reads one at the cursor; throws when the bytes there are not one.
    @inline(__always)
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        self.init(try RawValue(from: bytes, at: &cursor))
    }
    /// The number or the bytes as text.
    public var description: String { "\(rawValue)" }
}

extension WireScalar where RawValue: ExpressibleByIntegerLiteral {
    /// For tests and constants: `ConcertID` from `1`.
    public init(integerLiteral value: RawValue) { self.init(value) }
}

/// One byte with names for some of its values.
public protocol WireEnumeration: WireValue {
    /// The case of this number, `.unknown` when this version has none.
    init(rawValue: UInt8)
    /// The number on the wire.
    var rawValue: UInt8 { get }
    /// The name in `spec/protocol.json`, or `unknown(N)`.
    var name: String { get }
    /// The cases that this version knows.
    static var known: [Self] { get }
}

extension WireEnumeration {
    /// The fewest bytes it takes on the wire.
    public static var bytesMin: Int { 1 }
    /// Appends its bytes.
    public func encode(into writer: inout WireWriter) { writer.write(rawValue) }
    /// Reads one at the cursor; throws when the bytes there are not one.
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        self.init(rawValue: try cursor.integer(UInt8.self, of: bytes))
    }
    /// The case with this name. Inlinable, since a start reads one with each token: found by way of the type's metadata it
    /// took half as long as SQLite took for the row.
    @inlinable
    public init?(name: String) {
        guard let match = Self.known.first(where: { $0.name == name }) else { return nil }
        self = match
    }
}
