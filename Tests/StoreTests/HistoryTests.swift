import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import Foundation
import Testing

extension History {
    func ledger(of member: UInt64, before: UInt64 = 0, limit: Int = 500) async throws -> LedgerPage {
        try await withCheckedThrowingContinuation { then in
            ledger(of: MemberID(member), before: LedgerEntryID(before), limit: limit) { then.resume(with: $0) }
        }
    }
    func payments(of member: UInt64, before: UInt64 = 0, limit: Int = 500) async throws -> PaymentPage {
        try await withCheckedThrowingContinuation { then in
            payments(of: MemberID(member), before: PaymentID(before), limit: limit) { then.resume(with: $0) }
        }
    }
    func reservations(
        of member: UInt64, before: UInt64 = 0, limit: Int = 500, performance: UInt64? = nil
    ) async throws -> Reservations {
        try await withCheckedThrowingContinuation { then in
            reservations(
                of: MemberID(member), before: ReservationID(before), limit: limit,
                performance: performance.map { PerformanceID($0) }
            ) { then.resume(with: $0) }
        }
    }
    func notices(_ rows: [UInt64]) async throws -> [NoticeRow] {
        try await withCheckedThrowingContinuation { then in notices(rows: rows) { then.resume(with: $0) } }
    }
}

@Suite struct HistoryTests {
    /// Thirty bookings in turn: Ann has the odd ones, Bob the even ones; every third is for the other date.
    private func bookings() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        var other = Sample.performance
        other.id = PerformanceID(2)
        other.key = "d2"
        try store.commit(Sample.world + [.performance(other)], at: .at(0))
        for id in UInt64(1)...30 {
            let member = 2 - id % 2
            var row = Sample.reservation(id, of: member)
            if id % 3 == 0 { row.performance = PerformanceID(2) }
            let entry = id * 2
            try store.commit([.reservation(row), .ledger(Sample.charge(entry - 1, to: member))], at: .at(1))
            row.status = .confirmed
            row.payment = PaymentID(id)
            try store.commit(
                [
                    .ledger(Sample.sale(entry, of: id, by: member)),
                    .payment(Sample.payment(id, of: id, by: member, entry: entry)), .reservation(row),
                    .notice(Sample.notice(id, to: member, (id + 1) / 2)),
                ], at: .at(2))
        }
        store.close()
        return directory
    }

    @Test func pagesAreNewestFirstAndLoseNothing() async throws {
        let directory = try bookings()
        let store = try directory.store()
        let history = try store.history()
        let anns = stride(from: UInt64(29), through: 1, by: -2)

        var ids: [UInt64] = []
        var page = try await history.reservations(of: 1, limit: 4)
        while true {
            ids += page.rows.map(\.id.rawValue)
            #expect(page.rows.allSatisfy { $0.member == MemberID(1) && $0.status == .confirmed })
            guard page.more, let last = ids.last else { break }
            #expect(page.rows.count == 4)
            page = try await history.reservations(of: 1, before: last, limit: 4)
        }
        #expect(ids == Array(anns))

        let table: [(before: UInt64, limit: Int, ids: [UInt64], more: Bool)] = [
            (0, 2, [29, 27], true), (29, 2, [27, 25], true), (30, 2, [29, 27], true), (4, 2, [3, 1], false),
            (3, 2, [1], false), (2, 5, [1], false), (1, 5, [], false), (1_000, 1, [29], true),
            (.max, 1, [29], true), (5, 2, [3, 1], false), (0, 15, Array(anns), false),
            (0, 14, Array(anns.dropLast()), true),
            (0, 0, [29], true), (0, -3, [29], true), (0, .max, Array(anns), false),
        ]
        for row in table {
            let page = try await history.reservations(of: 1, before: row.before, limit: row.limit)
            #expect(page.rows.map(\.id.rawValue) == row.ids && page.more == row.more, "before \(row.before)")
            let payments = try await history.payments(of: 1, before: row.before, limit: row.limit)
            #expect(payments.payments.map(\.payment.rawValue) == row.ids && payments.more == row.more)
        }

        let second = try await history.reservations(of: 2, limit: 3, performance: 2)
        #expect(second.rows.map(\.id.rawValue) == [30, 24, 18] && second.more)
        let rest = try await history.reservations(of: 2, before: 18, limit: 2, performance: 2)
        #expect(rest.rows.map(\.id.rawValue) == [12, 6] && !rest.more, "those of other dates do not count as more")

        let ledger = try await history.ledger(of: 2, limit: 3)
        #expect(ledger.entries.map(\.entry.rawValue) == [60, 59, 56] && ledger.more)
        #expect(ledger.entries.map(\.debit) == ["member:2", "topup", "member:2"])
        #expect(ledger.entries.map(\.reservation) == [ReservationID(30), nil, ReservationID(28)])
        let charge = try #require(ledger.entries.dropFirst().first)
        #expect(charge.credit == "member:2" && charge.amount == Points(100) && charge.at == .at(6))
        #expect(try await history.ledger(of: 2, before: 59, limit: 1).entries.map(\.entry.rawValue) == [56])

        #expect(try await history.notices([3, 1, 99, 2]).map(\.id) == [3, 1, 2], "those pruned are left out")
        #expect(try await history.notices([2]).first == Sample.notice(2, to: 2, 1))
        #expect(try await history.ledger(of: 77) == LedgerPage(entries: [], more: false))

        // What was committed before a page was asked for is in it, and a history goes on from before the restart.
        try store.commit([.reservation(Sample.reservation(31, of: 1))], at: .at(3))
        #expect(try await history.reservations(of: 1, limit: 2).rows.map(\.id.rawValue) == [31, 29])
        #expect(
            try shell(directory.file, "SELECT coalesce(previous, 0) FROM reservation WHERE id IN (1, 31)") == "0\n29")
        store.close()
        await #expect(throws: StoreFailure.self, "ended with its store") { try await history.ledger(of: 1) }
    }

    @Test func readsThatWaitHaveABound() throws {
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        try store.commit(Sample.world, at: .at(1))
        let history = try store.history()
        let gate = DispatchSemaphore(value: 0)
        history.notices(rows: []) { _ in gate.wait() }
        let answers = Answers()
        for _ in 0..<(History.waitingMax + 50) {
            history.notices(rows: []) { if $0 == .failure(.busy) { answers.countBusy() } }
        }
        gate.signal()
        store.close()  // Answers those that wait first.
        #expect((50...51).contains(answers.busy), "the first waits, or is being answered")
    }
}

/// `@unchecked Sendable`: `lock` is held for every access.
private final class Answers: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0
    var busy: Int { lock.withLock { count } }
    func countBusy() { lock.withLock { count += 1 } }
}
