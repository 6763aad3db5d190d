// Text from other people (concert titles, member names, messages) is data. Printed raw it could move the cursor, set
// the window's title, answer on the keyboard's behalf, or reverse the reading order of the line it stands in. So
// whatever acts instead of showing is shown as an escape.

/// Makes a text from elsewhere harmless on a terminal.
///
/// Control characters (C0, DEL, C1), line and paragraph separators, and the invisible characters that direct bidirectional
/// text come out as `\n`, `\t`, `\u{1B}`…; everything else, emoji joiners included, stays. A backslash stays too: the
/// result is to be read by people, not to be parsed.
/// - Returns: one line that is safe to print.
public func sanitize(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: actsOnTerminal) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where actsOnTerminal(scalar): result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

private func actsOnTerminal(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F: true  // C0, DEL and C1, where U+009B is an escape sequence's start by itself
    case 0x2028, 0x2029: true  // line and paragraph separator
    case 0x061C, 0x200E, 0x200F: true  // marks of direction
    case 0x202A...0x202E, 0x2066...0x2069: true  // embeddings, overrides, isolates
    case 0xFFF9...0xFFFB: true  // interlinear annotation
    default: false
    }
}
