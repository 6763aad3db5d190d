import BoxOfficeTransport
import Foundation

/// The real server, in a process of its own, gone with this one however it ends.
final class ServerProcess {
    private let companion: Companion
    private let process: Int32
    /// Where it listens.
    private(set) var address = SocketAddress.loopback(port: 0)

    /// Says the server's number first.
    private static let script = """
        "$@" < /dev/null 2> /dev/null & echo $!; cat > /dev/null; kill $!; wait $!
        """

    /// Starts the executable beside this one.
    init(directory: String, options: [String] = []) throws {
        let here = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let output = Pipe()
        companion = try Companion(
            Self.script,
            [here.appendingPathComponent("boxofficed").path, "serve", "--data", directory]
                + ["--listen", "127.0.0.1:0", "--demo"] + options, output: output)
        var said = ""
        while said.split(separator: "\n").count < 2 || !said.hasSuffix("\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failed("boxofficed did not start") }
            said += String(decoding: more, as: UTF8.self)
        }
        let lines = said.split(separator: "\n")
        guard let number = lines.first.flatMap({ Int32($0) }) else { throw Failed(said) }
        process = number
        let words = lines[1].split(whereSeparator: \.isWhitespace)
        guard let text = words.last, let address = try? SocketAddress(String(text)) else { throw Failed(said) }
        self.address = address
    }

    /// What it has to itself in memory, without files: bytes.
    func anonymousBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process)/smaps_rollup", encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix("Anonymous:") {
            let words = line.split(separator: " ")
            if words.count >= 2, let kilobytes = Int(words[1]) { return kilobytes * 1024 }
        }
        throw Failed("the memory of boxofficed cannot be read")
    }

    func stop() { companion.stop() }
}
