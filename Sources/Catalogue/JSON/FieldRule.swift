// What a member may be: its type, its range, and how it is read.

struct FieldRule<Value> {
    let read: (JSONValue) throws(CatalogueRefusal) -> Value
}

extension FieldRule where Value == JSONValue {
    static var any: Self { Self { value throws(CatalogueRefusal) in value } }
}

extension FieldRule where Value == Bool {
    static var flag: Self {
        Self { value throws(CatalogueRefusal) in
            guard case .bool(let flag) = value else {
                throw CatalogueRefusal("must be true or false, not \(value.kind)")
            }
            return flag
        }
    }
}

extension FieldRule where Value == String {
    /// Text within the rules for names (`TextRule`).
    static func text(bytesMax: Int, emptyAllowed: Bool = false, linesAllowed: Bool = false) -> Self {
        Self { value throws(CatalogueRefusal) in
            guard case .string(let text) = value else {
                throw CatalogueRefusal("must be a string, not \(value.kind)")
            }
            let problem = TextRule.problem(
                in: text, bytesMax: bytesMax, emptyAllowed: emptyAllowed, linesAllowed: linesAllowed)
            if let problem { throw CatalogueRefusal(problem) }
            return text
        }
    }

    static var name: Self { text(bytesMax: TextRule.nameBytesMax) }

    /// Text, or a whole number as its digits: some editors write `"row_number": 7`.
    static func textOrInteger(bytesMax: Int, emptyAllowed: Bool = false) -> Self {
        Self { value throws(CatalogueRefusal) in
            if case .integer(let integer) = value { return String(integer) }
            if case .number = value { throw CatalogueRefusal("must be a string or a whole number") }
            return try text(bytesMax: bytesMax, emptyAllowed: emptyAllowed).read(value)
        }
    }
}

extension FieldRule where Value == Int64 {
    /// A whole number in `range`.
    static func integer(_ range: ClosedRange<Int64>) -> Self {
        Self { value throws(CatalogueRefusal) in
            guard case .integer(let integer) = value else {
                if case .number = value { throw CatalogueRefusal("must be a whole number") }
                throw CatalogueRefusal("must be a whole number, not \(value.kind)")
            }
            guard range.contains(integer) else {
                throw CatalogueRefusal("must be from \(range.lowerBound) to \(range.upperBound), not \(integer)")
            }
            return integer
        }
    }

    /// An instant as RFC 3339, in microseconds since 1970 UTC.
    static var instant: Self {
        Self { value throws(CatalogueRefusal) in
            let text = try FieldRule<String>.text(bytesMax: 64).read(value)
            guard let instant = RFC3339.microseconds(text) else {
                throw CatalogueRefusal("must be an instant with its offset, like 2027-03-12T20:00:00+01:00")
            }
            return instant
        }
    }
}

extension FieldRule where Value == Double {
    /// A number in `range`, and so a finite one.
    static func number(_ range: ClosedRange<Double>) -> Self {
        Self { value throws(CatalogueRefusal) in
            let number: Double?
            switch value {
            case .integer(let integer): number = Double(integer)
            case .number(let literal): number = Double(literal)
            default: throw CatalogueRefusal("must be a number, not \(value.kind)")
            }
            guard let number, range.contains(number) else {
                let bounds = "\(JSONValue.plain(range.lowerBound)) to \(JSONValue.plain(range.upperBound))"
                throw CatalogueRefusal("must be a number from \(bounds)")
            }
            return number
        }
    }
}
