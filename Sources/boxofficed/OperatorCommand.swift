import ArgumentParser
import BoxOfficeClient
import BoxOfficeServer
import BoxOfficeTerminal
import Foundation
import Logging

struct OperatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator",
        abstract: "Make a member an operator, and the member when new.",
        discussion: """
            Works with a running server, through the socket in its data directory, and without one. A new member's \
            password is taken from BOXOFFICE_PASSWORD or asked for; without a terminal one is made up and printed.
            """)

    @Argument(help: "The login name.")
    var name: String
    @OptionGroup var data: DataOption

    func run() async throws {
        do {
            try await make(at: ServerConfiguration(dataDirectory: data.directory))
        } catch let error as BoxOfficeError {
            throw Failed(message: "boxofficed: \(error.message) (\(error.name))")
        }
    }

    /// Whoever may write the data directory may do this: the running server's socket stands there; and when no server
    /// runs, one that listens nowhere else does it.
    private func make(at configuration: ServerConfiguration) async throws {
        do {
            return try await make(through: configuration.localSocketPath)
        } catch let error as BoxOfficeError where error.name == "connectFailed" {
            // No server runs, or one was killed and left its socket behind.
        }
        // A mistyped directory would become a box office of its own without anybody noticing.
        if !FileManager.default.fileExists(atPath: data.directory) {
            BoxOfficeDaemon.complain("boxofficed: a new box office begins in \(data.directory)")
        }
        var alone = configuration
        alone.listen = []
        alone.logger = StandardErrorLog.logger(level: .warning)
        let server = Server(configuration: alone)
        do {
            _ = try server.start()
        } catch {
            throw Failed(message: "boxofficed: \(error)")
        }
        do {
            try await make(through: alone.localSocketPath)
        } catch {
            await server.shutDown()
            throw error
        }
        await server.shutDown()
    }

    private func make(through socketPath: String) async throws {
        var configuration = ClientConfiguration(address: .unix(path: socketPath), clientName: "boxofficed")
        configuration.retriesFirstConnection = false
        try await withBoxOffice(configuration) { office in
            do {
                report(
                    try await office.makeOperator(
                        name, password: ProcessInfo.processInfo.environment["BOXOFFICE_PASSWORD"]))
            } catch let error as BoxOfficeError where error.code == .unknownMember {
                let (password, isMadeUp) = try newPassword()
                report(try await office.makeOperator(name, password: password))
                if isMadeUp { print("password: \(password)") }
            }
        }
    }

    private func report(_ account: Account) { print("\(account.name) is an operator (member \(account.member))") }

    private func newPassword() throws -> (password: String, isMadeUp: Bool) {
        if let typed = readPassword("Password for \(name): ") {
            guard readPassword("Once more: ") == typed else {
                throw Failed(message: "boxofficed: the passwords differ")
            }
            return (typed, false)
        }
        return (OperationKey.random().rawValue.description, true)
    }
}
