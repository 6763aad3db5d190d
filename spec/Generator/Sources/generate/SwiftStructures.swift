// Structures: fields in order, then tagged fields, with their codecs.
extension SwiftWriter {
    func swiftType(_ type: String) -> String {
        if type.hasPrefix("[") { return "[" + swiftType(String(type.dropFirst().dropLast())) + "]" }
        return switch type {
        case "u8": "UInt8"
        case "u16": "UInt16"
        case "u32": "UInt32"
        case "u64": "UInt64"
        case "i32": "Int32"
        case "i64": "Int64"
        case "bool": "Bool"
        case "string": "String"
        case "secret": "Secret"
        case "bytes": "[UInt8]"
        default: type
        }
    }

    func encoding(_ type: String, _ name: String) -> String {
        type == "bytes" ? "writer.writeBytes(\(name))" : "\(name).encode(into: &writer)"
    }

    func decoding(_ type: String) -> String {
        type == "bytes" ? "cursor.bytes(of: bytes)" : "\(swiftType(type))(from: bytes, at: &cursor)"
    }

    func bytesMin(_ type: String) -> String {
        switch type {
        case "bytes": "1"
        default: type.hasPrefix("[") ? "1" : "\(swiftType(type)).bytesMin"
        }
    }

    func document(of structure: String) -> String {
        schema.structures.first { $0.name == structure }?.doc ?? structure
    }

    static func initDocument(_ item: Schema.Structure) -> String {
        switch (item.fields.isEmpty, item.tags.isEmpty) {
        case (true, true): "It has no fields."
        case (true, false): "Each field may be left out."
        case (false, true): "Takes every field."
        case (false, false): "Takes every field; the tagged ones, last, may be left out."
        }
    }

    func structure(_ item: Schema.Structure, conformance: String = "WireStructure") -> String {
        var text = "/// \(item.doc)\n"
        if let refusals = item.refusals, !refusals.isEmpty {
            text += "///\n/// Refusals of its own: \(refusals.map { "`\($0)`" }.joined(separator: ", ")).\n"
        }
        text += "public struct \(item.name): \(conformance) {\n"
        if let opcode = item.opcode {
            text += "    /// \(opcode) on the wire.\n"
            text += "    public static var opcode: Opcode { .\(item.name.lowercasedFirst) }\n"
        }
        if let response = item.response {
            text += "    /// The answer: \(document(of: response).lowercasedFirst)\n"
            text += "    public typealias Response = BoxOfficeProtocol.\(response)\n"
        }
        if item.opcode != nil { text += "\n" }
        for field in item.fields {
            text += "    /// \(field.doc)\n    public var \(caseName(field.name)): \(swiftType(field.type))\n"
        }
        for field in item.tags {
            text += "    /// \(field.doc)\n    public var \(field.name): \(swiftType(field.type))?\n"
        }
        let parameters =
            item.fields.map { "\($0.name): \(swiftType($0.type))" }
            + item.tags.map { "\($0.name): \(swiftType($0.type))? = nil" }
        if !parameters.isEmpty { text += "\n" }
        text += "    /// \(Self.initDocument(item))\n"
        let oneLine = "    public init(\(parameters.joined(separator: ", "))) {"
        if parameters.isEmpty {
            text += "    public init() {}\n"
        } else {
            text +=
                oneLine.count <= 118
                ? oneLine + "\n" : "    public init(\n        \(parameters.joined(separator: ", "))\n    ) {\n"
            for field in item.fields + item.tags { text += "        self.\(field.name) = \(caseName(field.name))\n" }
            text += "    }\n"
        }
        let minimum = (item.fields.map { bytesMin($0.type) } + ["1"]).joined(separator: " + ")
        text += "\n    /// The fewest bytes it takes on the wire.\n    public static var bytesMin: Int { \(minimum) }\n"
        text +=
            "\n    /// Appends the fields in order, then the tagged ones.\n    public func encode(into writer: inout WireWriter) {\n"
        for field in item.fields { text += "        \(encoding(field.type, caseName(field.name)))\n" }
        if item.tags.isEmpty {
            text += "        writer.writeVarint(0)\n"
        } else {
            let count = item.tags.map { "(\($0.name) == nil ? 0 : 1)" }.joined(separator: " + ")
            text += "        writer.writeVarint(\(count))\n"
            for field in item.tags {
                text +=
                    "        if let \(field.name) { writer.writeTagged(\(field.tag!)) { writer in \(encoding(field.type, field.name)) } }\n"
            }
        }
        text += "    }\n\n    /// Reads one at the cursor; throws when the bytes there are not one.\n"
        text += "    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {\n"
        for field in item.fields { text += "        self.\(field.name) = try \(decoding(field.type))\n" }
        if item.tags.isEmpty {
            text += "        try cursor.skipTagged(of: bytes)\n"
        } else {
            text += "        var tags = try cursor.tagged(of: bytes)\n"
            text += "        while let tag = try tags.next(of: bytes, at: &cursor) {\n            switch tag {\n"
            for field in item.tags {
                text += "            case \(field.tag!): self.\(field.name) = try \(decoding(field.type))\n"
            }
            text += "            default: try tags.skipUnknown(at: &cursor)\n            }\n"
            text += "            try tags.finish(at: &cursor)\n        }\n"
        }
        return text + "    }\n}\n"
    }
}
