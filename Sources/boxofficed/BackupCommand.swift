import ArgumentParser
import BoxOfficeAudit
import BoxOfficeClient
import BoxOfficeServer
import BoxOfficeStore
import Foundation

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the data file into FILE, also while a server sells.",
        discussion: """
            A running server is asked through the socket in its data directory, and makes the copy between its \
            commits; without one the file is read directly. The copy is audited before it gets its name, which must \
            not be taken. It is for its owner's eyes only, as the data file is.
            """)

    @Argument(help: "Where the backup goes. Its directory has to be there.")
    var file: String
    @OptionGroup var data: DataOption

    func run() async throws {
        let path = URL(fileURLWithPath: file).standardizedFileURL.path
        let socket = ServerConfiguration(dataDirectory: data.directory).localSocketPath
        guard FileManager.default.fileExists(atPath: data.directory + "/boxoffice.sqlite") else {
            throw Failed(message: "boxofficed: there is no box office in \(data.directory)")
        }
        do {
            let made = try await ask(through: socket, path)
            print("backed up: commit \(made.commit), \(made.bytes) bytes in \(path)")
        } catch let error as BoxOfficeError where error.name == "connectFailed" {
            // No server runs, or one was killed and left its socket behind.
            try copy(to: path)
        } catch let error as BoxOfficeError {
            throw Failed(message: "boxofficed: \(error.message) (\(error.name))")
        }
    }

    private func ask(through socket: String, _ path: String) async throws -> BackedUp {
        var configuration = ClientConfiguration(address: .unix(path: socket), clientName: "boxofficed")
        configuration.retriesFirstConnection = false
        return try await withBoxOffice(configuration) { office in try await office.backUp(to: path) }
    }

    private func copy(to path: String) throws {
        do {
            let made = try Store.backUp(directory: data.directory, to: path) { try AuditCommand.requireSound($0) }
            print("backed up: commit \(made.commit), \(made.bytes) bytes in \(path)")
        } catch {
            throw Failed(message: "boxofficed: \(error)")
        }
    }
}

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make the backup FILE the data file. No server may run meanwhile.",
        discussion: """
            The backup is audited first, and stays where it is. What the directory held is kept beside under another \
            name. Whatever was answered after the backup was made is not in it.
            """)

    @Argument(help: "The backup.")
    var file: String
    @OptionGroup var data: DataOption
    @Flag(help: "There is a box office in the data directory: keep its file aside and go on with the backup.")
    var replace = false
    @Flag(help: "For a trial: a box office of its own, that no client takes for the one the backup is of.")
    var asNew = false
    @Flag(help: "For a rehearsal (“serve --rehearsal”): as --as-new, and marked so that nobody buys there by mistake.")
    var rehearsal = false

    func run() throws {
        do {
            // Before anything is there that could be served as what it is not.
            try RehearsalMark.check(data.directory, isRehearsal: rehearsal)
            let restored = try Store.restore(file, into: data.directory, replaces: replace, asNew: asNew || rehearsal) {
                try AuditCommand.requireSound($0)
            }
            print("restored: \(restored.commit)")
            if let kept = restored.kept { print("kept: \(kept)") }
        } catch {
            let hint = replace ? "" : " (--replace keeps it aside)"
            throw Failed(message: "boxofficed: \(error)\("\(error)".contains("there is a box office in") ? hint : "")")
        }
    }
}

extension AuditCommand {
    /// Throws what an audit finds wrong with a data file that stands by itself.
    static func requireSound(_ path: String) throws {
        let report = try Audit.run(file: path)
        guard report.isSound else {
            let findings = report.findings.filter { !$0.isRemark }.map(\.description)
            throw Failed(message: "the audit found something wrong: " + findings.joined(separator: "; "))
        }
    }
}

extension Failed: CustomStringConvertible {
    var description: String { message }
}
