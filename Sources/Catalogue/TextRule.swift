// Which text may be a name. Names are printed on other people's terminals and compared by people who choose a seat, so
// what a terminal obeys (control characters) and what makes text read otherwise than it is stored (line separators,
// direction overrides) stay out. Everything else of Unicode is welcome: 한글, umlauts, emoji with their joiners.

enum TextRule {
    /// Names: of a plan, a category, a zone, an artist; titles.
    static let nameBytesMax = 200
    /// What stands on the ticket beside a row or a seat.
    static let numberBytesMax = 100
    /// `seat_guid`, the name of a seat among programs.
    static let guidBytesMax = 200
    /// A colour as the stylesheets write it.
    static let colorBytesMax = 100
    /// A concert's description.
    static let descriptionBytesMax = 4_000

    /// Whether `scalar` has no place in a name; a description may have lines and tabs.
    static func isForbidden(_ scalar: Unicode.Scalar, linesAllowed: Bool) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: !linesAllowed
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x2028, 0x2029: true  // line and paragraph separator
        case 0x202A...0x202E, 0x2066...0x2069: true  // direction overrides, embeddings and isolates
        default: false
        }
    }

    /// What is wrong with `text`, or nil.
    static func problem(in text: String, bytesMax: Int, emptyAllowed: Bool, linesAllowed: Bool) -> String? {
        let bytes = text.utf8
        guard bytes.count <= bytesMax else { return "is longer than \(bytesMax) bytes of UTF-8" }
        if bytes.allSatisfy({ 0x21...0x7E ~= $0 }) {  // by far most of them
            return bytes.isEmpty && !emptyAllowed ? "must not be empty" : nil
        }
        if let scalar = text.unicodeScalars.first(where: { isForbidden($0, linesAllowed: linesAllowed) }) {
            return "has the control character U+\(hexadecimal(scalar))"
        }
        return text.trimmed.isEmpty && !emptyAllowed ? "must not be empty" : nil
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}

extension String {
    /// Without white space at either end.
    var trimmed: String {
        guard first?.isWhitespace == true || last?.isWhitespace == true else { return self }
        let start = drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
