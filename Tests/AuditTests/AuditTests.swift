import BoxOfficeAudit
import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import Foundation
import Testing

@Suite struct AuditTests {
    /// One corruption each, and all that the audit says about it.
    static let corruptions: [(sql: String, findings: [String])] = [
        ("SELECT 1", []),
        (
            "UPDATE reservation SET seats = '[0]' WHERE id = 3",
            ["I1: seat 0 of performance 1 is in reservations 1, 3"]
        ),
        (
            "UPDATE reservation SET seats = '[2,2]', prices = '[1,1]' WHERE id = 3",
            ["I1: seat 2 of performance 1 is in reservations 3, 3"]
        ),
        (
            "UPDATE reservation SET seats = '[7]' WHERE id = 3",
            ["seats: reservation 3 has seat 7 of performance 1, which the hall does not have"]
        ),
        (
            "UPDATE performance SET blocked = '[1,2]'",
            ["seats: seat 2 of performance 1 is blocked and in reservation 3"]
        ),
        ("UPDATE performance SET blocked = '[9]'", ["seats: blocked seat 9 of performance 1 is not in the hall"]),
        ("UPDATE performance SET prices = '[50]'", ["seats: performance 1 has 1 prices for 2 categories"]),
        ("UPDATE reservation SET prices = '[]' WHERE id = 3", ["seats: reservation 3 has 1 seats and 0 prices"]),
        (
            "UPDATE reservation SET seats = '[2' WHERE id = 3",
            ["seats: the list of seats of reservation 3 is no list of numbers"]
        ),
        (
            "UPDATE reservation SET seats = '[\"x\"]', status = 'expired', ended_at = 1 WHERE id = 3",
            [
                "seats: the list of seats of reservation 3 is no list of numbers",
                "seats: reservation 3 has seat x of performance 1, which the hall does not have",
            ]
        ),
        (
            "DELETE FROM plan_seat WHERE seat = 1",
            ["seats: blocked seat 1 of performance 1 is not in the hall", "seats: plan 1 numbers its seats with a gap"]
        ),
        (
            "UPDATE plan_seat SET category = 5 WHERE seat = 1",
            ["seats: seat 1 of plan 1 is in a row or a category that the plan does not have"]
        ),
        (
            "UPDATE reservation SET ended_at = 5 WHERE id = 3",
            ["seats: reservation 3 is held and its end says otherwise"]
        ),
        (
            "UPDATE reservation SET expires_at = \(Fixture.at(13).rawValue) WHERE id = 3",
            ["I7: reservation 3 was still held at a commit 7 s after its deadline"]
        ),
        (
            "UPDATE reservation SET expires_at = \(Fixture.at(3).rawValue) WHERE id = 1",
            ["I7: reservation 1 was paid after its deadline"]
        ),
        (
            "UPDATE reservation SET expires_at = 1 WHERE id = 3; UPDATE meta SET committed_at = 1",
            ["I7: reservation 3 is past its deadline and not expired yet: the next start does it (a remark)"]
        ),
        (
            "UPDATE ledger SET credit = 'till' WHERE id = 1",
            [
                "I2: entry 1 has the account till, which there is not",
                "I3: the balance of member:1 is -50 after entry 2",
                "history: entry 2 is not chained to the one before it on member:1",
            ]
        ),
        (
            "UPDATE ledger SET credit = 'member:9', reservation = 1 WHERE id = 3",
            [
                "I2: entry 3 has the account member:9, which there is not",
                "I3: the balance of member:2 is -50 after entry 4",
                "I4: reservation 1 is confirmed and has 1 entries that pay it and 0 that refund it",
                "history: entry 4 is not chained to the one before it on member:2",
            ]
        ),
        (
            "UPDATE ledger SET amount = 0 WHERE id = 3",
            [
                "I2: entry 3 moves 0 points", "I3: the balance of member:2 is -50 after entry 4",
            ]
        ),
        (
            "UPDATE ledger SET amount = -60 WHERE id = 3",
            [
                "I2: entry 3 moves -60 points",
                "I3: the balance of member:2 is -60 after entry 3",
            ]
        ),
        (
            "UPDATE ledger SET debit = 'member:2', debit_previous = NULL WHERE id = 3",
            [
                "I2: entry 3 moves points from member:2 to itself", "I3: the balance of member:2 is -50 after entry 4",
                "history: entry 3 is not chained to the one before it on member:2",
            ]
        ),
        ("UPDATE ledger SET amount = 40 WHERE id = 1", ["I3: the balance of member:1 is -10 after entry 2"]),
        (
            "UPDATE ledger SET amount = 9223372036854775807 WHERE id IN (1, 3)",
            [
                "I2: cannot be checked: integer overflow"
            ]
        ),
        (
            "DELETE FROM payment WHERE id = 1; UPDATE reservation SET payment = NULL WHERE id = 1",
            ["I4: reservation 1 is confirmed and has 0 payments"]
        ),
        (
            "INSERT INTO payment SELECT 3, reservation, member, amount, at, entry, id, 0 FROM payment WHERE id = 1",
            [
                "I4: reservation 1 is confirmed and has 2 payments",
                "I4: reservation 1 names payment 1, which is not its payment",
            ]
        ),
        (
            "UPDATE reservation SET payment = 2 WHERE id = 1",
            ["I4: reservation 1 names payment 2, which is not its payment"]
        ),
        (
            "UPDATE payment SET amount = 49 WHERE id = 1",
            [
                "I4: payment 1 of 49 points is for reservation 1, which costs 50",
                "I4: payment 1 names entry 2, which does not move its points",
            ]
        ),
        ("UPDATE payment SET entry = 1 WHERE id = 1", ["I4: payment 1 names entry 1, which does not move its points"]),
        (
            "UPDATE reservation SET status = 'refunded' WHERE id = 1",
            ["I4: reservation 1 is refunded and has 1 entries that pay it and 0 that refund it"]
        ),
        (
            "UPDATE reservation SET status = 'expired' WHERE id = 1",
            [
                "I4: reservation 1 is expired and has 1 payments",
                "I4: reservation 1 is expired and has 1 entries that pay it and 0 that refund it",
            ]
        ),
        (
            "UPDATE ledger SET amount = 51 WHERE id = 5",
            ["I4: entry 5 refunds 51 points for reservation 2, which cost 50"]
        ),
        (
            "UPDATE reservation SET previous = 1 WHERE id = 3",
            ["history: reservation 3 is not chained to the one before it"]
        ),
        ("UPDATE payment SET previous = 1 WHERE id = 2", ["history: payment 2 is not chained to the one before it"]),
        (
            "UPDATE room SET capacity = 0",
            ["I5: the room of concert 1 has 1 active tokens for 0 places: was its capacity lowered? (a remark)"]
        ),
        ("UPDATE token SET member = 2 WHERE id = 3", ["rooms: member 2 has the live tokens 2, 3 of concert 1"]),
        ("UPDATE token SET ticket = 2 WHERE id = 3", ["rooms: tokens 2, 3 of concert 1 have the same ticket"]),
        (
            "UPDATE token SET active_until = NULL WHERE id = 2",
            ["rooms: token 2 is active and its instants say otherwise"]
        ),
        ("DELETE FROM token; DELETE FROM room", ["rooms: concert 1 has no room"]),
        ("DELETE FROM notice WHERE id = 2", ["I6: the notices of member 1 are 2 in number from 1 to 3"]),
        ("DELETE FROM notice WHERE id = 1", []),
        ("UPDATE notice SET member = 9 WHERE id = 4", ["I6: notices were sent to member 9, whom there is not"]),
        ("UPDATE notice SET sequence = 3 WHERE id = 2", ["I6: the notices of member 1 are 3 in number from 1 to 3"]),
        (
            "UPDATE notice SET sequence = 9 - id WHERE member = 1",
            [
                "I6: notice 6 of member 1 is newer than the one after it",
                "I6: notice 7 of member 1 is newer than the one after it",
            ]
        ),
        (
            "DELETE FROM notice WHERE member = 1",
            ["I6: session 1 has acknowledged notice 1, the newest of member 1 is 0"]
        ),
        (
            "UPDATE operation SET key = (SELECT key FROM operation WHERE id = 1)",
            ["operations: operations 1, 2 of member:1 have the same key"]
        ),
        (
            "UPDATE operation SET owner = 'member:8' WHERE id = 3",
            ["operations: operation 3 belongs to member:8, whom there is not"]
        ),
        (
            "UPDATE reservation SET status = 'lost', ended_at = 1 WHERE id = 3",
            ["file: reservation 3 has the status lost, which there is not"]
        ),
        ("DELETE FROM meta", ["file: meta has 0 rows"]),
        (
            "UPDATE session SET member = 9 WHERE id = 1",
            [
                "file: row 1 of session names a member that is not there",
                "I6: session 1 has acknowledged notice 1, the newest of member 9 is 0",
            ]
        ),
        (
            "UPDATE sqlite_schema SET sql = replace(sql, 'UNIQUE', '') WHERE name = 'member'; "
                + "DELETE FROM sqlite_schema WHERE name GLOB 'sqlite_autoindex_member*'",
            []
        ),
    ]

