import Foundation

/// `protocol.json` as values. What is optional there is optional here; nothing is guessed.
struct Schema: Decodable {
    var name: String
    var major: Int
    var minor: Int
    var magic: String
    var defaultPort: Int
    var kinds: [Kind]
    var flags: [Named]
    var limits: [Named]
    var scalars: [Scalar]
    var enumerations: [Enumeration]
    var codes: [Code]
    var structures: [Structure]
    var requests: [Structure]
    var notices: [Structure]
    var updates: [Structure]

    struct Kind: Decodable {
        var name: String
        var value: Int
        var from: String
        var doc: String
    }

    struct Named: Decodable {
        var name: String
        var value: Int
        var doc: String
    }

    struct Scalar: Decodable {
        var name: String
        var wire: String
        var doc: String
    }

    struct Enumeration: Decodable {
        var name: String
        var doc: String
        var cases: [Named]
    }

    struct Code: Decodable {
        var name: String
        var value: Int
        var outcome: String
        var retry: String
        /// For people who were refused.
        var message: String
        var doc: String
    }

    struct Field: Decodable {
        var tag: Int?
        var name: String
        var type: String
        var doc: String
    }

    struct Structure: Decodable {
        var name: String
        var opcode: Int?
        var access: String?
        var changes: Bool?
        var response: String?
        var compress: Bool?
        var notice: String?
        var update: String?
        var doc: String
        var fields: [Field]
        var tagged: [Field]?
        var refusals: [String]?

        var tags: [Field] { tagged ?? [] }
        /// The name that people and programs see: `holdExpired`.
        var shownName: String { notice ?? update ?? name.lowercasedFirst }
    }

    static func read(from url: URL) throws -> Schema {
        try JSONDecoder().decode(Schema.self, from: Data(contentsOf: url))
    }
}

extension String {
    var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
