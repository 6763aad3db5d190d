import BoxOfficeProtocol
import BoxOfficeStore
import Foundation
import Testing

@Suite struct OpeningTests {
    @Test func whatIsMadeIsForItsOwnerOnly() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a/b"
        let store = try Store.open(directory: path + "/")
        try store.load { _ in }
        try store.commit(Sample.world, at: .at(0))
        let modes = [
            ("", 0o700), ("/boxoffice.sqlite", 0o600), ("/boxoffice.sqlite-wal", 0o600),
            ("/boxoffice.sqlite-shm", 0o600), ("/boxoffice.lock", 0o600), ("/boxoffice.witness", 0o600),
        ]
        for (name, mode) in modes {
            let attributes = try FileManager.default.attributesOfItem(atPath: path + name)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == mode, "\(name)")
        }
        store.close()
        let left = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        #expect(
            left == ["boxoffice.lock", "boxoffice.sqlite", "boxoffice.witness"], "a closed file is whole by itself")
    }

    /// A server that has lost its storage is told to stop: it asks once more.
    @Test func whatIsClosedRefusesEverything() throws {
        let directory = try TemporaryDirectory()
        let store = try Store.open(directory: directory.path)
        try store.load { _ in }
        try store.commit(Sample.world, at: .at(0))
        store.close()
        let closed = StoreFailure.failed("the data file is closed")
        #expect(throws: closed) { try store.checkpoint(truncate: true) }
        #expect(throws: closed) { try store.commit(Sample.world, at: .at(1)) }
        #expect(throws: closed) { try store.load { _ in } }
        #expect(throws: closed) { try store.backup(to: directory.path + "/copy.sqlite") }
        try store.updateWitness()
        try store.checkpointIfDue(isIdle: true)
    }

    @Test func aSecondServerIsRefused() throws {
        let directory = try TemporaryDirectory()
        let store = try Store.open(directory: directory.path)
        let pid = ProcessInfo.processInfo.processIdentifier
        do {
            _ = try Store.open(directory: directory.path)
            Issue.record("opened twice")
        } catch {
            #expect(error == .inUse(pid: pid))
            #expect(error.description == "another server uses this data directory (process \(pid))")
        }
        store.close()
        store.close()
        try Store.open(directory: directory.path).close()
    }

    @Test(arguments: [
        ("INSERT INTO grdb_migrations VALUES ('5')", StoreFailure.newerSchema),
        ("PRAGMA application_id = 7", .damaged("it is not a box office")),
        ("PRAGMA user_version = 2", .damaged("its version is not that of its tables")),
        ("UPDATE member SET is_operator = 'x' WHERE 0; DELETE FROM meta", .damaged("no row in meta")),
    ])
    func otherFilesAreRefusedUntouched(_ sql: String, _ failure: StoreFailure) throws {
        let directory = try TemporaryDirectory()
        try Store.open(directory: directory.path).close()
        _ = try shell(directory.file, sql, readOnly: false)
        let before = try Data(contentsOf: URL(fileURLWithPath: directory.file))
        #expect(throws: failure) { try Store.open(directory: directory.path) }
        #expect(throws: failure, "and the lock is free again") { try Store.open(directory: directory.path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: directory.file)) == before)
    }

    @Test func whatIsNoDatabaseIsRefused() throws {
        let directory = try TemporaryDirectory()
        try Data("not a database, and long enough to have a header of a hundred bytes: \(Array(0...200))".utf8)
            .write(to: URL(fileURLWithPath: directory.file))
        do {
            _ = try Store.open(directory: directory.path)
            Issue.record("opened")
        } catch {
            guard case .damaged = error else { throw error }
        }
        #expect(throws: StoreFailure.self) { try Store.open(directory: "/proc/boxoffice/x") }
        #expect(throws: StoreFailure.self) { try Store.open(directory: directory.file) }
    }

    @Test(arguments: [
        ("UPDATE reservation SET seats = '[0,x]'", "reservation.seats: not an array of SeatIndex"),
        ("UPDATE reservation SET seats = '[4294967296]'", "reservation.seats: not an array of SeatIndex"),
        ("UPDATE reservation SET prices = 'null'", "reservation.prices: not an array of Points"),
        ("UPDATE notice SET kind = 'fax'", "notice.kind: \"fax\" is no Opcode"),
        ("UPDATE operation SET owner = 'member:x'", "operation.owner: \"member:x\" is no OperationOwner"),
        ("UPDATE ledger SET debit = 'sales:'", "ledger.debit: \"sales:\" is no LedgerAccount"),
        ("UPDATE room SET capacity = 5000000000", "room.capacity: 5000000000 is out of range"),
        ("UPDATE plan_seat SET row = 9", "plan 1: seats"),
        ("UPDATE plan_seat SET category = -1", "plan_seat.category: -1 is out of range"),
        ("DELETE FROM plan_row WHERE row = 1", "plan 1: rows"),
        ("UPDATE concert SET artists = '{}'", "concert.artists: \"{}\" is no Array<String>"),
    ])
    func rowsWithoutAMeaningAreNamed(_ sql: String, _ what: String) throws {
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        try store.commit(
            Sample.world + [
                .reservation(Sample.reservation(1)), .notice(Sample.notice(1, 1)), .operation(Sample.operation(1)),
                .ledger(Sample.charge(1)),
            ], at: .at(0))
        store.close()
        #expect(try shell(directory.file, sql, readOnly: false) == "")
        // Garbled by a disk, a row does not fit its checksum; edited by a person who says so, it still has to mean something.
        #expect(throws: StoreFailure.self) { try directory.store() }
        #expect(throws: StoreFailure.damaged(what)) { try Store.accept(directory: directory.path, edited: true) }
        #expect(throws: StoreFailure.self, "and nothing was changed") { try directory.store() }
    }

    /// Of the file; those of the connection are checked by `open` itself.
    @Test func settingsHold() throws {
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        try store.commit(Sample.world, at: .at(0))
        #expect(
            try shell(directory.file, "PRAGMA journal_mode; PRAGMA page_size; PRAGMA auto_vacuum") == "wal\n8192\n0")
        #expect(try shell(directory.file, "PRAGMA application_id; PRAGMA user_version") == "1112496177\n4")
    }
}