    @Test(arguments: corruptions) func whatIsWrongIsFound(_ sql: String, _ expected: [String]) throws {
        let directory = try Fixture.directory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(try corrupt(directory, sql) == (sql == "SELECT 1" ? "1" : ""))
        let report = try Audit.run(directory: directory)
        // That it was changed at all, a checksum says; what is wrong about it, the other checks.
        #expect(report.findings.contains { $0.rule == "checksums" } == (sql != "SELECT 1"))
        // A page that no table has any more is what the surgery on the schema leaves.
        let found = report.findings.filter { $0.rule != "checksums" && $0.rule != "witness" }.map(\.description)
            .filter { !$0.hasPrefix("file: Page ") }
        #expect(found == expected)
        #expect(report.isSound == report.findings.allSatisfy { $0.description.hasSuffix("(a remark)") })
    }

    @Test func uniqueNamesAreCountedWithoutTheIndex() throws {
        let directory = try Fixture.directory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let surgery = """
            UPDATE sqlite_schema SET sql = replace(sql, ' UNIQUE', '') WHERE name IN ('member', 'session');
            DELETE FROM sqlite_schema WHERE name GLOB 'sqlite_autoindex_member*' OR name GLOB 'sqlite_autoindex_session*';
            """
        #expect(try corrupt(directory, surgery) == "")
        #expect(
            try corrupt(
                directory, "UPDATE member SET name_key = 'ann'; UPDATE session SET token_digest = zeroblob(32)") == "")
        let found = try Audit.run(directory: directory).findings.map(\.description)
        #expect(found.contains("members: members 1, 2, 3 have the same name"))
        #expect(found.contains("members: sessions 1, 2 have the same token"))
    }

    @Test func manyFindingsAreCounted() throws {
        let directory = try Fixture.directory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let sql = """
            WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
            INSERT INTO operation SELECT i, 'member:9', randomblob(16), 'hold', zeroblob(16), x'', 1, 1 FROM n
            """
        #expect(try corrupt(directory, sql) == "")
        let found = try Audit.run(directory: directory).findings.filter { $0.rule == "operations" }.map(\.text)
        #expect(found.count == Audit.findingsMax + 1 && found.last == "and 11 more of this kind")
    }

    @Test func damageToTheFileItselfIsFound() throws {
        let directory = try Fixture.directory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let page = try #require(Int(corrupt(directory, "SELECT rootpage FROM sqlite_schema WHERE name = 'notice'")))
        let file = try #require(FileHandle(forUpdatingAtPath: directory + "/boxoffice.sqlite"))
        try file.seek(toOffset: UInt64((page - 1) * 8192))
        try file.write(contentsOf: Data(repeating: 0xAB, count: 8192))
        try file.close()
        let report = try Audit.run(directory: directory)
        #expect(!report.isSound)
        #expect(report.findings.contains { $0.rule == "file" })
        #expect(report.findings.contains { $0.rule == "I6" && $0.text.hasPrefix("cannot be checked: ") })
    }
}
