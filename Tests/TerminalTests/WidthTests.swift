import Testing

@testable import BoxOfficeTerminal

@Suite struct WidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("ñandú", 5),
        ("겨울", 4), ("\u{1100}\u{1161}\u{11A8}", 2),  // 각 as conjoining jamo
        ("漢字", 4), ("ｶﾅ", 2), ("カナ", 4), ("Ａ", 2), ("、", 2), ("𠀋", 2),
        ("🎸", 2), ("👍🏽", 2), ("🇰🇷", 2), ("🇰🇷🇵🇹", 4), ("👨‍👩‍👧‍👦", 2), ("🏴󠁧󠁢󠁳󠁣󠁴󠁿", 2), ("1️⃣", 2),
        ("❤️", 2), ("❤", 1), ("☕", 2), ("☕\u{FE0E}", 1), ("…", 1), ("–", 1), ("₩", 1),
        ("\u{200B}", 0), ("a\u{200D}b", 2), ("co\u{AD}op", 5), ("नमस्ते", 4), ("ก็", 1),
    ])
    func columns(text: String, expected: Int) {
        #expect(displayWidth(of: text) == expected, "\(text.unicodeScalars.map { String($0.value, radix: 16) })")
    }

    @Test func controlCharactersTakeNothing() { #expect(displayWidth(of: "\u{1B}a\n\u{9B}\r\n") == 1) }

    @Test(arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abc", 1, "…"), ("abc", 0, ""), ("", 3, ""), ("abc", -1, ""),
        ("겨울콘서트", 10, "겨울콘서트"), ("겨울콘서트", 9, "겨울콘서…"), ("겨울콘서트", 8, "겨울콘…"),
        ("a👨‍👩‍👧b", 4, "a👨‍👩‍👧b"), ("a👨‍👩‍👧b", 3, "a…"), ("🇰🇷🇵🇹", 3, "🇰🇷…"), ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
    ])
    func cutting(text: String, columns: Int, expected: String) {
        let cut = truncated(text, toColumns: columns)
        #expect(cut == expected)
        #expect(displayWidth(of: cut) <= max(0, columns))
        #expect(truncated(styled: text, toColumns: columns) == expected)
    }

    @Test func cuttingKeepsWhatEndsAStyle() {
        let style = Style(isOn: true)
        let text = style.red("겨울 콘서트") + " and " + style.bold("more")
        let cut = truncated(styled: text, toColumns: 8)
        #expect(withoutStyle(cut) == "겨울 콘…")
        #expect(cut.hasPrefix("\u{1B}[31m겨울 콘…\u{1B}[39m"))
        #expect(cut.hasSuffix("\u{1B}[1m\u{1B}[22m"))
        #expect(truncated(styled: text, toColumns: 20) == text)
    }

    @Test func filling() {
        #expect(padded("겨울", toColumns: 6) == "겨울  ")
        #expect(padded("12", toColumns: 4, .right) == "  12")
        #expect(padded("겨울", toColumns: 3) == "겨울")
    }
}
