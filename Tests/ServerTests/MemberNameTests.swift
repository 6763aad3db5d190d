import Testing

@testable import BoxOfficeServer

/// Which names are taken, and which are the same.
@Suite struct MemberNameTests {
    @Test func lookAlikesOfTheSameLettersAreOneName() {
        let same: [[String]] = [
            ["ann", "ANN", "Ann", "Ａｎｎ", "ａｎｎ", "an\u{FE0F}n"],
            ["andr\u{E9}", "ANDRE\u{301}", "Andre\u{301}"],
            ["STRASSE", "straße", "Straẞe"],
            ["ΣΊΣΥΦΟΣ", "σίσυφος"],
            ["김철수", "\u{1100}\u{1175}\u{11B7}\u{110E}\u{1165}\u{11AF}\u{1109}\u{116E}"],
            ["ﬁona", "FIONA"],
            ["ｶﾀｶﾅ", "カタカナ"],
            ["Ⅷ x", "viii x"],
        ]
        for names in same {
            let keys = Set(names.map { MemberName($0)?.key })
            #expect(keys.count == 1 && keys.first != .some(nil), "\(names)")
        }
    }

    @Test func differentLettersAreDifferentNames() {
        // The sixth begins with a Cyrillic letter.
        let names = ["ann", "anna", "añn", "ann1", "ann l", "\u{430}nn", "👩‍🎤👩‍🎤👩‍🎤", "👨‍🎤👨‍🎤👨‍🎤"]
        #expect(Set(names.map { MemberName($0)?.key }).count == names.count)
    }

    @Test(arguments: [
        "ann", "a b", "김철수", "Zoë 🎸🎶", "👩‍🎤👩‍🎤👩‍🎤", "x'y", "🏴󠁧󠁢󠁳󠁣󠁴󠁿🏴󠁧󠁢󠁳󠁣󠁴󠁿🏴󠁧󠁢󠁳󠁣󠁴󠁿", String(repeating: "界", count: 32),
    ])
    func isAllowed(_ name: String) { #expect((MemberName(name) != nil) == (name.count >= 3)) }

    @Test(arguments: [
        "", "ab", " ann", "ann ", "an\tn", "an\nn", "an\u{0}n", "ann\u{200B}", "\u{202E}ann",
        "\u{3164}\u{3164}\u{3164}",
        "a\u{A0}nn", "ann\u{2028}x", String(repeating: "x", count: 33), String(repeating: "👩‍👩‍👧‍👦", count: 32),
        "\u{200D}\u{200D}\u{200D}", "ann\u{E000}", "ann\u{FFFF}",
    ])
    func isNotAllowed(_ name: String) { #expect(MemberName(name) == nil) }
}
