import Testing

@testable import BoxOfficeTerminal

@Suite struct SanitizeTests {
    /// One test, not one for each text: their names would be printed as they are.
    @Test func whatActsIsShown() {
        for (text, expected) in [
            ("겨울 콘서트 👨‍👩‍👧 é", "겨울 콘서트 👨‍👩‍👧 é"),
            ("\u{1B}[31mred", "\\u{1B}[31mred"),
            ("\u{1B}]0;title\u{07}", "\\u{1B}]0;title\\u{7}"),
            ("\u{9B}2J", "\\u{9B}2J"),
            ("a\nb\r\nc\td", "a\\nb\\r\\nc\\td"),
            ("pay\u{202E}001", "pay\\u{202E}001"),
            ("\u{2066}x\u{2069}\u{200F}", "\\u{2066}x\\u{2069}\\u{200F}"),
            ("a\u{7F}b\u{0}", "a\\u{7F}b\\u{0}"),
            ("one\u{2028}two", "one\\u{2028}two"),
            ("C:\\new", "C:\\new"),
        ] {
            #expect(sanitize(text) == expected)
        }
    }
}

@Suite struct StyleTests {
    @Test(arguments: [
        (true, ["TERM": "xterm"], true), (true, ["TERM": "xterm", "NO_COLOR": "1"], false),
        (true, ["TERM": "xterm", "NO_COLOR": ""], true), (true, ["TERM": "dumb"], false), (true, [:], false),
        (false, ["TERM": "xterm"], false),
    ])
    func colour(onTerminal: Bool, environment: [String: String], expected: Bool) throws {
        let pair = try PseudoTerminal()
        let file = try OutputPipe()
        let terminal = Terminal(descriptor: onTerminal ? pair.device : file.writeEnd, environment: environment)
        #expect(terminal.usesColour == expected)
        #expect(Style(for: terminal).isOn == expected)
        #expect((terminal.columns == nil) == !terminal.isTerminal)
    }

    @Test func offChangesNothing() {
        let style = Style(isOn: false)
        #expect(
            [style.red("a"), style.green("b"), style.yellow("c"), style.bold("d"), style.dim("e")].joined() == "abcde")
    }

    @Test func nestsAndComesOff() {
        let style = Style(isOn: true)
        let text = style.bold("total " + style.red("5"))
        #expect(text == "\u{1B}[1mtotal \u{1B}[31m5\u{1B}[39m\u{1B}[22m")
        #expect(withoutStyle(text) == "total 5")
        #expect(withoutStyle("broken \u{1B}[31") == "broken \u{1B}[31")
    }
}

@Suite struct DurationTests {
    @Test(arguments: [(299, "4:59"), (7, "0:07"), (0, "0:00"), (-5, "0:00"), (3723, "1:02:03"), (600, "10:00")])
    func countdowns(seconds: Int, expected: String) { #expect(countdown(seconds: seconds) == expected) }

    @Test(arguments: [
        (1, "0:01"), (1_000_000, "0:01"), (1_000_001, "0:02"), (0, "0:00"), (-1, "0:00"),
        (Int64.min, "0:00"), (Int64.max, "2562047788:00:55"),
    ])
    func zeroOnlyWhenTimeIsUp(microseconds: Int64, expected: String) {
        #expect(countdown(microseconds: microseconds) == expected)
    }

    @Test(
        arguments: [
            (nil, nil, "unknown"), (180, 300, "about 3–5 min"), (170, 290, "about 2–5 min"), (240, 240, "about 4 min"),
            (10, 59, "less than a minute"), (30, 90, "up to 2 min"), (0, .max, "up to 153722867280912931 min"),
            (7200, 9000, "about 2–3 h"), (300, 180, "about 3–5 min"),
            (nil, 120, "about 2 min"), (-5, 30, "less than a minute"), (3600, 10800, "about 60–180 min"),
        ] as [(Int?, Int?, String)])
    func waits(secondsMin: Int?, secondsMax: Int?, expected: String) {
        #expect(waitEstimate(secondsMin: secondsMin, secondsMax: secondsMax) == expected)
    }
}

@Suite struct ProgressBarTests {
    @Test(
        arguments: [
            (0, "░░░░"), (1, "████"), (0.5, "██░░"), (0.6, "██▍░"), (0.999, "███▉"), (-1, "░░░░"), (7, "████"),
            (.nan, "░░░░"), (.infinity, "░░░░"),
        ] as [(Double, String)])
    func itIsAsWideAsItShould(share: Double, bar: String) { #expect(progressBar(share: share, columns: 4) == bar) }

    @Test func ofAnyWidth() {
        #expect(progressBar(share: 0.5, columns: 0) == "" && progressBar(share: 0.5, columns: -3) == "")
    }
}
