// Checks what a data file says against the numbers that always hold (docs/domain.md, I1 to I7), in SQL of its own.
//
// And checks the checksums, the ledger's chain, the seals and the witness (docs/storage.md), with arithmetic of its own.
//
// It shares no code with the engine that decides or the store that writes: a mistake there must not hide itself here.
// It changes nothing, and reads one moment of the file, so that it may run beside a server.

/// Checks a data file.
public enum Audit {
    /// How long past its deadline a hold may be when a batch is committed: the batch's clock is read before it is written.
    public static let graceSeconds: Int64 = 5
    /// Findings of one check that are told one by one; the rest are counted.
    public static let findingsMax = 20

    /// Checks the data file in a directory, whether a server has it open or not.
    ///
    /// - Throws: `AuditFailure` when there is no such file or it cannot be read at all.
    public static func run(directory: String) throws(AuditFailure) -> AuditReport {
        // Before the file: a server that runs commits first and tells its witness then.
        let witness = WitnessFile(directory: directory)
        return try run(path: DataFile.path(in: directory), witness: witness)
    }

    /// Checks a data file by itself: a backup, which has no witness.
    ///
    /// - Throws: `AuditFailure` when there is no such file or it cannot be read at all.
    public static func run(file path: String) throws(AuditFailure) -> AuditReport { try run(path: path, witness: nil) }

    private static func run(path: String, witness: WitnessFile?) throws(AuditFailure) -> AuditReport {
        let opened = try DataFile.open(path: path)
        defer { opened.finish() }
        let file = opened.file
        try file.execute("BEGIN")
        guard try file.integer("PRAGMA application_id") == 0x424F_5831 else { throw .notABoxOffice(opened.path) }
        let version = try file.integer("PRAGMA user_version")
        guard version == 4 else { throw .otherVersion(version) }
        try file.execute(TemporaryViews.sql)

        var report = AuditReport()
        report.findings += capped(Checksums.problems(in: file), rule: "checksums")
        if let witness { report.findings += capped(witness.problems(with: file), rule: "witness") }
        for check in Check.all { report.findings += findings(of: check, in: file) }
        for figure in Figures.all { report.figures.append((figure.name, (try? file.text(figure.sql)) ?? "unknown")) }
        return report
    }

    private static func capped(_ problems: [String], rule: String) -> [Finding] {
        var findings = problems.prefix(findingsMax).map { Finding(rule, $0, isRemark: false) }
        if problems.count > findingsMax {
            findings.append(
                Finding(rule, "and \(problems.count - findingsMax) more of this kind", isRemark: false))
        }
        return findings
    }

    private static func findings(of check: Check, in file: DataFile) -> [Finding] {
        var findings: [Finding] = []
        var untold = 0
        do throws(AuditFailure) {
            try file.rows(check.sql) { row in
                // `integrity_check` says so when there is nothing to say.
                if row == ["ok"] { return }
                guard findings.count < findingsMax else { return untold += 1 }
                findings.append(Finding(check.rule, check.sentence(row), isRemark: check.isRemark))
            }
        } catch {
            findings.append(Finding(check.rule, "cannot be checked: \(error)", isRemark: false))
        }
        if untold > 0 {
            findings.append(Finding(check.rule, "and \(untold) more of this kind", isRemark: check.isRemark))
        }
        return findings
    }
}

/// What an audit found.
public struct AuditReport: Sendable {
    /// What is wrong, and what is worth a remark, in the order of the checks.
    public var findings: [Finding] = []
    /// What the file holds, for people: a name and a number or an instant each.
    public var figures: [(name: String, value: String)] = []
    /// Nothing is wrong. There may be remarks.
    public var isSound: Bool { findings.allSatisfy(\.isRemark) }
}

/// One thing that an audit found.
public struct Finding: Hashable, Sendable, CustomStringConvertible {
    /// The rule that is broken: `I1` to `I7` as in docs/domain.md, or what the check is about.
    public let rule: String
    /// What is wrong, with the ids of the rows.
    public let text: String
    /// Unusual, and allowed.
    public let isRemark: Bool

    init(_ rule: String, _ text: String, isRemark: Bool) {
        self.rule = rule
        self.text = text
        self.isRemark = isRemark
    }

    /// `I1: seat 7 of performance 3 is in reservations 12, 19`.
    public var description: String { "\(rule): \(text)\(isRemark ? " (a remark)" : "")" }
}

/// Why a file could not be audited.
public enum AuditFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no data file.
    case missing(String)
    /// It is another kind of file.
    case notABoxOffice(String)
    /// Its tables are of a version that this audit does not know.
    case otherVersion(Int64)
    /// It cannot be read.
    case unreadable(String)

    /// A sentence for people.
    public var description: String {
        switch self {
        case .missing(let path): "there is no data file \(path)"
        case .notABoxOffice(let path): "\(path) is not a box office's data file"
        case .otherVersion(let version): "the data file has version \(version), this audit knows version 4"
        case .unreadable(let what): what
        }
    }
}
