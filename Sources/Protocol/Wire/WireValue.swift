/// A value that knows its bytes. Encoding what was decoded gives the same bytes again, except for unknown odd tags.
public protocol WireValue: Hashable, Sendable {
    /// The fewest bytes an encoded value takes; bounds counts before memory is reserved.
    static var bytesMin: Int { get }
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
    associatedtype Response: WireStructure
    static var opcode: Opcode { get }
}

/// A notice: a durable, numbered message to one member.
public protocol NoticeMessage: WireStructure {
    static var opcode: Opcode { get }
}

/// An update: only the newest matters.
public protocol UpdateMessage: WireStructure {
    static var opcode: Opcode { get }
}

/// Who may send a request. Each includes the ones before it; `local` is the socket in the data directory.
public enum Access: Int, Comparable, Sendable {
    case guest, member, `operator`, local
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

// MARK: Numbers

extension WireValue where Self: FixedWidthInteger {
    public static var bytesMin: Int { MemoryLayout<Self>.size }
    @inline(__always)
    public func encode(into writer: inout WireWriter) { writer.write(self) }
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
    public static var bytesMin: Int { 1 }
    public func encode(into writer: inout WireWriter) { writer.write(UInt8(self ? 1 : 0)) }
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
    public static var bytesMin: Int { 2 }
    public func encode(into writer: inout WireWriter) { writer.write(rawValue) }
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        self.init(rawValue: try cursor.integer(UInt16.self, of: bytes))
    }
}

// MARK: Text and lists

extension String: WireValue {
    public static var bytesMin: Int { 1 }
    public func encode(into writer: inout WireWriter) {
        writer.writeVarint(utf8.count)
        writer.bytes.append(contentsOf: utf8)
    }
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        self = try cursor.string(of: bytes)
    }
}

extension Array: WireValue where Element: WireValue {
    public static var bytesMin: Int { 1 }
    public func encode(into writer: inout WireWriter) {
        writer.writeVarint(count)
        for element in self { element.encode(into: &writer) }
    }
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
    associatedtype RawValue: WireValue
    var rawValue: RawValue { get set }
    init(_ rawValue: RawValue)
}

extension WireScalar {
    public static var bytesMin: Int { RawValue.bytesMin }
    @inline(__always)
    public func encode(into writer: inout WireWriter) { rawValue.encode(into: &writer) }
    @inline(__always)
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        self.init(try RawValue(from: bytes, at: &cursor))
    }
    public var description: String { "\(rawValue)" }
}

extension WireScalar where RawValue: ExpressibleByIntegerLiteral {
    /// For tests and constants: `ConcertID` from `1`.
    public init(integerLiteral value: RawValue) { self.init(value) }
}

/// One byte with names for some of its values.
public protocol WireEnumeration: WireValue {
    init(rawValue: UInt8)
    var rawValue: UInt8 { get }
    var name: String { get }
    static var known: [Self] { get }
}

extension WireEnumeration {
    public static var bytesMin: Int { 1 }
    public func encode(into writer: inout WireWriter) { writer.write(rawValue) }
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        self.init(rawValue: try cursor.integer(UInt8.self, of: bytes))
    }
    /// The case with this name.
    public init?(name: String) {
        guard let match = Self.known.first(where: { $0.name == name }) else { return nil }
        self = match
    }
}
