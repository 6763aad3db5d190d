// The two kinds of JSON values that have a grammar of their own: strings and numbers.

extension JSONReader {
    /// The string that starts at the quote under the cursor.
    mutating func string() throws(CatalogueRefusal) -> String {
        let opening = at
        at += 1
        let start = at
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { at += 1 }
        if next == UInt8(ascii: "\"") {  // no escapes: nearly all of them
            at += 1
            return try text(bytes[start..<(at - 1)], startingAt: opening)
        }
        var unescaped = Array(bytes[start..<at])
        while true {
            switch next {
            case nil:
                throw refusal("a string without its closing quote", offset: opening)
            case UInt8(ascii: "\""):
                at += 1
                return try text(unescaped[...], startingAt: opening)
            case UInt8(ascii: "\\"):
                unescaped.append(contentsOf: String(try escape()).utf8)
            case .some(let byte) where byte < 0x20:
                throw refusal("a control character inside a string")
            case .some(let byte):
                unescaped.append(byte)
                at += 1
            }
        }
    }

    private func text(_ utf8: ArraySlice<UInt8>, startingAt offset: Int) throws(CatalogueRefusal) -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw refusal("a string that is not UTF-8", offset: offset)
        }
        return text
    }

    private mutating func escape() throws(CatalogueRefusal) -> Unicode.Scalar {
        let start = at
        at += 1
        guard let letter = next else { throw refusal("expected an escape") }
        at += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw refusal("an unknown escape in a string", offset: start)
        }
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        // Half of a surrogate pair: the other half must follow.
        if UTF16.isLeadSurrogate(unit), skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) {
            let trail = try hexadecimal()
            if UTF16.isTrailSurrogate(trail) { return UTF16.decode(UTF16.EncodedScalar([unit, trail])) }
        }
        throw refusal("half of a surrogate pair in a string", offset: start)
    }

    private mutating func hexadecimal() throws(CatalogueRefusal) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw refusal("expected four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
            at += 1
        }
        return unit
    }

    /// The number that starts under the cursor: an integer where it was written as one and fits.
    mutating func number() throws(CatalogueRefusal) -> JSONValue {
        let start = at
        let negative = skip(UInt8(ascii: "-"))
        var magnitude: Int64? = 0
        if !skip(UInt8(ascii: "0")) {
            try digits { digit in
                guard let before = magnitude else { return }
                let (tens, tooLarge) = before.multipliedReportingOverflow(by: 10)
                let (sum, overflow) = tens.addingReportingOverflow(digit)
                magnitude = tooLarge || overflow ? nil : sum
            }
        }
        if skip(UInt8(ascii: ".")) {
            try digits { _ in }
            magnitude = nil
        }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            _ = skip(UInt8(ascii: "+")) || skip(UInt8(ascii: "-"))
            try digits { _ in }
            magnitude = nil
        }
        guard at - start <= Self.numberBytesMax else { throw refusal("a number of too many digits", offset: start) }
        if let magnitude, !(negative && magnitude == 0) { return .integer(negative ? -magnitude : magnitude) }
        return .number(literal: String(decoding: bytes[start..<at], as: UTF8.self))
    }

    private mutating func digits(_ each: (Int64) -> Void) throws(CatalogueRefusal) {
        guard let first = next, 0x30...0x39 ~= first else { throw refusal("expected a digit") }
        while let byte = next, 0x30...0x39 ~= byte {
            each(Int64(byte - 0x30))
            at += 1
        }
    }
}
