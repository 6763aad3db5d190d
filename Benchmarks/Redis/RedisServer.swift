import Foundation

/// A Redis of our own: on a free port of this machine, keeping nothing on disk, gone with this process.
final class RedisServer {
    /// Where it listens, on 127.0.0.1.
    let port: UInt16
    /// Its process, for what is measured from outside.
    let process: Int32

    private let companion: Companion
    private let directory: TemporaryDirectory

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// KILL, because a process started by a Dispatch thread is deaf to TERM.
    private static let script = """
        redis-server "$@" & echo $! > pid && mv pid process; cat > /dev/null; kill -KILL $!
        """

    /// Starts it and waits until it answers.
    ///
    /// - Parameter options: further settings, as on its command line: `["--maxclients", "20000"]`.
    init(options: [String] = []) throws {
        directory = try TemporaryDirectory()
        port = try LoopbackSocket().bindToFreePort()
        companion = try Companion(
            Self.script,
            ["--bind", "127.0.0.1", "--port", "\(port)"]
                + ["--save", "", "--appendonly", "no", "--logfile", "log"] + options, in: directory.path)
        process = try Self.processAnswering(on: port, in: directory)
    }

    /// A connection to it.
    func connect() throws -> RedisConnection { try RedisConnection(port: port) }

    private static func processAnswering(on port: UInt16, in directory: TemporaryDirectory) throws -> Int32 {
        for _ in 0..<200 {
            do {
                try RedisConnection(port: port).ask("PING")
                let process = try String(contentsOfFile: directory.path + "/process", encoding: .utf8)
                if let number = Int32(process.dropLast()) { return number }
            } catch {
                // Not yet.
            }
            Thread.sleep(forTimeInterval: 0.025)
        }
        let log = (try? String(contentsOfFile: directory.path + "/log", encoding: .utf8)) ?? "It has written no log."
        throw Failed(description: "redis-server does not answer (Debian: apt-get install redis-server). \(log)")
    }
}

/// A directory that is gone with its object.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "boxoffice-benchmark-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
