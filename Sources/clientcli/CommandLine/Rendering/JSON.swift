// What programs read. The members of an object keep the order they were written in, so that a line reads the same way
// every time, and numbers keep all their digits.

import BoxOfficeClient
import BoxOfficeTerminal

/// A JSON value.
enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case natural(UInt64)
    case text(String)
    case list([JSON])
    case object([Member])

    /// A member of an object.
    struct Member: Hashable, Sendable {
        let name: String
        let value: JSON
    }

    /// The value of a member; nil when there is none, or this is no object.
    subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// This object with the members of another one after its own.
    func with(_ other: JSON) -> JSON {
        guard case .object(let own) = self, case .object(let more) = other else { return self }
        let names = Set(own.map(\.name))
        return .object(own + more.filter { !names.contains($0.name) })
    }

    /// One line, without its end.
    var line: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the text.
    func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        case .integer(let number): bytes.append(contentsOf: String(number).utf8)
        case .natural(let number): bytes.append(contentsOf: String(number).utf8)
        case .text(let text): Self.write(text, into: &bytes)
        case .list(let items):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                item.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(member.name, into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes.append(contentsOf: "\\\"".utf8)
            case "\\": bytes.append(contentsOf: "\\\\".utf8)
            case "\n": bytes.append(contentsOf: "\\n".utf8)
            case "\r": bytes.append(contentsOf: "\\r".utf8)
            case "\t": bytes.append(contentsOf: "\\t".utf8)
            case _ where mustBeEscaped(scalar):
                let digits = String(scalar.value, radix: 16)
                bytes.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8)
            default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Control characters, and those that would act on a terminal on which somebody looks at the line: the escape stands
    /// for the same text.
    private static func mustBeEscaped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral
{
    init(dictionaryLiteral members: (String, JSON)...) { self = .object(members.map { Member(name: $0, value: $1) }) }
    init(arrayLiteral items: JSON...) { self = .list(items) }
    init(stringLiteral text: String) { self = .text(text) }
    init(booleanLiteral flag: Bool) { self = .bool(flag) }
    init(integerLiteral number: Int64) { self = .integer(number) }
}

extension JSON {
    init(_ text: String) { self = .text(text) }
    init(_ texts: [String]) { self = .list(texts.map { .text($0) }) }
    init(_ flag: Bool) { self = .bool(flag) }
    init(_ number: some FixedWidthInteger & UnsignedInteger) { self = .natural(UInt64(clamping: number)) }
    init(_ number: some FixedWidthInteger & SignedInteger) { self = .integer(Int64(clamping: number)) }
    init<ID: WireScalar>(_ identifier: ID) where ID.RawValue == UInt64 { self = .natural(identifier.rawValue) }
    init(_ points: Points) { self = .integer(points.rawValue) }
    /// RFC 3339; null stands for "always was" and "never".
    init(_ instant: Instant) {
        let isMoment = instant != .distantPast && instant != .distantFuture
        self = isMoment ? .text(rfc3339(microseconds: instant.rawValue)) : .null
    }
    /// Null for nil.
    init<Value>(_ value: Value?, _ make: (Value) -> JSON) { self = value.map(make) ?? .null }
}
