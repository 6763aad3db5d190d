import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import Foundation
import PowerLoss
import SimulatedDisk
import Testing

/// What a failed commit leaves, and what it allows to be said.
@Suite struct FailureTests {
    static let batch: [Fact] =
        (UInt64(1)...40).flatMap { id -> [Fact] in
            var operation = Sample.operation(id)
            operation.result = .response([UInt8](repeating: UInt8(id), count: 1_500))
            return [.reservation(Sample.reservation(id)), .operation(operation)]
        }

    /// In whichever write the space ends, nothing of the batch is on disk, neither for this process nor for one that
    /// starts after a crash at that moment; and with space the same batch goes in.
    @Test func aFullDiskWritesNothing() throws {
        let before = FactModel(Sample.world)
        var writesThatDo: UInt64 = 0
        for writes in UInt64(0)... {
            let directory = try Disk()
            let store = try directory.store()
            try store.commit(Sample.world, at: .at(1))
            directory.fail(simulated_disk_short_write, after: writes, only: "-wal")
            do {
                try store.commit(Self.batch, at: .at(2))
                writesThatDo = writes
                break
            } catch {
                #expect(error == .full, "after \(writes) writes")
            }
            #expect(try directory.cut(simulated_disk_everything).reloaded() == before, "after \(writes) writes")
            directory.mend()
            var model = FactModel()
            #expect(try store.load { model.apply($0) } == .at(1))
            #expect(model == before)
            try store.commit(Self.batch, at: .at(3))
            #expect(try directory.cut(simulated_disk_everything).reloaded() == FactModel(Sample.world + Self.batch))
        }
        #expect(writesThatDo > 20, "the batch takes several pages, each two writes")
    }

    /// The pages are on disk though the sync failed: whoever said "failed" would have lied.
    @Test func aFailedSyncIsAmbiguous() throws {
        let directory = try Disk()
        let store = try directory.store()
        try store.commit(Sample.world, at: .at(1))
        directory.fail(simulated_disk_sync_fails, only: "-wal")
        do {
            try store.commit(Self.batch, at: .at(2))
            Issue.record("committed without a sync")
        } catch {
            guard case .ambiguous = error else { throw error }
        }
        #expect(directory.failures > 0)
        #expect(throws: StoreFailure.self, "only close is left") { try store.commit(Self.batch, at: .at(3)) }
        // The checkpoint that has to prove the disk finds that it still fails.
        store.close()
        let second = try directory.store()
        #expect(throws: StoreFailure.self) { try second.checkpoint(truncate: true) }
        second.close()

        directory.mend()
        let third = try Store.open(directory: directory.path)
        var model = FactModel()
        try third.load { model.apply($0) }
        try third.checkpoint(truncate: true)
        #expect(model == FactModel(Sample.world + Self.batch) || model == FactModel(Sample.world))
        #expect(third.logBytes == 0)
        let more = [Fact.session(Sample.session(1))]
        try third.commit(more, at: .at(4))
        third.close()
        for fact in more { model.apply(fact) }
        #expect(try directory.reloaded() == model)
    }

    @Test func aFullDiskStopsACheckpointOnly() throws {
        let directory = try Disk()
        let store = try directory.store()
        try store.commit(Sample.world + Self.batch, at: .at(1))
        directory.fail(simulated_disk_short_write, after: 1, only: ".sqlite")
        #expect(throws: StoreFailure.full) { try store.checkpoint(truncate: false) }
        try store.commit([.session(Sample.session(1))], at: .at(2))
        directory.mend()
        try store.checkpoint(truncate: true)
        store.close()
        #expect(try directory.reloaded().sessions.count == 1)
    }

    /// A defect of ours, caught by the file's own constraints: nothing is written, and the store goes on.
    @Test(arguments: [
        ("a session of nobody", [Fact.session(Sample.session(1, of: 99))]),
        ("a reservation of no date", [.reservation(noDate)]),
        (
            "a payment without its entry",
            [.reservation(Sample.reservation(1)), .payment(Sample.payment(1, of: 1, entry: 9))]
        ),
        ("a name twice", [.member(Sample.member(3, "Ann"))]),
        ("an entry twice", [.ledger(Sample.charge(1)), .ledger(Sample.charge(1))]),
        ("a status of a later version", [.token(Sample.token(1, .unknown(99)))]),
        ("a token that was skipped", [.token(Sample.token(5)), .token(Sample.token(4))]),
        ("a reservation that was skipped", [.reservation(Sample.reservation(5)), .reservation(Sample.reservation(4))]),
        ("a room of no concert", [.room(otherRoom)]),
    ])
    func whatBreaksAConstraintIsNotWritten(_ name: String, _ facts: [Fact]) throws {
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        try store.commit(Sample.world, at: .at(1))
        do {
            try store.commit([.session(Sample.session(7))] + facts, at: .at(2))
            Issue.record("\(name) was committed")
        } catch {
            guard case .failed = error else { throw error }
        }
        try store.commit([.session(Sample.session(8))], at: .at(3))
        store.close()
        let model = try directory.reloaded()
        #expect(Array(model.sessions.keys) == [SessionID(8)])
        #expect(model.tokens.isEmpty && model.reservations.isEmpty && model.ledger.isEmpty)
    }

    /// A rolled-back row must not become the start of a history.
    @Test func aRollbackLeavesHistoriesAsTheyWere() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        try store.commit(Sample.world + [.ledger(Sample.charge(1))], at: .at(1))
        #expect(throws: StoreFailure.self) {
            try store.commit([.ledger(Sample.charge(2)), .session(Sample.session(1, of: 99))], at: .at(2))
        }
        let history = try store.history()
        #expect(try await history.ledger(of: 1).entries.map(\.entry) == [LedgerEntryID(1)])
        try store.commit([.ledger(Sample.charge(2, to: 1, 5))], at: .at(3))
        #expect(try await history.ledger(of: 1).entries.map(\.entry) == [LedgerEntryID(2), LedgerEntryID(1)])
    }

    static var noDate: ReservationRow {
        var row = Sample.reservation(1)
        row.performance = PerformanceID(99)
        return row
    }
    static var otherRoom: RoomRow {
        var row = Sample.room
        row.concert = ConcertID(99)
        return row
    }
}

extension TemporaryDirectory {
    /// What a crash at this moment would leave, in a directory of its own: the files without the lock and without the
    /// memory that processes share.
    func crashed() throws -> TemporaryDirectory {
        let copy = try TemporaryDirectory()
        for name in ["boxoffice.sqlite", "boxoffice.sqlite-wal", "boxoffice.witness"] {
            try FileManager.default.copyItem(atPath: "\(path)/\(name)", toPath: "\(copy.path)/\(name)")
        }
        return copy
    }
}
