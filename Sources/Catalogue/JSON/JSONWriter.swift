// Writes a tree as JSON for people and for `diff`: a list of objects has one to a line, and what holds no such list
// stays on one line. So a seat is a line, and a row is a heading with its seats below.

struct JSONWriter {
    private var bytes: [UInt8] = []

    /// `value` as UTF-8, with a line feed at the end.
    static func write(_ value: JSONValue) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(value, indent: 0)
        writer.bytes.append(0x0A)
        return writer.bytes
    }

    private mutating func value(_ value: JSONValue, indent: Int) {
        switch value {
        case .null: text("null")
        case .bool(let flag): text(flag ? "true" : "false")
        case .integer(let integer): text(String(integer))
        case .number(let literal): text(literal)
        case .string(let string): self.string(string)
        case .array(let items):
            list("[", "]", count: items.count, long: value.isLong, indent: indent) { writer, position in
                writer.value(items[position], indent: indent + 1)
            }
        case .object(let members):
            list("{", "}", count: members.count, long: value.isLong, indent: indent) { writer, position in
                writer.string(members[position].name)
                writer.text(": ")
                writer.value(members[position].value, indent: indent + 1)
            }
        }
    }

    private mutating func list(
        _ opening: String, _ closing: String, count: Int, long: Bool, indent: Int,
        item: (inout JSONWriter, Int) -> Void
    ) {
        text(opening)
        for position in 0..<count {
            if position > 0 { text(long ? "," : ", ") }
            if long { line(indent: indent + 1) }
            item(&self, position)
        }
        if long { line(indent: indent) }
        text(closing)
    }

    private mutating func line(indent: Int) {
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: 2 * indent))
    }

    private mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func string(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: text("\\n")
            case 0x09: text("\\t")
            case 0x00..<0x20:
                text("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension JSONValue {
    /// Whether it holds, at any depth, a list of objects or lists, and so is written over several lines.
    fileprivate var isLong: Bool {
        switch self {
        case .array(let items):
            items.contains {
                switch $0 {
                case .array, .object: true
                default: false
                }
            }
        case .object(let members): members.contains { $0.value.isLong }
        default: false
        }
    }

    /// `number` as JSON: without a fraction where it has none.
    static func number(_ number: Double) -> JSONValue {
        if let integer = Int64(exactly: number) { return .integer(integer) }
        return .number(literal: number.description)
    }

    /// `number` for people, in the same manner.
    static func plain(_ number: Double) -> String { Int64(exactly: number)?.description ?? number.description }
}
