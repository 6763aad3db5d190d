import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal

/// `shell`
struct ShellCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell", abstract: "An interactive session on one connection.",
        discussion: """
            The same commands; “boxoffice” before them may be left out. Notices and places appear above the line being typed. \
            “exit” or Ctrl-D ends it.
            """)
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        guard !context.isInSession else { throw Failure.usage("This is a shell already.") }
        let office = try await context.office(for: .guest)
        let shell = Shell(context.desk, context.console, office)
        try await shell.run()
    }
}
