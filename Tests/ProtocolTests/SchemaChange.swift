import Foundation

/// `protocol.json` as far as a released version of it binds the ones that follow.
struct ReleasedSchema: Codable, Equatable {
    struct Kind: Codable, Equatable {
        var name: String
        var value: Int
        var from: String
    }
    struct Named: Codable, Equatable {
        var name: String
        var value: Int
    }
    struct Scalar: Codable, Equatable {
        var name: String
        var wire: String
    }
    struct Enumeration: Codable, Equatable {
        var name: String
        var cases: [Named]
    }
    struct Code: Codable, Equatable {
        var name: String
        var value: Int
        var outcome: String
        var retry: String
    }
    struct Field: Codable, Equatable {
        var tag: Int?
        var name: String
        var type: String
    }
    struct Structure: Codable, Equatable {
        var name: String
        var opcode: Int?
        var access: String?
        var changes: Bool?
        var response: String?
        var notice: String?
        var update: String?
        var fields: [Field]
        var tagged: [Field]?
    }

    var major: Int
    var magic: String
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

    static func read(_ url: URL) throws -> Self { try JSONDecoder().decode(Self.self, from: Data(contentsOf: url)) }
}

extension ReleasedSchema {
    /// What of this released schema is missing from `current` or is different there. Empty when `current` only adds.
    func broken(by current: ReleasedSchema) -> [String] {
        var found: [String] = []
        if major != current.major { found.append("major") }
        if magic != current.magic { found.append("magic") }
        found += Self.lost(kinds, current.kinds, "kind", \.name)
        found += Self.lost(flags, current.flags, "flag", \.name)
        found += Self.lost(limits, current.limits, "limit", \.name)
        found += Self.lost(scalars, current.scalars, "scalar", \.name)
        found += Self.lost(codes, current.codes, "code", \.name)
        for item in enumerations {
            guard let now = current.enumerations.first(where: { $0.name == item.name }) else {
                found.append("enumeration \(item.name)")
                continue
            }
            found += Self.lost(item.cases, now.cases, item.name, \.name)
        }
        for (section, then, now) in [
            ("structure", structures, current.structures), ("request", requests, current.requests),
            ("notice", notices, current.notices), ("update", updates, current.updates),
        ] {
            found += Self.lost(then.map(\.head), now.map(\.head), section, \.name)
            for item in then {
                guard let same = now.first(where: { $0.name == item.name }) else { continue }
                // Fields have no tags: one more, or another order, and old bytes mean something else.
                if item.fields != same.fields { found.append("fields of \(item.name)") }
                found += Self.lost(item.tagged ?? [], same.tagged ?? [], "\(item.name) tag", \.name)
            }
        }
        return found
    }

    private static func lost<T: Equatable>(_ then: [T], _ now: [T], _ what: String, _ name: (T) -> String) -> [String] {
        then.filter { !now.contains($0) }.map { "\(what) \(name($0))" }
    }

    /// Numbers and names that stand for two things, or for nothing that is declared.
    func inconsistencies() -> [String] {
        var found: [String] = []
        func unique<V: Hashable>(_ values: [V], _ what: String) {
            for (value, uses) in Dictionary(grouping: values, by: { $0 }) where uses.count > 1 {
                found.append("\(what) \(value) twice")
            }
        }
        let messages = requests + notices + updates
        unique(messages.compactMap(\.opcode), "opcode")
        unique(kinds.map(\.value), "kind")
        unique(codes.map(\.value), "code")
        unique(enumerations.map(\.name) + scalars.map(\.name) + (structures + messages).map(\.name), "name")
        for item in enumerations { unique(item.cases.map(\.value), item.name) }
        let simple = ["u8", "u16", "u32", "u64", "i32", "i64", "bool", "string", "secret", "bytes", "RefusalCode"]
        let types = Set(simple + scalars.map(\.name) + enumerations.map(\.name) + structures.map(\.name))
        for item in structures + messages {
            let tags = (item.tagged ?? []).compactMap(\.tag)
            unique(tags, "\(item.name) tag")
            if tags != tags.sorted() { found.append("\(item.name): tags do not rise") }
            unique((item.fields + (item.tagged ?? [])).map(\.name), "\(item.name) field")
            for field in item.fields + (item.tagged ?? []) {
                let type = field.type.trimmingCharacters(in: ["[", "]"])
                if !types.contains(type) { found.append("\(item.name).\(field.name): no type \(field.type)") }
            }
            if let response = item.response, !structures.contains(where: { $0.name == response }) {
                found.append("\(item.name): no structure \(response)")
            }
            if item.changes == true, item.fields.first?.type != "OperationKey" {
                found.append("\(item.name): what changes something begins with its operation key")
            }
        }
        return found
    }
}

extension ReleasedSchema.Structure {
    /// All but the fields.
    fileprivate var head: Self {
        var head = self
        head.fields = []
        head.tagged = nil
        return head
    }
}
