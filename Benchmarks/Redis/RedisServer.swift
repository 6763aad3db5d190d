import Foundation

/// A Redis of our own: on a free port of this machine, keeping nothing on disk, gone with this process.
final class RedisServer {
    /// Where it listens, on 127.0.0.1.
    let port: UInt16
    /// Its process, for what is measured from outside.
    let process: Int32

    private let shell = Process()
    private let life = Pipe()
    private let directory: TemporaryDirectory

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// The shell ends the server when its input ends: when we say so, and also when this process ends in any other way.
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
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.currentDirectoryURL = URL(fileURLWithPath: directory.path)
        shell.standardInput = life
        shell.arguments =
            ["-c", Self.script, "redis", "--bind", "127.0.0.1", "--port", "\(port)"]
            + ["--save", "", "--appendonly", "no", "--logfile", "log"] + options
        try shell.run()
        process = try Self.processAnswering(on: port, in: directory)
    }

    deinit {
        try? life.fileHandleForWriting.close()
        shell.waitUntilExit()
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
