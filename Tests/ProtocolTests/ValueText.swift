import BoxOfficeProtocol

/// A message as one line of JSON, as `spec/vectors/README.md` describes it: fields in the order of the wire, absent
/// tagged fields left out. Read from the values by reflection, so that the generated code has no say in it.
func valueText(_ message: any WireStructure) -> String { "\(type(of: message)) \(json(message))" }

private func json(_ value: Any) -> String {
    switch value {
    case let secret as Secret: return quoted(secret.exposed)
    case let token as SessionToken: return quoted(hexadecimal(token.rawValue.bytes))
    case let text as String: return quoted(text)
    case let truth as Bool: return truth ? "true" : "false"
    case let bytes as Bytes16: return quoted(hexadecimal(bytes.bytes))
    case let bytes as Bytes32: return quoted(hexadecimal(bytes.bytes))
    case let code as RefusalCode: return quoted(code.name)
    case let item as any WireEnumeration: return quoted(item.name)
    case let scalar as any WireScalar: return json(scalar.rawValue)
    case let number as any FixedWidthInteger: return "\(number)"
    default: break
    }
    // An empty array of anything casts to [UInt8], so the type itself is asked.
    if type(of: value) == [UInt8].self, let bytes = value as? [UInt8] { return quoted(hexadecimal(bytes)) }
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .collection {
        return "[" + mirror.children.map { json($0.value) }.joined(separator: ", ") + "]"
    }
    let fields = mirror.children.compactMap { child -> String? in
        guard let label = child.label, let present = unwrapped(child.value) else { return nil }
        return "\(quoted(label)): \(json(present))"
    }
    return "{" + fields.joined(separator: ", ") + "}"
}

private func unwrapped(_ value: Any) -> Any? {
    let mirror = Mirror(reflecting: value)
    return mirror.displayStyle == .optional ? mirror.children.first?.value : value
}

private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case "\u{8}": result += "\\b"
        case "\u{C}": result += "\\f"
        case "\u{0}"..<" ":
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
