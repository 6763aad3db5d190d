import ArgumentParser
import BoxOfficeClient

/// A command: parse, call, show. What is the same for all of them is in `CommandContext`.
protocol OfficeCommand: ParsableCommand {
    /// The options that every command takes.
    var global: GlobalOptions { get }
    /// The change with a password that this command makes itself, even when an earlier call has left it open.
    var changeWithPassword: Opcode? { get }
    /// What it does.
    @MainActor func run(in context: CommandContext) async throws
}

extension OfficeCommand {
    var changeWithPassword: Opcode? { nil }
}

/// What a command runs in.
@MainActor
final class CommandContext {
    let desk: Desk
    let console: Console
    /// The command as it was typed, without global options.
    let command: String
    private let changeWithPassword: Opcode?
    /// Whether this is a command of an interactive session, whose connection outlives it.
    let isInSession: Bool

    init(_ desk: Desk, _ console: Console, command: String, changeWithPassword: Opcode?, isInSession: Bool = false) {
        self.desk = desk
        self.console = console
        self.command = command
        self.changeWithPassword = changeWithPassword
        self.isInSession = isInSession
    }

    private var hasSettled = false

    /// The box office, with everything that earlier calls left open settled as far as it can be.
    func office(for audience: Audience = .member) async throws -> BoxOffice {
        let office = try await desk.open(for: audience, console)
        if !hasSettled {
            hasSettled = true
            try await desk.settle(leaving: changeWithPassword, console)
        }
        return office
    }

    /// Makes a change once.
    func change<R: RequestMessage>(_ make: (OperationKey) -> R) async throws -> R.Response {
        _ = try await office()
        return try await desk.change(command: command, make)
    }

    /// Makes a change once and shows the answer.
    func show<R: RequestMessage>(_ make: (OperationKey) -> R) async throws where R.Response: Shown {
        try console.show(await change(make))
    }
}
