// Where libedit has put the cursor, in rows below the prompt's first. libedit does not tell, but to print above the line
// being typed one must go up exactly there. So its rule is repeated here: it adds up wcwidth(3) of single scalar values
// (not of grapheme clusters, as tables are counted), and a character that does not fit begins the next row.

import CEditLine

enum PromptLayout {
    /// The row of the cursor after a prompt and a part of a line.
    static func cursorRow(prompt: String, beforeCursor: String, columns: Int) -> Int {
        var row = 0
        var column = 0
        for scalar in (withoutStyle(prompt) + beforeCursor).unicodeScalars {
            let width = cells(of: scalar)
            if column + width > columns { (row, column) = (row + 1, 0) }
            column += width
            if column >= columns { (row, column) = (row + 1, 0) }
        }
        return row
    }

    private static func cells(of scalar: Unicode.Scalar) -> Int {
        let width = Int(editline_columns(wchar_t(truncatingIfNeeded: scalar.value)))
        if width >= 0 { return width }
        // Control characters are shown as ^X, other unprintable ones as \U+XXXX or \U+XXXXX.
        return scalar.value < 0x20 || scalar.value == 0x7F ? 2 : scalar.value > 0xFFFF ? 8 : 7
    }

    /// The prompt as libedit wants it: each run of style sequences between two ``escape`` characters, followed by
    /// something to print, to which libedit attaches the run.
    static func marked(_ prompt: String) -> String {
        var result = ""
        var isInSequence = false
        for part in styleParts(of: prompt) {
            if part.isSequence != isInSequence { result.append(escape) }
            isInSequence = part.isSequence
            result += String(part.text)
        }
        return isInSequence ? result + "\(escape) " : result
    }

    static let escape: Character = "\u{1}"
}
