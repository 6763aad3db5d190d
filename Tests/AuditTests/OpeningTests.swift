import BoxOfficeAudit
import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import Foundation
import Testing

/// However the files were left, they are read, and nothing about them changes.
@Suite struct AuditOpeningTests {
    static let figures = [
        "commits": "3", "members": "3", "seats sold": "1", "seats held": "1", "reservations": "3", "payments": "2",
        "refunded": "1", "tokens waiting": "1", "tokens active": "1", "ledger entries": "5", "ledger sum": "0",
        "points bought": "160", "points of members": "110", "points of sales": "100", "points refunded": "50",
        "last commit": "2026-03-01T00:00:20.000000Z", "operations": "3",
    ]

    private func expectSound(_ directory: String, _ name: Comment, _ changed: [String: String] = [:]) throws {
        let before = try snapshot(directory)
        let report = try Audit.run(directory: directory)
        #expect(report.findings.isEmpty, name)
        let found = Dictionary(uniqueKeysWithValues: report.figures.map { ($0.name, $0.value) })
        for (figure, value) in Self.figures.merging(changed, uniquingKeysWith: { $1 }) {
            #expect(found[figure] == value, "\(figure)")
        }
        #expect(try snapshot(directory) == before, name)
    }

    @Test func aFileIsReadHoweverItWasLeft() throws {
        let directory = try Fixture.directory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try expectSound(directory, "a stopped server's")

        // Odd characters in the path are not for SQLite's URIs to read.
        let odd = directory + "/a dir#?%41;=ü"
        try FileManager.default.createDirectory(atPath: odd, withIntermediateDirectories: false)
        for name in ["/boxoffice.sqlite", "/boxoffice.witness"] {
            try FileManager.default.copyItem(atPath: directory + name, toPath: odd + name)
        }
        try expectSound(odd, "an odd path's")
    }

    /// What a process that was killed leaves: made by another process, since locks of one's own are no obstacle.
    @Test func aKilledServersFileIsRead() throws {
        let directory = try Fixture.directory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try Store.open(directory: directory)
        try store.load { _ in }
        try store.commit(
            [
                .member(
                    MemberRow(
                        id: MemberID(4), name: "Dov", nameKey: "dov", passwordHash: "", isOperator: false,
                        createdAt: Fixture.at(0)))
            ], at: Fixture.at(30))
        let changed = ["members": "4", "commits": "4", "last commit": "2026-03-01T00:00:30.000000Z"]
        try expectSound(directory, "a running server's", changed)

        for (name, suffixes) in [("killed", ["", "-wal", "-shm"]), ("copied", ["", "-wal"])] {
            let copy = directory + "/" + name
            try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
            try FileManager.default.copyItem(
                atPath: directory + "/boxoffice.witness", toPath: copy + "/boxoffice.witness")
            for suffix in suffixes {
                try FileManager.default.copyItem(
                    atPath: directory + "/boxoffice.sqlite" + suffix, toPath: copy + "/boxoffice.sqlite" + suffix)
            }
            try expectSound(copy, "\(name)", changed)
            // Also where nothing may be written at all.
            try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: copy)
            try expectSound(copy, "\(name), read only", changed)
        }
        store.close()
    }

    @Test func whatIsNoBoxOfficeIsRefused() throws {
        let directory = try Fixture.directory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let nowhere = directory + "/nowhere"
        #expect(throws: AuditFailure.missing(nowhere + "/boxoffice.sqlite")) { try Audit.run(directory: nowhere) }
        #expect(try corrupt(directory, "PRAGMA user_version = 5") == "")
        #expect(throws: AuditFailure.otherVersion(5)) { try Audit.run(directory: directory) }
        #expect(try corrupt(directory, "PRAGMA application_id = 5") == "")
        #expect(throws: AuditFailure.notABoxOffice(directory + "/boxoffice.sqlite")) {
            try Audit.run(directory: directory)
        }
        try Data("no database".utf8).write(to: URL(fileURLWithPath: directory + "/boxoffice.sqlite"))
        #expect(throws: AuditFailure.unreadable("file is not a database")) { try Audit.run(directory: directory) }
    }
}
