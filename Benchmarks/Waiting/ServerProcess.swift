import BoxOfficeTransport
import Foundation

/// The real server, in a process of its own.
final class ServerProcess {
    private let process = Process()
    /// Where it listens.
    private(set) var address = SocketAddress.loopback(port: 0)

    /// Starts the executable beside this one.
    init(directory: String, options: [String] = []) throws {
        let here = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        process.executableURL = here.appendingPathComponent("boxofficed")
        process.arguments = ["serve", "--data", directory, "--listen", "127.0.0.1:0", "--demo"] + options
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = ""
        while !line.hasSuffix("\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failed("boxofficed did not start") }
            line += String(decoding: more, as: UTF8.self)
        }
        let words = line.split(whereSeparator: \.isWhitespace)
        guard let text = words.last, let address = try? SocketAddress(String(text)) else { throw Failed(line) }
        self.address = address
    }

    /// What it has to itself in memory, without files: bytes.
    func anonymousBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/smaps_rollup", encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix("Anonymous:") {
            let words = line.split(separator: " ")
            if words.count >= 2, let kilobytes = Int(words[1]) { return kilobytes * 1024 }
        }
        throw Failed("the memory of boxofficed cannot be read")
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
