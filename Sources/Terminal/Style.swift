// Colour and weight, for people only: a style that is off returns its text untouched, so callers need not ask.

/// Puts colour and weight around text, when the output wants them.
///
///     let style = Style(for: .standardOutput)
///     print(style.bold("Hold"), style.red("expired"))
public struct Style: Sendable {
    /// Whether anything is put around texts at all.
    public let isOn: Bool

    /// A style that is on or off.
    public init(isOn: Bool) { self.isOn = isOn }

    /// The style that suits an output.
    public init(for terminal: Terminal) { self.init(isOn: terminal.usesColour) }

    /// Bad news.
    public func red(_ text: String) -> String { select(31, 39, text) }
    /// Good news.
    public func green(_ text: String) -> String { select(32, 39, text) }
    /// Take care.
    public func yellow(_ text: String) -> String { select(33, 39, text) }
    /// Headings, the one thing that matters.
    public func bold(_ text: String) -> String { select(1, 22, text) }
    /// Beside the point.
    public func dim(_ text: String) -> String { select(2, 22, text) }

    /// "Select graphic rendition"; ends only what it began, so that styles nest.
    private func select(_ begin: Int, _ end: Int, _ text: String) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(begin)m\(text)\u{1B}[\(end)m" : text
    }
}

/// A text without the sequences that ``Style`` puts in.
public func withoutStyle(_ text: String) -> String {
    var result = ""
    for part in styleParts(of: text) where !part.isSequence { result += String(part.text) }
    return result
}

/// A styled text cut into what is shown and what only selects how.
func styleParts(of text: String) -> [(text: Substring.UnicodeScalarView, isSequence: Bool)] {
    var parts: [(text: Substring.UnicodeScalarView, isSequence: Bool)] = []
    var rest = text.unicodeScalars[...]
    while let escape = rest.firstIndex(of: "\u{1B}") {
        guard let end = rest[escape...].firstIndex(of: "m") else { break }
        if escape > rest.startIndex { parts.append((rest[..<escape], false)) }
        parts.append((rest[escape...end], true))
        rest = rest[rest.index(after: end)...]
    }
    if !rest.isEmpty { parts.append((rest, false)) }
    return parts
}
