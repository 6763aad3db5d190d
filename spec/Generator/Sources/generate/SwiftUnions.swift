// What holds any message: the opcodes and one enumeration for each direction.
extension SwiftWriter {
    var messages: [Schema.Structure] { schema.requests + schema.notices + schema.updates }

    func opcodes() -> String {
        var text =
            "/// The number of a request, a notice or an update.\npublic enum Opcode: UInt16, CaseIterable, Sendable {\n"
        for item in messages {
            text += "    /// \(item.doc)\n    case \(item.name.lowercasedFirst) = \(item.opcode!)\n"
        }
        text +=
            "\n    /// Who may send it; nil for what only the server sends.\n    public var access: Access? {\n        switch self {\n"
        for access in ["guest", "member", "operator", "local"] {
            let names = schema.requests.filter { $0.access == access }.map { ".\($0.name.lowercasedFirst)" }
            if !names.isEmpty {
                text += "        case \(names.joined(separator: ",\n            ")): .\(caseName(access))\n"
            }
        }
        text += "        default: nil\n        }\n    }\n\n"
        text +=
            "    /// Whether it carries an operation key and changes something.\n    public var changes: Bool {\n        switch self {\n        case "
        text += schema.requests.filter { $0.changes == true }.map { ".\($0.name.lowercasedFirst)" }.joined(
            separator: ",\n            ")
        text += ": true\n        default: false\n        }\n    }\n\n"
        text +=
            "    /// Whether its answer may be compressed.\n    public var compresses: Bool {\n        switch self {\n        case "
        text += schema.requests.filter { $0.compress == true }.map { ".\($0.name.lowercasedFirst)" }.joined(
            separator: ",\n            ")
        text += ": true\n        default: false\n        }\n    }\n\n"
        text +=
            "    /// The name that people and programs see: `hold`, `holdExpired`, `position`.\n    public var name: String {\n        switch self {\n"
        for item in messages { text += "        case .\(item.name.lowercasedFirst): \"\(item.shownName)\"\n" }
        return text + "        }\n    }\n}\n"
    }

    func union(_ name: String, doc: String, of items: [Schema.Structure], conformance: String) -> String {
        var text = "/// \(doc)\npublic enum \(name): Hashable, Sendable {\n"
        for item in items {
            text += "    /// \(item.doc)\n    case \(item.name.lowercasedFirst)(\(item.name))\n"
        }
        text += "\n    /// The message itself.\n    public var message: any \(conformance) {\n        switch self {\n"
        for item in items { text += "        case .\(item.name.lowercasedFirst)(let message): message\n" }
        text += "        }\n    }\n\n    /// Which it is.\n    public var opcode: Opcode {\n        switch self {\n"
        for item in items { text += "        case .\(item.name.lowercasedFirst): .\(item.name.lowercasedFirst)\n" }
        text += "        }\n    }\n\n"
        text += "    /// Appends the message's body.\n"
        text += "    public func encode(into writer: inout WireWriter) {\n        switch self {\n"
        for item in items {
            text += "        case .\(item.name.lowercasedFirst)(let message): message.encode(into: &writer)\n"
        }
        text += "        }\n    }\n\n"
        text += "    /// The message with this opcode in a whole body; nil when the opcode is not one of these.\n"
        text +=
            "    public static func decode(_ opcode: Opcode, body: Span<UInt8>) throws(DecodeFailure) -> \(name)? {\n        switch opcode {\n"
        for item in items {
            text +=
                "        case .\(item.name.lowercasedFirst): .\(item.name.lowercasedFirst)(try \(item.name)(body: body))\n"
        }
        text += "        default: nil\n        }\n    }\n"
        if name == "Request" {
            text +=
                "\n    /// The operation key of a request that changes something.\n    public var operation: OperationKey? {\n        switch self {\n"
            for item in items where item.changes == true {
                text += "        case .\(item.name.lowercasedFirst)(let message): message.operation\n"
            }
            text += "        default: nil\n        }\n    }\n"
        }
        return text + "}\n"
    }

    func responses() -> String {
        var names: [String] = []
        for request in schema.requests where !names.contains(request.response!) { names.append(request.response!) }
        var text = "/// Any answer of the protocol.\npublic enum Response: Hashable, Sendable {\n"
        for name in names { text += "    /// \(document(of: name))\n    case \(name.lowercasedFirst)(\(name))\n" }
        text += "\n    /// The message itself.\n    public var message: any WireStructure {\n        switch self {\n"
        for name in names { text += "        case .\(name.lowercasedFirst)(let message): message\n" }
        text += "        }\n    }\n"
        text +=
            "\n    /// Appends the message's body.\n    public func encode(into writer: inout WireWriter) {\n        switch self {\n"
        for name in names {
            text += "        case .\(name.lowercasedFirst)(let message): message.encode(into: &writer)\n"
        }
        text += "        }\n    }\n\n"
        text +=
            "    /// The answer to a request with this opcode, from a whole body; nil when the opcode is not a request's.\n"
        text +=
            "    public static func decode(_ opcode: Opcode, body: Span<UInt8>) throws(DecodeFailure) -> Response? {\n        switch opcode {\n"
        for name in names {
            let opcodes = schema.requests.filter { $0.response == name }.map { ".\($0.name.lowercasedFirst)" }
            text +=
                "        case \(opcodes.joined(separator: ", ")): .\(name.lowercasedFirst)(try \(name)(body: body))\n"
        }
        return text + "        default: nil\n        }\n    }\n}\n"
    }
}
