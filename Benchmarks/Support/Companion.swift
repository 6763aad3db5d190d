import Foundation

/// A program beside this one, run by a shell that ends it when its own input ends: when we say so, and also when this
/// process ends in any other way.
final class Companion {
    private let shell = Process()
    private let life = Pipe()

    /// - Parameters:
    ///   - script: Starts the program with `"$@"`, reads its input to the end, and ends the program.
    ///   - output: Where its output goes; else where ours does.
    init(_ script: String, _ arguments: [String], in directory: String? = nil, output: Pipe? = nil) throws {
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", script, "companion"] + arguments
        if let directory { shell.currentDirectoryURL = URL(fileURLWithPath: directory) }
        shell.standardInput = life
        if let output { shell.standardOutput = output }
        try shell.run()
    }

    deinit { stop() }

    /// Returns when it has ended.
    func stop() {
        try? life.fileHandleForWriting.close()
        shell.waitUntilExit()
    }
}
