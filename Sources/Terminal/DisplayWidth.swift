// How many columns a text takes on a terminal.
//
// A terminal is a grid. Most characters take one cell, East Asian wide ones and emoji two, combining marks none; a
// grapheme cluster (what a reader takes for one character) is never split over two cells of different things.
//
//     a 1    가 2    é as e + U+0301 1    👍🏽 2    🇰🇷 2    👨‍👩‍👧 2    ☕︎ with U+FE0E 1
//
// The standard library knows grapheme clusters, emoji and general categories at its own Unicode version. What it does
// not know is East Asian Width, so that one property is a table here.

/// The number of terminal columns that a text takes when printed.
/// - Parameter text: one line without control characters (see ``sanitize(_:)``); those count nothing.
/// - Returns: columns, 0 for the empty text.
public func displayWidth(of text: some StringProtocol) -> Int {
    text.reduce(0) { $0 + displayWidth(of: $1) }
}

/// The number of terminal columns of one character: 0, 1 or 2, more only for clusters of several spacing letters.
public func displayWidth(of character: Character) -> Int {
    if let ascii = character.asciiValue { return ascii < 0x20 || ascii == 0x7F ? 0 : 1 }
    let scalars = character.unicodeScalars
    if isEmoji(scalars) { return 2 }
    // Spacing vowels and conjuncts of Indic scripts are one cluster and several cells.
    return scalars.reduce(0) { $0 + displayWidth(of: $1) }
}

/// Whether a cluster is shown as a picture, two columns wide.
private func isEmoji(_ scalars: Character.UnicodeScalarView) -> Bool {
    guard let first = scalars.first else { return false }
    if isRegionalIndicator(first) { return scalars.dropFirst().contains(where: isRegionalIndicator) }  // a flag
    // A variation selector decides for pictures and text alike: ☕︎ is text, ❤️ and 1️⃣ are pictures.
    if scalars.contains("\u{FE0E}") { return false }
    if scalars.contains("\u{FE0F}") { return first.properties.isEmoji }
    return first.properties.isEmojiPresentation
}

private func isRegionalIndicator(_ scalar: Unicode.Scalar) -> Bool {
    (0x1F1E6...0x1F1FF).contains(scalar.value)
}

private func displayWidth(of scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .control, .nonspacingMark, .enclosingMark, .lineSeparator, .paragraphSeparator: return 0
    case .format: return scalar.value == 0xAD ? 1 : 0  // a soft hyphen is shown
    default: break
    }
    // Vowels and final consonants of Hangul written as jamo: they join the leading consonant's cells.
    if (0x1160...0x11FF).contains(scalar.value) || (0xD7B0...0xD7FF).contains(scalar.value) { return 0 }
    return isWide(scalar) ? 2 : 1
}

/// East_Asian_Width W and F of Unicode 15.1 without emoji, in ascending order. Gaps that hold only unassigned code
/// points are closed, and planes 2 and 3 are wide as a whole, as the property's default says.
private let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F,  // Hangul leading consonants
    0x2329...0x232A,  // angle brackets
    0x2E80...0x303E,  // CJK radicals, ideographic descriptions, punctuation
    0x3041...0x3247,  // Hiragana to enclosed CJK
    0x3250...0x4DBF,  // enclosed CJK, extension A
    0x4E00...0xA4C6,  // unified ideographs, Yi
    0xA960...0xA97C,  // Hangul Jamo extended A
    0xAC00...0xD7A3,  // Hangul syllables
    0xF900...0xFAD9,  // compatibility ideographs
    0xFE10...0xFE19,  // vertical forms
    0xFE30...0xFE6B,  // compatibility and small forms
    0xFF01...0xFF60,  // fullwidth forms
    0xFFE0...0xFFE6,  // fullwidth signs
    0x16FE0...0x1B2FB,  // Tangut, Khitan, Kana supplements, Nushu
    0x1F200...0x1F265,  // enclosed ideographs
    0x20000...0x3FFFD,  // planes 2 and 3
]

private func isWide(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value >= wideRanges[0].lowerBound else { return false }
    var low = 0
    var high = wideRanges.count
    while low < high {
        let middle = (low + high) / 2
        if wideRanges[middle].upperBound < scalar.value { low = middle + 1 } else { high = middle }
    }
    return low < wideRanges.count && wideRanges[low].contains(scalar.value)
}
