import BoxOfficeAudit
import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import CSQLite
import Foundation
import PowerLoss
import SimulatedDisk
import Testing

extension Disk: HasDataDirectory {
    var path: String { directory }

    /// What a power cut leaves, on a disk of its own.
    func cut(_ survival: simulated_disk_survival, sectorBytes: UInt32 = 512, seed: UInt64 = 1) throws -> Disk {
        let left = try Disk()
        cut(to: left, Cut(survival: survival, sectorBytes: sectorBytes, seed: seed))
        return left
    }

    func names(_ expected: [String]) -> [String] { expected.filter { contents(of: $0) != nil } }
}

let allSurvivals = [simulated_disk_nothing, simulated_disk_everything, simulated_disk_coin, simulated_disk_torn]

/// The disk under the power-loss tests is what it says it is: a disk that is too kind would prove nothing.
@Suite(.serialized) struct SimulatedDiskTests {
    static let more: [Fact] = (UInt64(1)...20).map { .reservation(Sample.reservation($0)) }

    @Test func aStoreLivesOnIt() async throws {
        let disk = try Disk()
        let store = try disk.store()
        try store.commit(Sample.world + Self.more + [.ledger(Sample.charge(1))], at: .at(1))
        let history = try store.history()
        #expect(try await history.ledger(of: 1).entries.count == 1)
        try store.checkpoint(truncate: true)
        #expect(disk.names(["boxoffice.sqlite", "boxoffice.sqlite-wal"]).count == 2)
        store.close()
        #expect(disk.names(["boxoffice.sqlite", "boxoffice.sqlite-wal"]) == ["boxoffice.sqlite"])
        #expect(
            try disk.reloaded() == FactModel(Sample.world + Self.more + [.ledger(Sample.charge(1))]))
        // The real file is still the empty one that the directory was made with.
        #expect(try FileManager.default.attributesOfItem(atPath: disk.file)[.size] as? Int == 0)
    }

    @Test(arguments: allSurvivals) func whatWasCommittedSurvives(_ survival: simulated_disk_survival) throws {
        let disk = try Disk()
        let store = try disk.store()
        try store.commit(Sample.world, at: .at(1))
        for seed in 1...20 as ClosedRange<UInt64> {
            let left = try disk.cut(survival, seed: seed)
            #expect(try left.reloaded() == FactModel(Sample.world))
        }
        // Whoever has a file open while the power goes off cannot use it any more.
        simulated_disk_cut(disk.pointer, disk.pointer, survival, 4096, 1)
        #expect(throws: StoreFailure.self) { try store.commit(Self.more, at: .at(2)) }
        store.close()
        #expect(try disk.reloaded() == FactModel(Sample.world))
    }

    /// A commit that does not end survives whole or not at all; each of the two is seen.
    @Test func whatWasNotSyncedMayOrMayNotSurvive() throws {
        let disk = try Disk()
        let store = try disk.store()
        try store.commit(Sample.world, at: .at(1))
        simulated_disk_fail_only(disk.pointer, "-wal")
        simulated_disk_fail(disk.pointer, simulated_disk_sync_fails, 0, .max)
        #expect(throws: StoreFailure.self) { try store.commit(Self.more, at: .at(2)) }
        let (without, with) = (FactModel(Sample.world), FactModel(Sample.world + Self.more))
        #expect(try disk.cut(simulated_disk_nothing).reloaded() == without)
        #expect(try disk.cut(simulated_disk_everything).reloaded() == with)
        #expect(try disk.cut(simulated_disk_torn).reloaded() == without)
        var whole = 0
        for seed in 1...20 as ClosedRange<UInt64> {
            let model = try disk.cut(simulated_disk_coin, sectorBytes: 4096, seed: seed).reloaded()
            #expect(model == with || model == without)
            if model == with { whole += 1 }
        }
        #expect(whole < 20)
    }

    /// A sync that succeeds says nothing about what an earlier one has failed to write.
    @Test func aLaterSyncDoesNotMendAFailedOne() throws {
        let disk = try Disk()
        var file: OpaquePointer?
        #expect(sqlite3_open(disk.file, &file) == SQLITE_OK)
        defer { sqlite3_close(file) }
        let sql = "PRAGMA journal_mode = WAL; CREATE TABLE a (b); PRAGMA wal_autocheckpoint = 0"
        #expect(sqlite3_exec(file, sql, nil, nil, nil) == SQLITE_OK)
        sqlite3_exec(file, "PRAGMA synchronous = FULL", nil, nil, nil)
        simulated_disk_fail(disk.pointer, simulated_disk_sync_fails, simulated_disk_operations(disk.pointer) + 1, 4)
        #expect(sqlite3_exec(file, "INSERT INTO a VALUES (zeroblob(100))", nil, nil, nil) != SQLITE_OK)
        #expect(simulated_disk_failures(disk.pointer) == 1)
        simulated_disk_mend(disk.pointer)
        let before = try disk.cut(simulated_disk_nothing).contents
        // The log as it is, with the doomed frames, synced once more: on the medium nothing is new.
        #expect(sqlite3_exec(file, "SELECT count(*) FROM a", nil, nil, nil) == SQLITE_OK)
        #expect(sqlite3_exec(file, "BEGIN; INSERT INTO a VALUES (1); ROLLBACK", nil, nil, nil) == SQLITE_OK)
        let after = try disk.cut(simulated_disk_nothing).contents
        #expect(before == after)
        // Written again and synced, it is there.
        #expect(sqlite3_exec(file, "INSERT INTO a VALUES (2)", nil, nil, nil) == SQLITE_OK)
        let left = try disk.cut(simulated_disk_nothing)
        var other: OpaquePointer?
        #expect(sqlite3_open(left.file, &other) == SQLITE_OK)
        defer { sqlite3_close(other) }
        #expect(sqlite3_exec(other, "SELECT 1 / (count(*) = 1 AND max(b) = 2) FROM a", nil, nil, nil) == SQLITE_OK)
    }

    @Test(arguments: [
        ("EIO", simulated_disk_io_error), ("no space", simulated_disk_no_space),
        ("a short write", simulated_disk_short_write), ("a failed sync", simulated_disk_sync_fails),
        ("a sync that loses", simulated_disk_sync_loses), ("no power", simulated_disk_power_off),
    ])
    func everyFaultIsNoticed(_ name: String, _ fault: simulated_disk_fault) throws {
        let disk = try Disk()
        let store = try disk.store()
        try store.commit(Sample.world, at: .at(1))
        simulated_disk_fail(disk.pointer, fault, simulated_disk_operations(disk.pointer) + 1, .max)
        do {
            try store.commit(Self.more, at: .at(2))
            Issue.record("committed in spite of \(name)")
        } catch {
            let isSpace = fault == simulated_disk_no_space || fault == simulated_disk_short_write
            #expect((error == .full) == isSpace, "\(name): \(error)")
        }
        #expect(simulated_disk_failures(disk.pointer) > 0)
        #expect(simulated_disk_operations(disk.pointer) > 0 && simulated_disk_reads(disk.pointer) > 0)
    }

    /// The self-test of all that rests on it: a disk that only says that it has synced loses commits.
    @Test func aLieIsFoundOut() throws {
        let disk = try Disk()
        let store = try disk.store()
        try store.commit(Sample.world, at: .at(1))
        simulated_disk_lie(disk.pointer, "-wal")
        try store.commit(Self.more, at: .at(2))
        #expect(try disk.cut(simulated_disk_nothing).reloaded() == FactModel(Sample.world))
        #expect(
            try disk.cut(simulated_disk_everything).reloaded() == FactModel(Sample.world + Self.more))
    }

    /// A replica passes through the same moments as the disk did, fault and reopening included.
    @Test func aReplicaFollowsTheTape() throws {
        let disk = try Disk()
        simulated_disk_record(disk.pointer)
        var store = try disk.store()
        var moments: [(operation: UInt64, contents: Fingerprint)] = []
        func note() { moments.append((simulated_disk_operations(disk.pointer), disk.contents)) }
        note()
        try store.commit(Sample.world, at: .at(1))
        note()
        simulated_disk_fail(
            disk.pointer, simulated_disk_sync_loses, simulated_disk_operations(disk.pointer) + 1, 20)
        #expect(throws: StoreFailure.self) { try store.commit(Self.more, at: .at(2)) }
        note()
        simulated_disk_mend(disk.pointer)
        store.close()
        store = try disk.store()
        try store.checkpoint(truncate: true)
        note()
        try store.commit(Self.more, at: .at(3))
        store.close()
        note()
        let replica = try Disk()
        for moment in moments {
            simulated_disk_replay(replica.pointer, disk.pointer, moment.operation)
            #expect(replica.contents == moment.contents, "after operation \(moment.operation)")
        }
        var operation = simulated_disk_operation()
        #expect(simulated_disk_recorded(disk.pointer, moments[0].operation, &operation))
        #expect(String(cString: operation.name).hasPrefix("boxoffice.sqlite"))
        #expect(!simulated_disk_recorded(disk.pointer, moments.last!.operation + 1, &operation))
        #expect(try replica.cut(simulated_disk_nothing).reloaded() == FactModel(Sample.world + Self.more))
    }

    @Test func locksKeepConnectionsApart() throws {
        let disk = try Disk()
        var first: OpaquePointer?
        var second: OpaquePointer?
        for mode in ["DELETE", "WAL"] {
            #expect(sqlite3_open(disk.file, &first) == SQLITE_OK)
            #expect(sqlite3_open(disk.file, &second) == SQLITE_OK)
            sqlite3_exec(first, "PRAGMA journal_mode = \(mode); CREATE TABLE IF NOT EXISTS a (b)", nil, nil, nil)
            #expect(sqlite3_exec(first, "BEGIN IMMEDIATE; INSERT INTO a VALUES (1)", nil, nil, nil) == SQLITE_OK)
            #expect(sqlite3_exec(second, "BEGIN IMMEDIATE", nil, nil, nil) == SQLITE_BUSY, "\(mode)")
            #expect(sqlite3_exec(second, "SELECT count(*) FROM a", nil, nil, nil) == SQLITE_OK, "\(mode)")
            #expect(sqlite3_exec(first, "COMMIT", nil, nil, nil) == SQLITE_OK)
            #expect(sqlite3_exec(second, "BEGIN IMMEDIATE; INSERT INTO a VALUES (2)", nil, nil, nil) == SQLITE_OK)
            #expect(sqlite3_exec(first, "INSERT INTO a VALUES (3)", nil, nil, nil) == SQLITE_BUSY)
            #expect(sqlite3_exec(second, "ROLLBACK", nil, nil, nil) == SQLITE_OK)
            sqlite3_close(first)
            sqlite3_close(second)
        }
    }

    /// With a seed, everything that SQLite makes up is the same.
    @Test func aSeedMakesTheSameBytes() throws {
        func run(_ seed: UInt64) throws -> Fingerprint {
            let disk = try Disk()
            simulated_disk_seed(seed)
            let store = try disk.store()
            try store.commit([.member(Sample.member(1, "Ann"))], at: .at(1))
            return disk.contents
        }
        let first = try run(7)
        #expect(try run(7) == first)
        #expect(try run(8) != first)
    }

    @Test func theClockStandsWhenItIsTold() throws {
        let disk = try Disk()
        var file: OpaquePointer?
        #expect(sqlite3_open(disk.file, &file) == SQLITE_OK)
        defer { sqlite3_close(file) }
        simulated_disk_set_time(86_400_000_000)
        defer { simulated_disk_set_time(-1) }
        let isTold = "SELECT 1 / (datetime('now') = '1970-01-02 00:00:00')"
        var statement: OpaquePointer?
        sqlite3_prepare_v2(file, isTold, -1, &statement, nil)
        defer { sqlite3_finalize(statement) }
        #expect(sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0) == 1)
    }

    /// What operations are called, and that one can be waited for: how tests hold a disk still.
    @Test func aWatcherSeesEveryOperation() throws {
        final class Seen {
            var kinds: [simulated_disk_kind] = []
            var names: Set<String> = []
        }
        let seen = Seen()
        let disk = try Disk()
        simulated_disk_watch(
            disk.pointer,
            { context, operation in
                let seen = Unmanaged<Seen>.fromOpaque(context!).takeUnretainedValue()
                seen.kinds.append(operation!.pointee.kind)
                seen.names.insert(String(cString: operation!.pointee.name))
            }, Unmanaged.passUnretained(seen).toOpaque())
        let store = try disk.store()
        try store.commit(Sample.world, at: .at(1))
        store.close()
        #expect(UInt64(seen.kinds.count) == simulated_disk_operations(disk.pointer))
        for kind in [simulated_disk_create, simulated_disk_write, simulated_disk_sync, simulated_disk_delete] {
            #expect(seen.kinds.contains(kind))
        }
        #expect(seen.names.isSuperset(of: ["boxoffice.sqlite", "boxoffice.sqlite-wal"]))
    }

    @Test func theAuditReadsIt() throws {
        let disk = try Disk()
        let store = try disk.store()
        try store.commit([.member(Sample.member(1, "Ann"))], at: .at(1))
        store.close()
        #expect(try Audit.run(file: disk.file).findings.isEmpty)
    }
}
