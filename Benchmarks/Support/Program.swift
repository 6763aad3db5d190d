import Foundation

/// A program that runs to its end.
enum Program {
    /// - Parameters:
    ///   - words: The program, found as a shell would find it, and its arguments.
    ///   - environment: Beside our own.
    /// - Returns: Its exit status, and what it said on both outputs.
    static func run(_ words: [String], environment: [String: String] = [:]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
