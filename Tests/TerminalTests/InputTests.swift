import Foundation
import Testing

@testable import BoxOfficeTerminal

@Suite(.timeLimit(.minutes(2))) struct InputTests {
    private func scalars(_ bytes: [UInt8]) throws -> String {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { close(ends[0]) }
        #expect(write(ends[1], bytes, bytes.count) == bytes.count)
        close(ends[1])
        var input = KeyInput(descriptor: ends[0])
        var text = String.UnicodeScalarView()
        while case .scalar(let scalar) = input.nextCharacter() { text.append(scalar) }
        return String(text)
    }

    @Test(
        arguments: [
            [0x61, 0xEA, 0xB2, 0xA8, 0xF0, 0x9F, 0x8E, 0xB8, 0xC3, 0xA9], [0xFF, 0x61], [0xEA, 0xB2], [0xEA, 0x61],
            [0xC0, 0x80], [0xED, 0xA0, 0x80], [0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF0, 0x9F, 0x61, 0xC3],
        ] as [[UInt8]])
    func anyBytesAreCharacters(bytes: [UInt8]) throws {
        let text = try scalars(bytes)
        if let valid = String(validating: bytes, as: UTF8.self) { #expect(text == valid) }
        // Whatever is broken, the ASCII around it arrives.
        #expect(text.filter { $0 == "a" } == String(repeating: "a", count: bytes.filter { $0 == 0x61 }.count))
        #expect(!text.isEmpty)
    }

    @Test(arguments: [
        ("hold 1", ["hold"], "1"), ("hold ", ["hold"], ""), ("", [], ""), ("ho", [], "ho"),
        ("a  b  겨", ["a", "b"], "겨"),
    ])
    func wordsBeforeTheCursor(text: String, words: [String], partial: String) {
        let context = CompletionContext(beforeCursor: text)
        #expect(context.words == words)
        #expect(context.partial == partial)
    }

    @Test(
        arguments: [
            ("ho", ["hold", "help"], .insert("ld ")), ("h", ["hold", "help"], .list(["help", "hold"])),
            ("re", ["reserve", "reset"], .insert("se")), ("x", ["hold"], .none), ("", [], .none),
            ("겨", ["겨울", "겨울", "여름"], .insert("울 ")), ("hold", ["hold"], .insert(" ")),
        ] as [(String, [String], Completion)])
    func completions(partial: String, candidates: [String], expected: Completion) {
        #expect(Completion.of(partial, among: candidates) == expected)
    }

    @Test func secretsAreNotShown() async throws {
        for (keys, expected) in [
            ("secret\n", "secret"), ("sécrét\u{7F}\u{7F}\r", "sécr"), ("wrong\u{15}right\n", "right"), ("\n", ""),
            ("\u{04}", nil), ("a\u{04}b\n", "ab"), ("\u{7F}x\n", "x"), ("겨울\u{08}\n", "겨"),
        ] as [(String, String?)] {
            let pair = try PseudoTerminal()
            let (before, device) = (pair.modes, pair.device)
            async let answer = withCheckedContinuation { continuation in
                Thread.detachNewThread { continuation.resume(returning: readPassword("Password: ", from: device)) }
            }
            #expect(await pair.shows("Password:"))
            pair.type(keys)
            #expect(await answer == expected)
            pair.read()
            #expect(pair.lines == ["Password:"])
            #expect(pair.modes == before)
        }
    }

    @Test func questions() async throws {
        for (keys, expected) in [
            ("y\n", true), ("NO\n", false), ("\n", false), ("what\nYes\n", true), ("\u{04}", nil),
        ] as [(String, Bool?)] {
            let pair = try PseudoTerminal()
            let device = pair.device
            async let answer = withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    continuation.resume(returning: confirm("Refund?", defaultAnswer: false, at: device))
                }
            }
            #expect(await pair.shows("Refund? [y/N]"))
            pair.type(keys)
            #expect(await answer == expected)
        }
    }
}
