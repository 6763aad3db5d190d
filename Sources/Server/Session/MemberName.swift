// Login names, and what makes two of them the same.
//
// The key is the name without what cannot be seen, compatibility-composed (NFKC) and case-folded: Ann, ANN, Ａｎｎ and
// a name whose é is two code points meet in one key, so that nobody can take a look-alike of the same letters. Folding
// goes by way of upper case, which is where ß and ss, ς and σ meet. Letters of other scripts that merely look alike
// stay different: telling Latin from Cyrillic is not ours to do.

import BoxOfficeProtocol
import Foundation

/// A login name that may be taken.
struct MemberName: Hashable, Sendable {
    /// As it was typed.
    let text: String
    /// The same for all names that count as the same.
    let key: String

    /// Nil when a name may not be like this (`badName`).
    init?(_ text: String) {
        let length = text.count
        guard (WireLimits.nameCharactersMin...WireLimits.nameCharactersMax).contains(length),
            text.utf8.count <= Self.bytesMax, let first = text.first, let last = text.last,
            !first.isWhitespace, !last.isWhitespace, text.unicodeScalars.allSatisfy(Self.isAllowed)
        else { return nil }
        // Composing can make new letters to fold, and folding new pairs to compose: twice is stable.
        let key = Self.folded(Self.folded(text))
        guard !key.isEmpty, key.utf8.count <= Self.keyBytesMax else { return nil }
        self.text = text
        self.key = key
    }

    /// Bytes of UTF-8 in a name.
    static let bytesMax = 256
    /// Composition for compatibility can make a text longer, some characters eighteen times.
    static let keyBytesMax = 1024

    private static func folded(_ text: String) -> String {
        var composed = ""
        for scalar in text.precomposedStringWithCompatibilityMapping.unicodeScalars
        where !scalar.properties.isDefaultIgnorableCodePoint {
            composed.unicodeScalars.append(scalar)
        }
        let upper = composed.unicodeScalars.reduce(into: "") { $0 += $1.properties.uppercaseMapping }
        let lower = upper.unicodeScalars.reduce(into: "") { $0 += $1.properties.lowercaseMapping }
        return lower.precomposedStringWithCompatibilityMapping
    }

    /// Letters, marks, digits, punctuation, symbols and spaces; nothing that a terminal obeys or that nobody sees, but
    /// for the joiner and the variation selectors, which emoji are written with.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        if [0x200D, 0xFE0E, 0xFE0F].contains(scalar.value) { return true }
        if (0xE0020...0xE007F).contains(scalar.value) { return true }  // Tags: the flags of Scotland and Wales.
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return false
        case .spaceSeparator: return scalar == " "
        default: return !scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
