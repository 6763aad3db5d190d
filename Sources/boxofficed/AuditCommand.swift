import ArgumentParser
import BoxOfficeAudit

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Check the invariants in the data file, also beside a running server.",
        discussion: "Reads only, with SQL of its own. Exits with 1 and says what is wrong when something is.")

    @OptionGroup var data: DataOption

    func run() throws {
        try Self.report { () throws(AuditFailure) in try Audit.run(directory: data.directory) }
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
