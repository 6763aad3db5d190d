import BoxOfficeAudit
import BoxOfficeProtocol
import Foundation
import Testing

@testable import BoxOfficeStore

/// Whatever is changed in a row, and whatever row is gone, there twice or old, a load finds it, and the audit too.
@Suite struct ChecksumTests {
    private func closed() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try WholeFile.store(in: directory.path).close()
        return directory
    }

    /// What a load says of the file after this change; "nothing" when it finds nothing.
    private func found(_ directory: TemporaryDirectory, after sql: String) throws -> String {
        let copy = try TemporaryDirectory()
        for name in ["boxoffice.sqlite", "boxoffice.witness"] {
            try FileManager.default.copyItem(atPath: "\(directory.path)/\(name)", toPath: "\(copy.path)/\(name)")
        }
        let answer = try shell(copy.file, "PRAGMA ignore_check_constraints = 1; \(sql)", readOnly: false)
        #expect(answer == "", "\(sql)")
        let report = try Audit.run(directory: copy.path)
        do {
            try copy.store().close()
            #expect(report.isSound, "\(sql)")
            return "nothing"
        } catch let failure as StoreFailure {
            #expect(!report.isSound, "the audit has not found it: \(sql)")
            return failure.description.replacingOccurrences(of: "the data file is damaged: ", with: "")
        }
    }

    @Test func everyColumnOfEveryTableIsCovered() throws {
        let directory = try closed()
        let columns = try shell(
            directory.file,
            """
            SELECT schema.name, info.name, info.type FROM sqlite_schema AS schema, pragma_table_info(schema.name) AS info
            WHERE schema.type = 'table' AND schema.name NOT LIKE 'grdb%' ORDER BY schema.name, cid
            """
        ).split(separator: "\n").map { $0.split(separator: "|").map(String.init) }
        #expect(Set(columns.map { $0[0] }) == Set(SealedTable.allCases.map(\.name) + ["meta", "seal"]))
        #expect(columns.count > 110)
        for column in columns {
            let (table, name) = (column[0], "\"\(column[1])\"")
            let key = (SealedTable.allCases.first { $0.name == table }?.key ?? ["id"])
            let (keys, order) = (key.joined(separator: ", "), key.map { "\($0) DESC" }.joined(separator: ", "))
            let other =
                switch column[2] {
                case "INTEGER": "CASE WHEN \(name) > 1000000000000000000 THEN 7 ELSE coalesce(\(name) + 1, 7) END"
                case "TEXT": "coalesce(\(name), '') || 'x'"
                // The deployment and keys are random, and may end with 5a already.
                default:
                    """
                    CAST(substr(\(name), 1, max(length(\(name)) - 1, 0))
                      || CASE WHEN substr(\(name), -1) = x'5a' THEN x'5b' ELSE x'5a' END AS BLOB)
                    """
                }
            let what = try found(
                directory,
                after:
                    "UPDATE \(table) SET \(name) = \(other) WHERE (\(keys)) = (SELECT \(keys) FROM \(table) ORDER BY \(order) LIMIT 1)"
            )
            #expect(what != "nothing", "\(table).\(name)")
            if table != "meta" && table != "seal" {
                // A row of a plan that there is not is not looked for, and missed.
                let isNamed = what.hasPrefix("row ") && what.hasSuffix(" of \(table) does not fit its checksum")
                #expect(isNamed || column[1] == "plan" && what.hasSuffix(" were written"), "\(name): \(what)")
            }
        }
    }

    @Test func aRowThatIsGoneOrThereTwiceIsFound() throws {
        let directory = try closed()
        for table in SealedTable.allCases {
            let (name, key) = (table.name, table.key.joined(separator: ", "))
            let order = table.key.map { "\($0) DESC" }.joined(separator: ", ")
            let rows = try #require(Int(shell(directory.file, "SELECT count(*) FROM \(name)")))
            #expect(rows > 0, "\(name) has no rows to lose")
            for end in [order, key] {
                let what = try found(
                    directory,
                    after: "DELETE FROM \(name) WHERE (\(key)) = (SELECT \(key) FROM \(name) ORDER BY \(end) LIMIT 1)")
                #expect(what != "nothing", "\(name): \(what)")
            }
        }
        // The last row of a table that no other names: only the seal knows of it.
        #expect(
            try found(directory, after: "DELETE FROM operation WHERE id = 4")
                == "operation has 2 rows, and 3 were written")
    }

    /// A page that a disk has not written holds rows of before, which fit their checksums.
    @Test func aRowOfBeforeIsFound() throws {
        let directory = try TemporaryDirectory()
        let store = try WholeFile.store(in: directory.path)
        defer { store.close() }
        let before = try TemporaryDirectory()
        let old = try Store.open(directory: before.path)
        try old.load { _ in }
        for batch in WholeFile.batches.prefix(4) { try old.commit(batch, at: .at(1)) }
        old.close()
        let closed = try directory.crashed()
        try closed.store().close()
        #expect(
            try found(
                closed,
                after: """
                    ATTACH '\(before.file)' AS before;
                    REPLACE INTO main.reservation SELECT * FROM before.reservation WHERE id = 1
                    """) == "a row of reservation is old, missing or there twice")
    }

    /// Who edits an entry and makes its checksum anew has still broken the chain.
    @Test func theLedgerIsAChain() throws {
        let directory = try closed()
        let entry = try shell(directory.file, "SELECT at, debit, credit, hex(chain) FROM ledger WHERE id = 1")
            .split(separator: "|").map(String.init)
        var image = RowImage(of: "ledger")
        image.append(1)
        image.append(try #require(Int64(entry[0])))
        image.append(text: entry[1])
        image.append(text: entry[2])
        image.append(501)
        for _ in 1...3 { image.appendNull() }
        image.append(blob: try #require(bytes(hexadecimal: entry[3])))
        #expect(
            try found(directory, after: "UPDATE ledger SET amount = 501, checksum = \(image.checksum) WHERE id = 1")
                == "entry 1 of the ledger is not linked to the one before it")
    }

    /// SQLite reads what is stored by what the schema says, so that is covered as well.
    @Test(arguments: [
        ("replace(sql, 'price', 'prize')", "performance", "its"),
        ("replace(sql, 'CHECK (amount >= 0)', '')", "payment", "the definition of a table is not as it was made"),
        ("replace(sql, 'held', 'helt')", "reservation", "the definition of a table is not as it was made"),
        ("replace(sql, 'commits', 'comnits')", "meta", ""),
    ])
    func aGarbledDefinitionIsFound(_ change: String, _ table: String, _ expected: String) throws {
        let directory = try closed()
        let sql = "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = \(change) WHERE name = '\(table)'"
        let what = try found(directory, after: sql)
        #expect(what != "nothing")
        if expected.hasPrefix("the ") { #expect(what == expected) }
    }

    @Test func whatWasEditedOnPurposeIsAccepted() throws {
        let directory = try closed()
        #expect(try shell(directory.file, "UPDATE member SET name = 'Anne' WHERE id = 1", readOnly: false) == "")
        #expect(throws: StoreFailure.damaged("row 1 of member does not fit its checksum")) { try directory.store() }
        #expect(throws: StoreFailure.self, "not without saying so") {
            try Store.accept(directory: directory.path, edited: false)
        }
        let accepted = try Store.accept(directory: directory.path, edited: true)
        #expect(accepted.commit == Int64(WholeFile.batches.count) + 1 && accepted.seen == accepted.commit - 1)
        var model = WholeFile.model
        model.members[MemberID(1)]?.name = "Anne"
        #expect(try directory.reloaded() == model)
        #expect(try Audit.run(directory: directory.path).isSound)
    }

    /// A history reads rows long after the start; a disk may have garbled them meanwhile.
    @Test func historiesAreVerifiedAsTheyAreRead() async throws {
        let directory = try closed()
        let store = try directory.store()
        defer { store.close() }
        let history = try store.history()
        #expect(try await history.notices([2]).count == 1)
        #expect(
            try shell(
                directory.file,
                "UPDATE notice SET body = x'00' WHERE id = 2; UPDATE ledger SET amount = 1 WHERE id = 1",
                readOnly: false) == "")
        await #expect(throws: StoreFailure.damaged("row 2 of notice does not fit its checksum")) {
            try await history.notices([2])
        }
        await #expect(throws: StoreFailure.damaged("row 1 of ledger does not fit its checksum")) {
            try await history.ledger(of: 1)
        }
        // Nor is a garbled row sealed anew by being changed.
        #expect(throws: StoreFailure.damaged("row 2 of notice does not fit its checksum")) {
            try store.commit([.noticesPruned(MemberID(1), through: 2, rows: [2])], at: .at(99))
        }
    }
}
