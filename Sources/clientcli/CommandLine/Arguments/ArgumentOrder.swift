// Global options may stand before the command's name, between its two words, or after it. The parser wants them after it:
//
//     --json queue --profile ann join 3     →     queue join --json --profile ann 3
//
// Negative numbers are values here, not options: `charge -5` is refused for its amount, not for an option named 5.

/// Brings the words of a command line into the order that the parser wants.
func inParserOrder(_ arguments: [String]) -> [String] {
    var words: [String] = []
    var options: [String] = []
    var rest = arguments[...]
    while let word = rest.first {
        let isWhole = GlobalOptions.namesWithValue.contains { word.hasPrefix($0 + "=") }
        if GlobalOptions.flagNames.contains(word) || isWhole {
            options.append(rest.removeFirst())
        } else if GlobalOptions.namesWithValue.contains(word) {
            options += rest.prefix(2)
            rest = rest.dropFirst(2)
        } else if word.hasPrefix("-") {
            break
        } else {
            words.append(rest.removeFirst())
            // Only the names of groups are followed by another name.
            guard words.count == 1, word == "queue" || word == "admin" else { break }
        }
    }
    if words.first == "help" { options = [] }
    if words == ["charge"], !rest.contains("--"), let amount = rest.firstIndex(where: \.isNegativeNumber) {
        let number = rest.remove(at: amount)
        rest += ["--", number]
    }
    return words + options + rest
}

extension String {
    fileprivate var isNegativeNumber: Bool {
        hasPrefix("-") && count > 1 && dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
    }
}

/// A command line as people would type it, with quotes where they are needed.
func quoted(_ words: [String]) -> String {
    words.map { word in
        let isPlain = !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "-_.:/=+,@".contains($0) }
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }.joined(separator: " ")
}

/// Splits a typed line into words, as a shell does: spaces separate, quotes and backslashes keep together. Nil when a
/// quote is not closed.
func words(of line: String) -> [String]? {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in line {
        if isEscaped {
            word = (word ?? "") + String(character)
            isEscaped = false
        } else if character == "\\", quote != "'" {
            isEscaped = true
        } else if let open = quote {
            if character == open { quote = nil } else { word = (word ?? "") + String(character) }
        } else if character == "'" || character == "\"" {
            quote = character
            word = word ?? ""
        } else if character.isWhitespace {
            if let done = word { words.append(done) }
            word = nil
        } else {
            word = (word ?? "") + String(character)
        }
    }
    guard quote == nil, !isEscaped else { return nil }
    return words + (word.map { [$0] } ?? [])
}
