import BoxOfficeAudit
import BoxOfficeEngine
import BoxOfficeProtocol
import Foundation
import GRDB
import Testing

@testable import BoxOfficeStore

/// A hold, its notice and its operation are one row, and three facts again at a start.
@Suite struct HoldRowTests {
    private static let hold = Sample.hold(1, [0, 2], notice: 7, 1, operation: 9)

    private static func rows(_ directory: TemporaryDirectory) throws -> [String] {
        try ["reservation", "notice", "operation"].map {
            try shell(directory.file, "SELECT count(*) FROM \($0)")
        }
    }

    @Test func aHoldIsOneRow() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        try store.commit(Sample.world + Self.hold, at: .at(10))
        #expect(try Self.rows(directory) == ["1", "0", "0"])
        guard case .notice(let notice) = Self.hold[1] else { return }
        let history = try store.history()
        #expect(try await history.notices([7, 8]) == [notice])
        store.close()
        #expect(try directory.reloaded() == FactModel(Sample.world + Self.hold))
        #expect(
            try shell(directory.file, "SELECT member, sequence, kind, subject, bytes FROM notices") == "1|1|held|1|0")
        #expect(try shell(directory.file, "SELECT operation, owner, request FROM operations") == "9|member:1|hold")
        // Found again by a history after a start.
        let again = try directory.store()
        #expect(try await again.history().notices([7]) == [notice])
    }

    /// Whatever is not exactly what a reservation's row says is kept as it is.
    @Test func whatIsNoHoldKeepsItsOwnRows() throws {
        func notice(_ change: (inout NoticeRow) -> Void) -> [Fact] {
            guard case .notice(var row) = Self.hold[1] else { return [] }
            change(&row)
            return [Self.hold[0], .notice(row), Self.hold[2]]
        }
        func operation(_ change: (inout OperationRow) -> Void) -> [Fact] {
            guard case .operation(var row) = Self.hold[2] else { return [] }
            change(&row)
            return [Self.hold[0], Self.hold[1], .operation(row)]
        }
        let cases: [(String, [Fact])] = [
            ("another's notice", notice { $0.member = MemberID(2) }),
            ("a notice of another instant", notice { $0.at = .at(5) }),
            ("of another kind", notice { $0.opcode = .released }),
            ("about something else", notice { $0.subject = 2 }),
            ("with a body", notice { $0.body = [1] }),
            ("another's operation", operation { $0.owner = .member(MemberID(2)) }),
            ("a sign-up's", operation { $0.owner = .name("ann") }),
            ("an operation of another instant", operation { $0.at = .at(5) }),
            (
                "of another kind",
                operation {
                    $0.opcode = .release
                    $0.result = .response($0.result.bytes)
                }
            ),
            ("with another result", operation { $0.result = .hold(ReservationID(2)) }),
            ("with a whole result", operation { $0.result = .response($0.result.bytes + [0]) }),
            ("a notice without an operation", Array(Self.hold.prefix(2))),
            ("in another order", [Self.hold[0], Self.hold[2], Self.hold[1]]),
            ("a reservation alone", [Self.hold[0]]),
        ]
        for (name, facts) in cases {
            let directory = try TemporaryDirectory()
            let store = try directory.store()
            try store.commit(Sample.world + facts, at: .at(10))
            store.close()
            #expect(
                try shell(directory.file, "SELECT count(*) FROM reservation WHERE notice IS NULL") == "1", "\(name)")
            #expect(try directory.reloaded() == FactModel(Sample.world + facts), "\(name)")
        }
    }

    @Test func whatRidesStaysUntilItIsPruned() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        guard case .reservation(var row) = Self.hold[0] else { return }
        (row.status, row.endedAt) = (.expired, .at(304))
        var facts: [Fact] = []
        func commit(_ next: [Fact]) throws {
            try store.commit(next, at: .at(400))
            facts += next
            #expect(try directory.crashed().reloaded() == FactModel(facts))
        }
        try commit(Sample.world)
        // Between notices and operations with rows of their own, in the order of their numbers.
        try commit([.notice(Sample.notice(3, to: 2, 1)), .operation(Sample.operation(4))])
        try commit(Self.hold)
        try commit([.reservation(row), .notice(Sample.notice(8, 2)), .operation(Sample.operation(10))])
        try commit(Sample.hold(2, of: 2, [5], notice: 11, 2, operation: 12))
        var order: [UInt64] = []
        let copy = try directory.crashed()
        let other = try copy.store()
        try other.load { fact in
            switch fact {
            case .notice(let row): order.append(row.id)
            case .operation(let row): order.append(row.id)
            default: break
            }
        }
        other.close()
        #expect(order == [3, 7, 8, 11, 4, 9, 10, 12])
        #expect(try shell(copy.file, "SELECT count(*) FROM reservation WHERE notice IS NOT NULL") == "2")

        let history = try store.history()
        #expect(try await history.notices([3, 7, 8, 11]).map(\.id) == [3, 7, 8, 11])
        try commit([.noticesPruned(MemberID(1), through: 1, rows: [7])])
        #expect(try await history.notices([3, 7, 8, 11]).map(\.id) == [3, 8, 11])
        try commit([.operationsPruned(floor: .at(1), throughRow: 9)])
        #expect(try shell(directory.file, "SELECT group_concat(operation) FROM operations") == "10,12")
    }

    @Test func aHoldThatWasRolledBackWasNever() async throws {
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        try store.commit(Sample.world, at: .at(1))
        #expect(throws: StoreFailure.self) {
            try store.commit(Self.hold + [.payment(Sample.payment(1, of: 99, entry: 99))], at: .at(2))
        }
        let history = try store.history()
        #expect(try await history.notices([7]) == [])
        // Its number may be another notice's now, with a row of its own.
        let notice = Sample.notice(7, 1)
        try store.commit([.notice(notice)], at: .at(3))
        #expect(try await history.notices([7]) == [notice])
    }

    /// A file as version 3 left it, with its checksums and its witness.
    private func version3() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try MigrationTests.version1(in: directory)
        let queue = try DatabaseQueue(path: directory.file)
        try Schema.migrator.migrate(queue, upTo: "3")
        let record = try queue.write { try CommitRecord(on: $0) }
        try queue.close()
        let witness = try Witness(path: directory.path + "/boxoffice.witness")
        try witness.write(record)
        witness.close()
        return directory
    }

    @Test func version3BecomesTheNewest() throws {
        let directory = try version3()
        let before = try shell(directory.file, "SELECT id, seats, status, held_at, previous FROM reservation")
        let store = try directory.store()
        try store.commit(Sample.hold(4, of: 1, [3], notice: 50, 99, operation: 50), at: .at(10))
        store.close()
        #expect(try shell(directory.file, "PRAGMA user_version") == "4")
        #expect(
            try shell(directory.file, "SELECT id, seats, status, held_at, previous FROM reservation WHERE id < 4")
                == before)
        #expect(try shell(directory.file, "SELECT commits FROM meta") == "11", "bringing it up to date was one of them")
        #expect(try shell(directory.file, "SELECT count(*) FROM operation") == "1", "what was there stays where it was")
        #expect(try directory.reloaded().reservations.count == 4)
    }

    @Test func version3IsVerifiedFirst() throws {
        let garbled = try version3()
        #expect(try shell(garbled.file, "UPDATE ledger SET amount = 101 WHERE id = 1", readOnly: false) == "")
        #expect(throws: StoreFailure.damaged("row 1 of ledger does not fit its checksum")) {
            try Store.open(directory: garbled.path)
        }
        #expect(try shell(garbled.file, "PRAGMA user_version") == "3", "and is as it was")

        let older = try version3()
        let witness = try Witness(path: older.path + "/boxoffice.witness")
        var seen = try #require(witness.newest)
        seen.commit += 1
        try witness.write(seen)
        witness.close()
        do {
            _ = try Store.open(directory: older.path)
            Issue.record("opened")
        } catch {
            guard case .notWitnessed = error else { throw error }
        }
        #expect(try shell(older.file, "PRAGMA user_version") == "3")

        let copy = try version3()
        _ = try shell(copy.file, "UPDATE ledger SET amount = 101 WHERE id = 1", readOnly: false)
        let restored = try TemporaryDirectory()
        #expect(throws: StoreFailure.damaged("row 1 of ledger does not fit its checksum")) {
            try Store.restore(copy.file, into: restored.path, replaces: false) { _ in }
        }
    }
}
