import BoxOfficeClient
import Foundation

/// A real `boxofficed` on a free port, with its own data.
final class ServerProcess: @unchecked Sendable {
    // Changed by start and the kills only, which tests call one after the other.
    private(set) var running: RunningProcess
    private(set) var port: UInt16
    let folder = TemporaryFolder()
    let flags: [String]
    var data: String { folder.path + "/data" }
    var address: String { "127.0.0.1:\(port)" }

    struct DidNotStart: Error { var log: String }

    convenience init(_ flags: String..., wrapper: [String] = []) throws {
        try self.init(flags: flags, wrapper: wrapper)
    }

    /// - Parameter wrapper: A command that runs the server's, such as `strace`, and becomes it.
    init(flags: [String], wrapper: [String] = []) throws {
        self.flags = flags
        (running, port) = try Self.start(data: folder.path + "/data", port: 0, flags: flags, wrapper: wrapper)
    }

    deinit { running.signal(SIGKILL) }

    private static func start(
        data: String, port: UInt16, flags: [String], wrapper: [String] = []
    ) throws -> (RunningProcess, UInt16) {
        let server = Products.directory.appending(path: "boxofficed").path()
        let command = wrapper + [server, "serve", "--data", data, "--listen", "127.0.0.1:\(port)"] + flags
        let running = try RunningProcess(URL(filePath: "/usr/bin/env"), command)
        let line = running.waitForOutput { output in
            output.split(separator: "\n").first { $0.hasPrefix("listening on ") && output.contains("\n") }.map(
                String.init)
        }
        guard let line, let port = UInt16(line.split(separator: ":").last ?? "") else {
            running.signal(SIGKILL)
            throw DidNotStart(log: running.errors)
        }
        return (running, port)
    }

    /// Ends without a word, as a power cut would.
    func killNow() {
        running.signal(SIGKILL)
        _ = running.finish()
    }

    /// Starts again on the same data and port.
    ///
    /// - Parameter flags: other ones than before.
    func startAgain(flags: [String]? = nil, wrapper: [String] = []) throws {
        (running, port) = try Self.start(
            data: data, port: port, flags: flags ?? self.flags, wrapper: wrapper)
    }

    /// Ends as an operator would end it.
    func stop() -> Finished {
        running.signal(SIGTERM)
        return running.finish()
    }

    func audit() throws -> Finished {
        try RunningProcess(Products.directory.appending(path: "boxofficed"), ["audit", "--data", data]).finish()
    }

    func makeOperator(_ name: String, password: String = "a long password") throws -> Finished {
        try RunningProcess(
            Products.directory.appending(path: "boxofficed"), ["operator", name, "--data", data],
            environment: ["BOXOFFICE_PASSWORD": password]
        ).finish()
    }

    /// Runs the command line as one member: a profile each, in this server's folder.
    @discardableResult
    func boxoffice(_ profile: String, _ arguments: String...) throws -> Finished {
        try start(profile, arguments).finish()
    }

    func start(_ profile: String, _ arguments: [String]) throws -> RunningProcess {
        try RunningProcess(
            Products.directory.appending(path: "boxoffice"), ["--profile", profile, "--json"] + arguments,
            environment: [
                "BOXOFFICE_SERVER": address, "BOXOFFICE_PASSWORD": "a long password",
                "XDG_CONFIG_HOME": folder.path + "/config", "XDG_CACHE_HOME": folder.path + "/cache",
            ])
    }
}
