import Foundation
import Synchronization

/// The built products: beside the test bundle, wherever the build put it.
enum Products {
    static let directory = URL(filePath: executable).deletingLastPathComponent()

    private static let executable: String = {
        // The test bundle is a program on Linux; the products stand beside it.
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            preconditionFailure("this process does not know its program")
        }
        return path
    }()

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
}

/// Whether a sanitizer watches (`scripts/test --sanitize`): everything takes ten times as long.
let isSanitized = ProcessInfo.processInfo.environment["BOXOFFICE_SANITIZER"] != nil

/// A temporary folder that is gone with its owner.
final class TemporaryFolder: Sendable {
    let path: String
    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "boxoffice-\(UUID().uuidString.prefix(8))").path()
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// What a finished command said.
struct Finished {
    var status: Int32
    var output: String
    var errors: String

    /// The lines of the output as JSON objects.
    var objects: [[String: Any]] {
        output.split(separator: "\n").compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
    }
    var object: [String: Any] { objects.last ?? [:] }
    /// The code of the refusal on standard error.
    var refusal: String? {
        for line in errors.split(separator: "\n") {
            guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                let error = object["error"] as? [String: Any]
            else { continue }
            return error["code"] as? String
        }
        return nil
    }
}

/// A process under test, its output collected as it comes.
final class RunningProcess: @unchecked Sendable {
    // Foundation's Process is not Sendable; it is started in init, and afterwards only its thread-safe parts are used.
    let process = Process()
    private let collected = Mutex<(output: String, errors: String)>(("", ""))
    private let finished = DispatchGroup()

    init(_ executable: URL, _ arguments: [String], environment: [String: String] = [:]) throws {
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        collect(output) { $0.output += $1 }
        collect(errors) { $0.errors += $1 }
        try process.run()
    }

    /// Reads on a thread of its own until the other end closes: no output is lost when the process ends.
    private func collect(
        _ pipe: Pipe, _ append: @escaping @Sendable (inout (output: String, errors: String), String) -> Void
    ) {
        finished.enter()
        let descriptor = pipe.fileHandleForReading.fileDescriptor
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { break }
                let text = String(decoding: buffer[0..<count], as: UTF8.self)
                collected.withLock { append(&$0, text) }
            }
            _ = pipe
            finished.leave()
        }
    }

    var output: String { collected.withLock { $0.output } }
    var errors: String { collected.withLock { $0.errors } }
    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits for the end, at most so long; then the process is killed.
    func finish(within seconds: Double = 60) -> Finished {
        let end = Date().addingTimeInterval(seconds)
        while process.isRunning, Date() < end { usleep(5_000) }
        if process.isRunning { signal(SIGKILL) }
        process.waitUntilExit()
        _ = finished.wait(timeout: .now() + 5)
        return Finished(status: process.terminationStatus, output: output, errors: errors)
    }

    /// Waits until something was said on standard error; false when it was not.
    func waitForErrors(seconds: Double = 30, _ isFound: (String) -> Bool) -> Bool {
        let end = Date().addingTimeInterval(seconds)
        while Date() < end {
            if isFound(errors) { return true }
            usleep(5_000)
        }
        return false
    }

    /// Waits until the output holds what is looked for; nil when it does not come.
    func waitForOutput(seconds: Double = 30, _ find: (String) -> String?) -> String? {
        let end = Date().addingTimeInterval(seconds)
        while Date() < end {
            if let found = find(output) { return found }
            if !process.isRunning { return find(output) }
            usleep(5_000)
        }
        return nil
    }
}
