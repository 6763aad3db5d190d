import ArgumentParser
import BoxOfficeAudit

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Check the invariants in the data file, also beside a running server.",
        discussion: "Reads only, with SQL of its own. Exits with 1 and says what is wrong when something is.")

    @Option(name: .customLong("data"), help: "The data directory.")
    var directory: String?
    @Option(help: "A data file that stands by itself: a backup.")
    var file: String?

    func validate() throws {
        guard (directory == nil) != (file == nil) else { throw ValidationError("Say --data or --file.") }
    }

    func run() throws {
        try Self.report { () throws(AuditFailure) in
            if let file { try Audit.run(file: file) } else { try Audit.run(directory: directory ?? "") }
        }
    }

    /// Prints what an audit found.
    static func report(_ audit: () throws(AuditFailure) -> AuditReport) throws {
        let report: AuditReport
        do {
            report = try audit()
        } catch {
            throw Failed(message: "boxofficed: \(error)")
        }
        for figure in report.figures { print("\(figure.name): \(figure.value)") }
        for finding in report.findings { print(finding) }
        if report.findings.isEmpty { print("sound: every invariant holds") }
        if !report.isSound { throw Failed(message: "boxofficed: the audit found something wrong") }
    }
}
