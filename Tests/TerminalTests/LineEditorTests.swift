import Foundation
import Testing

@testable import BoxOfficeTerminal

/// libedit looks up its terminal by name. Set once, before the first editor.
private let terminalIsNamed: Void = { _ = setenv("TERM", "xterm", 1) }()

@Suite(.serialized, .timeLimit(.minutes(2))) struct LineEditorTests {
    init() { terminalIsNamed }

    private func editor(
        _ pair: PseudoTerminal, historyPath: String? = nil,
        complete: @escaping @Sendable (CompletionContext) -> [String] = { _ in [] }
    ) -> LineEditor {
        LineEditor(
            prompt: Style(isOn: true).bold("bo>") + " ", historyPath: historyPath, input: pair.device,
            output: pair.terminal, complete: complete)
    }

    @Test func newsAppearAboveTheLineBeingTyped() async throws {
        let pair = try PseudoTerminal(columns: 20)
        let editor = editor(pair)
        #expect(editor.isInteractive)
        async let line = editor.readLine()
        #expect(await pair.shows("bo>"))
        pair.type("hold 겨울")
        #expect(await pair.shows("bo> hold 겨울"))
        editor.printAbove("A-12 sold")
        #expect(await pair.shows("A-12 sold", "bo> hold 겨울"))
        pair.type(" 콘서트 A-12")  // the line now takes two rows
        #expect(await pair.shows("A-12 sold", "bo> hold 겨울 콘서트", " A-12"))
        editor.printAbove("🎸 one\n겨울 two")
        #expect(await pair.shows("A-12 sold", "🎸 one", "겨울 two", "bo> hold 겨울 콘서트", " A-12"))
        pair.type("\u{01}un")  // Ctrl-A: the cursor is in the first row, the line's end in the second
        editor.printAbove("three")
        #expect(await pair.shows("A-12 sold", "🎸 one", "겨울 two", "three", "bo> unhold 겨울 콘서", "트 A-12"))
        pair.type("\r")
        #expect(await line == "unhold 겨울 콘서트 A-12")
        #expect(pair.unknownSequences == [])
    }

    @Test func newsWhileNothingIsTypedAreSimplyPrinted() async throws {
        let pair = try PseudoTerminal()
        let editor = editor(pair)
        editor.printAbove("before")
        #expect(await pair.shows("before"))
        pair.type("x\r")
        #expect(await editor.readLine() == "x")
        editor.printAbove("after")
        // Keys typed before the prompt are echoed by the device first.
        #expect(await pair.shows { $0.last == "after" && $0.contains("bo> x") })
    }

    @Test func aFloodOfNewsLosesNoKey() async throws {
        let pair = try PseudoTerminal()
        let editor = editor(pair)
        async let line = editor.readLine()
        #expect(await pair.shows("bo>"))
        let typed = (0..<50).map { "k\($0)" }.joined()
        for (index, key) in typed.enumerated() {
            editor.printAbove("news \(index)")
            pair.type(String(key))
            pair.read()
        }
        #expect(await pair.shows { $0.suffix(5).joined().hasSuffix(typed) && $0.contains("news \(typed.count - 1)") })
        #expect(pair.lines.filter { $0.hasPrefix("news") } == typed.indices.enumerated().map { "news \($0.offset)" })
        pair.type("\r")
        #expect(await line == typed)
    }

    @Test func keys() async throws {
        let pair = try PseudoTerminal()
        let editor = editor(pair)
        let before = pair.modes
        for (index, (keys, expected)) in [
            ("abc\u{7F}\u{7F}d\r", "ad"), ("겨울\u{7F}🎸é\r", "겨🎸é"), ("ab\u{1B}[D\u{1B}[Dx\r", "xab"),
            ("gone\u{03}kept\r", "kept"), ("\r", ""), ("one two\u{17}\r", "one "), ("\u{1B}[A\u{1B}[A\r", "kept"),
        ].enumerated() {
            async let line = editor.readLine()
            #expect(await pair.shows { $0.last == "bo>" && $0.count == index + 1 })
            pair.type(keys)
            #expect(await line == expected, "\(keys.debugDescription)")
            pair.read()
        }
        #expect(pair.modes == before)
        async let end = editor.readLine()
        #expect(await pair.shows { $0.last == "bo>" })
        pair.type("\u{04}")
        #expect(await end == nil)
        #expect(pair.modes == before)
    }

    @Test func completion() async throws {
        let pair = try PseudoTerminal()
        let editor = editor(pair) { context in
            context.words.isEmpty ? ["hold", "help", "release", "reservations"] : ["겨울", "겨자"]
        }
        async let line = editor.readLine()
        #expect(await pair.shows("bo>"))
        pair.type("re\t")
        #expect(await pair.shows("release       reservations", "bo> re"))
        pair.type("l\t")
        #expect(await pair.shows("release       reservations", "bo> release"))
        pair.type("겨울\t\r")
        #expect(await line == "release 겨울 ")
    }

    @Test func closingAndCancellingEndARead() async throws {
        let pair = try PseudoTerminal()
        let editor = editor(pair)
        let before = pair.modes
        let reading = Task { await editor.readLine() }
        #expect(await pair.shows("bo>"))
        pair.type("half")
        #expect(await pair.shows("bo> half"))
        reading.cancel()
        #expect(await reading.value == nil)
        #expect(pair.modes == before)

        let again = Task { await editor.readLine() }
        #expect(await pair.shows("bo> half", "bo>"))
        editor.close()
        editor.close()
        #expect(await again.value == nil)
        #expect(await editor.readLine() == nil)
        #expect(pair.modes == before)
    }

    @Test func historyIsKeptInAPrivateFile() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("history-\(UUID())").path
        defer { unlink(path) }
        for keys in [["hold 겨울\r", " secret\r", "  \r", "pay\r", "pay\r"], ["\u{1B}[A\u{1B}[A\r"]] {
            let pair = try PseudoTerminal()
            let editor = editor(pair, historyPath: path)
            for (index, line) in keys.enumerated() {
                async let read = editor.readLine()
                #expect(await pair.shows { $0.last == "bo>" && $0.count == index + 1 })
                pair.type(line)
                _ = await read
                pair.read()
            }
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "hold 겨울\npay\nhold 겨울\n")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func aPipeIsReadPlainly() async throws {
        let (input, output) = (try OutputPipe(), try OutputPipe())
        let terminal = Terminal(descriptor: output.writeEnd, environment: ["TERM": "xterm"])
        let editor = LineEditor(prompt: "bo> ", input: input.readEnd, output: terminal)
        #expect(!editor.isInteractive)
        let bytes = Array("one\ntwo 겨울\r\n\nlast\n".utf8)
        #expect(write(input.writeEnd, bytes, bytes.count) == bytes.count)
        var read: [String] = []
        for await line in editor.lines {
            read.append(line)
            editor.printAbove("> " + line)
            if line == "last" { break }
        }
        #expect(read == ["one", "two 겨울", "", "last"])
        #expect(output.written() == "> one\n> two 겨울\n> \n> last\n")
    }
}
