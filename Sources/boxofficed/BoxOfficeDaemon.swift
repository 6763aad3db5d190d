import ArgumentParser
import Foundation

/// The server's executable: flags → configuration → run.
@main
struct BoxOfficeDaemon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "boxofficed",
        abstract: "A concert box office: seats, queues and points, served over TCP.",
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, OperatorCommand.self, AuditCommand.self, BackupCommand.self, RestoreCommand.self,
            AcceptCommand.self, CertificateCommand.self,
        ])

    /// Exit statuses: 0 done, 1 refused or failed, 2 wrong usage.
    static func main() async {
        Allocator.prepare()
        do {
            var command = try parseAsRoot()
            if command is Self {
                complain(helpMessage())
                Foundation.exit(2)
            } else if var command = command as? AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as Failed {
            complain(failure.message)
            Foundation.exit(1)
        } catch {
            // Help and the version are errors too, with a status of 0.
            let text = fullMessage(for: error)
            guard exitCode(for: error) != .success else {
                print(text)
                Foundation.exit(0)
            }
            complain(text)
            Foundation.exit(2)
        }
    }

    static func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}

/// Something could not be done, in words for whoever asked.
struct Failed: Error {
    var message: String
}

/// Where the box office keeps its files.
struct DataOption: ParsableArguments {
    @Option(name: .customLong("data"), help: "The data directory.")
    var directory: String
}