/// A first start that a power cut ended between the list of migrations and the first of them: the file is ours to fill.
@Suite struct FirstStartTests {
    @Test func aFileWithAnEmptyListOfMigrationsIsFilled() throws {
        let directory = try TemporaryDirectory()
        let list = "PRAGMA journal_mode = WAL; CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)"
        _ = try shell(directory.file, list, readOnly: false)
        let store = try directory.store()
        try store.commit(Sample.world, at: .at(1))
        store.close()
        #expect(try directory.reloaded() == FactModel(Sample.world))
    }

    @Test func aFileWithAnythingElseIsNot() throws {
        let directory = try TemporaryDirectory()
        _ = try shell(directory.file, "CREATE TABLE notes (text)", readOnly: false)
        #expect(throws: StoreFailure.damaged("it is not a box office")) { try Store.open(directory: directory.path) }
    }
}

@Suite struct LogTests {
    @Test func checkpointsComeWhenTheyAreDue() throws {
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        try store.commit(Sample.world, at: .at(0))
        try store.checkpoint(truncate: true)
        #expect(store.logBytes == 0)
        var next: UInt64 = 1
        func grow(past bytes: Int) throws {
            while store.logBytes <= bytes {
                var operation = Sample.operation(next)
                operation.result = .response([UInt8](repeating: 1, count: 200_000))
                try store.commit([.operation(operation)], at: .at(1))
                next += 1
            }
        }
        try store.checkpointIfDue(isIdle: true)
        try grow(past: 100_000)
        let little = store.logBytes
        try store.checkpointIfDue(isIdle: true)
        #expect(store.logBytes == little, "little in the log: not worth a sync")
        try grow(past: 1 << 20)
        let more = store.logBytes
        try store.checkpointIfDue(isIdle: false)
        #expect(store.logBytes == more, "requests wait")
        try store.checkpointIfDue(isIdle: true)
        #expect(store.logBytes == 0)
        try grow(past: 16 << 20)
        try store.checkpointIfDue(isIdle: false)
        #expect(store.logBytes == 0, "large: now or never")
        let log = directory.file + "-wal"
        let size = try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int ?? 0
        try grow(past: 300_000)
        #expect(try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int == size, "the log began anew")
        try store.checkpoint(truncate: true)
        #expect(try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int == 0)
        store.close()
        #expect(try directory.reloaded().operations.count == Int(next - 1))
    }
}
