// What becomes of a command whose standard output takes no more.

import BoxOfficeClient
import BoxOfficeTerminal
import Foundation
import Testing

@testable import BoxOfficeCommandLine

/// A console that writes into a pipe.
@MainActor
private struct PipedConsole {
    let console: Console
    let reader: FileHandle
    private let writer: FileHandle

    init() {
        signal(SIGPIPE, SIG_IGN)
        let pipe = Pipe()
        (reader, writer) = (pipe.fileHandleForReading, pipe.fileHandleForWriting)
        console = Console(
            isJSON: true,
            output: Terminal(descriptor: writer.fileDescriptor, isTerminal: false, usesColour: false))
    }
}

@MainActor
@Suite struct OutputTests {
    @Test func aReaderThatWentIsToldByAWrite() throws {
        let piped = PipedConsole()
        try piped.console.lines(["one"])
        try piped.console.flush()
        try piped.reader.close()
        try piped.console.lines(["two"])
        #expect { try piped.console.flush() } throws: { ($0 as? OutputLost)?.isReaderGone == true }
    }

    @Test func waitingEndsWhenTheReaderGoes() async throws {
        let piped = PipedConsole()
        try piped.reader.close()
        await #expect(throws: OutputLost.self) {
            try await piped.console.whileRead { try await Task.sleep(for: .seconds(600)) }
        }
    }

    @Test func waitingGoesOnWhileSomebodyReads() async throws {
        let piped = PipedConsole()
        let answer = try await piped.console.whileRead {
            try await Task.sleep(for: .seconds(2))
            return 7
        }
        #expect(answer == 7)
        withExtendedLifetime(piped.reader) {}
    }

    @Test func waitingEndsWithWhatItEndedWith() async throws {
        let piped = PipedConsole()
        await #expect(throws: Failure.self) {
            try await piped.console.whileRead { throw Failure.usage("no") }
        }
        withExtendedLifetime(piped.reader) {}
    }

    @Test(arguments: [
        ("/dev/full", O_WRONLY, "No space left on device"), ("/dev/null", O_RDONLY, "Bad file descriptor"),
    ])
    func whatIsNotWrittenIsAFailure(path: String, flags: Int32, reason: String) async throws {
        let descriptor = open(path, flags)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let errors = Pipe()
        let status = await BoxOfficeTool.run(
            ["--json", "--version"], environment: [:],
            output: Terminal(descriptor: descriptor, isTerminal: false, usesColour: false),
            errors: Terminal(
                descriptor: errors.fileHandleForWriting.fileDescriptor, isTerminal: false, usesColour: false))
        #expect(status == .refused)
        let said = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
        #expect(said.contains(#""code":"outputFailed""#))
        #expect(said.contains(reason))
    }

    @Test func pricesAreNotCut() {
        let prices = ["Front", "Standard", "Balcony"].map {
            CategoryPrice(category: $0, price: 9000, seats: 60, available: 55)
        }
        let date = Performance(
            performance: 4, concert: 3, plan: 1, hall: "Lantern Club", hallDigest: .random(),
            startsAt: Instant(seconds: 100), timeZone: "Asia/Seoul", saleOpensAt: .distantPast,
            saleClosesAt: Instant(seconds: 90), available: 165, categories: prices)
        func rows(_ columns: Int?) -> [String] {
            Performance.rows([date], now: Instant(seconds: 0), Look(style: Style(isOn: false), columns: columns))
        }
        #expect(rows(nil).count == 2)
        #expect(rows(200) == rows(nil))
        #expect(
            Array(rows(80).dropFirst(2)) == [
                "      Front     9 000  55 free", "      Standard  9 000  55 free", "      Balcony   9 000  55 free",
            ])
    }
}
