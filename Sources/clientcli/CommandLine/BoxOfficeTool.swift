// From a command line to an exit status:
//
//     words ──parse──▶ command ──connect, settle──▶ call ──show──▶ 0
//               │                     │               │
//               2 usage               3 no connection 1 refused, 3 no answer

import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal
import Foundation

/// The command line client.
public enum BoxOfficeTool {
    /// The name of the executable.
    public static let name = "boxoffice"
    /// The version of the client.
    public static let version = "0.1.0"

    /// Runs a command.
    /// - Parameter arguments: the words after the program's name.
    /// - Returns: the exit status.
    @MainActor
    public static func run(_ arguments: [String]) async -> Int32 {
        // A reader that goes away is an error of write(2) here, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        // Started with a closed output, the first socket would get its number, and the server what is printed. Writing
        // to this fails, as it would have: a program must not take the silence for an empty list.
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDONLY)
        }
        return await run(arguments, environment: ProcessInfo.processInfo.environment).rawValue
    }

    @MainActor
    static func run(
        _ arguments: [String], environment: [String: String], output: Terminal = .standardOutput,
        errors: Terminal = .standardError
    ) async -> CommandStatus {
        let ordered = inParserOrder(arguments)
        let isJSON = ordered.prefix { $0 != "--" }.contains("--json")
        let console = Console(isJSON: isJSON, output: output, errors: errors)
        switch parse(ordered) {
        case .text(let text):
            guard let failure = shown(text, on: console) else { return .done }
            console.failed(failure)
            return failure.status
        case .failure(let failure, let text):
            if isJSON { console.failed(failure) } else { errors.write(text) }
            return failure.status
        case .command(let command):
            return await run(command, words: commandWords(arguments), environment: environment, console)
        }
    }

    @MainActor
    private static func run(
        _ command: any OfficeCommand, words: [String], environment: [String: String], _ console: Console
    ) async -> CommandStatus {
        let desk: Desk
        do {
            desk = Desk(try Settings(command.global, environment: environment))
        } catch {
            console.failed(error)
            return error.status
        }
        let context = CommandContext(
            desk, console, command: quoted(words), changeWithPassword: command.changeWithPassword)
        let task = Task { @MainActor in await outcome(of: command, in: context) }
        desk.willConnect = { [interrupts = desk.interrupts] in interrupts.install { _ in task.cancel() } }
        let failure = await task.value
        await desk.close()
        guard let failure else { return .done }
        // A command that was interrupted with nothing to tell ends as if it knew no signals.
        if failure.code == RefusalCode.cancelled.name, !failure.isPending, let signal = desk.interrupts.signal {
            desk.interrupts.die(of: signal)
        }
        if !failure.isShown { console.failed(failure) }
        return failure.status
    }

    /// Runs a command to its end; nil when it went well.
    @MainActor
    static func outcome(of command: any OfficeCommand, in context: CommandContext) async -> Failure? {
        do {
            try await command.run(in: context)
            try context.console.flush()
            return nil
        } catch let lost as OutputLost {
            return lost.isReaderGone ? nil : Failure(any: lost)
        } catch {
            // What was shown before it went wrong is still true.
            try? context.console.flush()
            return Failure(any: error)
        }
    }

    /// Shows a text that was asked for; nil when it went well.
    @MainActor
    private static func shown(_ text: String, on console: Console) -> Failure? {
        do {
            try console.text(text)
            try console.flush()
            return nil
        } catch {
            return error.isReaderGone ? nil : Failure(any: error)
        }
    }

    // MARK: Parsing

    enum Parsed {
        case command(any OfficeCommand)
        /// Help, or the version.
        case text(String)
        case failure(Failure, text: String)
    }

    /// - Parameter arguments: in the parser's order.
    static func parse(_ arguments: [String]) -> Parsed {
        do {
            var command = try Root.parseAsRoot(arguments)
            if let command = command as? any OfficeCommand { return .command(command) }
            if let family = command as? any CommandFamily {
                let help = Root.helpMessage(for: type(of: family))
                return .failure(.usage("A command is missing."), text: help + "\n")
            }
            try command.run()  // the parser's own: help
            return .text("")
        } catch {
            let message = Root.fullMessage(for: error)
            guard !Root.exitCode(for: error).isSuccess else { return .text(message + "\n") }
            return .failure(.usage(Root.message(for: error)), text: message + "\n")
        }
    }

    /// The command as it was meant, for the profile: without options that only say where and how.
    static func commandWords(_ arguments: [String]) -> [String] {
        var words: [String] = []
        var rest = inParserOrder(arguments)[...]
        while let word = rest.popFirst() {
            if GlobalOptions.namesWithValue.contains(word) { rest = rest.dropFirst() }
            let names = GlobalOptions.flagNames + GlobalOptions.namesWithValue
            let isGlobal = names.contains { word == $0 || word.hasPrefix($0 + "=") }
            if !isGlobal { words.append(word) }
        }
        return words
    }
}

extension Failure {
    /// Whatever a command may end with.
    init(any error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as BoxOfficeError: self.init(error)
        case is DecodeFailure:
            self.init("protocolError", "The box office's answer cannot be read.", status: .noConnection)
        case let error as OutputLost:
            self.init("outputFailed", "The answer cannot be written: \(String(cString: strerror(error.reason))).")
            outcome = .executed
        case let error as SystemFailure: self.init("badProfile", error.description)
        case is CancellationError: self.init(refusing: .cancelled, "Cancelled.")
        default: self.init("error", "\(error)")
        }
    }
}
