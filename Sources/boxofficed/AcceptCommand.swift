import ArgumentParser
import BoxOfficeAudit
import BoxOfficeStore

struct AcceptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Go on with a data file that is not the newest, or was edited by hand.",
        discussion: """
            A server does not start on a file that lacks commits which were answered, nor on one whose rows do not fit \
            their checksums. When there is no better file, this says that it may, and says what is lost. No server may \
            run meanwhile.
            """)

    @OptionGroup var data: DataOption
    @Flag(help: "Rows were edited by hand: take them as they stand, whatever their checksums.")
    var edited = false

    func run() throws {
        do {
            let accepted = try Store.accept(directory: data.directory, edited: edited)
            print("accepted: \(accepted)")
        } catch {
            throw Failed(message: "boxofficed: \(data.directory): \(error)")
        }
        try AuditCommand.report { () throws(AuditFailure) in try Audit.run(directory: data.directory) }
    }
}
