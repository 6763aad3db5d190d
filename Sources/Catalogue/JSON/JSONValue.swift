// A JSON document as a tree, with nothing lost that writing it back would need: the order of members, members given
// twice, and numbers as they were written.

enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number written without fraction and exponent that fits.
    case integer(Int64)
    /// Any other number, as it was written: 0.1 stays 0.1, and a long identifier keeps its last digits.
    case number(literal: String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// What it is, for a refusal: "must be a string, not an array".
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// A name and its value in an object.
struct JSONMember: Hashable, Sendable {
    var name: String
    var value: JSONValue

    init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}
