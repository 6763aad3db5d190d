// Making a text take an exact number of columns: cut with an ellipsis, filled with spaces. Never splits a grapheme
// cluster, so half a flag or a Hangul syllable without its final consonant cannot appear.

/// Cuts a text that is too wide and ends it with `…`.
/// - Parameters:
///   - text: one line without control characters or styling.
///   - columns: the most it may take. With 0 or less nothing is left.
/// - Returns: the text itself when it fits; otherwise at most `columns` wide (one less when a wide character would
///   stand across the edge).
public func truncated(_ text: String, toColumns columns: Int) -> String {
    guard columns > 0 else { return "" }
    var width = 0
    var roomForEllipsis = text.startIndex  // the end of what may stand before an ellipsis
    for index in text.indices {
        if width < columns { roomForEllipsis = index }
        width += displayWidth(of: text[index])
        if width > columns { return text[..<roomForEllipsis] + "…" }
    }
    return text
}

/// The same for a text that carries ``Style`` sequences: they take no columns and are all kept, so that what was begun
/// is ended.
public func truncated(styled text: String, toColumns columns: Int) -> String {
    guard displayWidth(of: withoutStyle(text)) > columns else { return text }
    var result = ""
    var room = columns - 1  // one for the ellipsis
    for part in styleParts(of: text) {
        if part.isSequence {
            result += String(part.text)
            continue
        }
        for character in Substring(part.text) where room >= 0 {
            room -= displayWidth(of: character)
            if room >= 0 { result.append(character) } else if columns > 0 { result += "…" }
        }
    }
    return result
}

/// Where a text stands in a field that is wider than itself.
public enum Alignment: Sendable {
    /// At the start, spaces after it: text.
    case left
    /// At the end, spaces before it: numbers.
    case right
}

/// Fills a text with spaces up to a width; a text that is wide enough is returned as it is.
public func padded(_ text: String, toColumns columns: Int, _ alignment: Alignment = .left) -> String {
    let spaces = String(repeating: " ", count: max(0, columns - displayWidth(of: text)))
    return alignment == .left ? text + spaces : spaces + text
}
