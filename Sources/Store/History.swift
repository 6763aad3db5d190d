import BoxOfficeEngine
import BoxOfficeProtocol
import CSQLite
import Dispatch
import Foundation
import GRDB

/// Reads members' histories beside the writer, page by page, on a connection and a queue of its own.
///
/// A page is newest first and follows the chain of the member's rows by primary key, so that it costs as many reads as it
/// has rows, however long the history. What was committed before the call is in it.
public final class History: Sendable {
    /// Reads that may wait; one more is refused with `.busy`.
    public static let waitingMax = 1024
    /// Rows in a page, whatever was asked.
    public static let rowsMax = WireLimits.pageItemsMax

    private let database: DatabaseQueue
    private let queue: HistoryQueue
    private let chains: Chains
    private let heldNotices: HeldNotices
    private let waiting = Waiting(max: History.waitingMax)

    init(file: String, chains: Chains, heldNotices: HeldNotices, queue: HistoryQueue) throws(StoreFailure) {
        var configuration = Configuration()
        configuration.label = "boxoffice.history"
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            csqlite_defend(db.sqliteConnection)
            csqlite_refuse_extensions(db.sqliteConnection)
            // One connection checkpoints, and it is not this one.
            csqlite_leave_log_at_close(db.sqliteConnection)
            try db.execute(sql: "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0")
        }
        do {
            database = try DatabaseQueue(path: file, configuration: configuration)
        } catch {
            throw StoreFailure(harmless: error)
        }
        self.queue = queue
        self.chains = chains
        self.heldNotices = heldNotices
    }

    /// Entries of a member's account, newest first.
    ///
    /// - Parameters:
    ///   - before: Only entries before this one; 0 for the newest.
    ///   - limit: At most this many.
    ///   - then: Called on the history's queue.
    public func ledger(
        of member: MemberID, before: LedgerEntryID, limit: Int,
        then: @escaping @Sendable (Result<LedgerPage, StoreFailure>) -> Void
    ) {
        let newest = chains.newest(in: .ledger, of: member)
        read(then) { db in
            var walk = try LedgerWalk(on: db, member: member)
            let (rows, more) = try page(&walk, from: newest, before: before.rawValue, limit: limit)
            return LedgerPage(entries: rows.map(LedgerEntry.init), more: more)
        }
    }

    /// A member's payments, newest first. Parameters as for `ledger`.
    public func payments(
        of member: MemberID, before: PaymentID, limit: Int,
        then: @escaping @Sendable (Result<PaymentPage, StoreFailure>) -> Void
    ) {
        let newest = chains.newest(in: .payments, of: member)
        read(then) { db in
            var walk = try PaymentWalk(on: db, member: member)
            let (rows, more) = try page(&walk, from: newest, before: before.rawValue, limit: limit)
            return PaymentPage(payments: rows.map(Payment.init), more: more)
        }
    }

    /// A page of reservations as they stand.
    public struct Reservations: Hashable, Sendable {
        /// Newest first.
        public var rows: [ReservationRow]
        /// Whether there are older ones.
        public var more: Bool
    }

    /// A member's reservations, newest first. Parameters as for `ledger`.
    ///
    /// - Parameter performance: Only those of this date. Those of other dates are passed over one by one.
    public func reservations(
        of member: MemberID, before: ReservationID, limit: Int, performance: PerformanceID? = nil,
        then: @escaping @Sendable (Result<Reservations, StoreFailure>) -> Void
    ) {
        let newest = chains.newest(in: .reservations, of: member)
        read(then) { db in
            var walk = try ReservationWalk(on: db, member: member, performance: performance)
            let (rows, more) = try page(&walk, from: newest, before: before.rawValue, limit: limit)
            return Reservations(rows: rows, more: more)
        }
    }

    /// What operators changed about a room, newest first. Parameters as for `ledger`.
    public func roomChanges(
        of concert: ConcertID, before: RoomChangeID, limit: Int,
        then: @escaping @Sendable (Result<(rows: [RoomChangeRow], more: Bool), StoreFailure>) -> Void
    ) {
        read(then) { db in
            let statement = try RowStatement(
                "SELECT * FROM room_change WHERE concert = ? AND id < ? ORDER BY id DESC LIMIT ?", of: .roomChange,
                on: db)
            let limit = min(max(1, limit), History.rowsMax)
            var rows: [RoomChangeRow] = []
            try statement.eachRow(
                binding: {
                    $0.bind(concert)
                    $0.bind(before.rawValue == 0 ? Int64.max : Int64(clamping: before.rawValue))
                    $0.bind(Int64(limit) + 1)
                }, { rows.append(try RoomChangeRow(&$0)) })
            return (Array(rows.prefix(limit)), rows.count > limit)
        }
    }

    /// Notices by their row ids, with bodies unless they have none (`NoticeRow.body`), in the order of `rows`. Those pruned
    /// meanwhile are left out.
    public func notices(
        rows: [UInt64], then: @escaping @Sendable (Result<[NoticeRow], StoreFailure>) -> Void
    ) {
        read(then) { [heldNotices] db in
            let statement = try RowStatement("SELECT * FROM notice WHERE id = ?", of: .notice, on: db)
            let reservation = try RowStatement(
                "SELECT * FROM reservation WHERE id = ?", of: .reservation, on: db)
            var notices: [NoticeRow] = []
            notices.reserveCapacity(rows.count)
            for row in rows {
                if let held = heldNotices.reservation(of: row) {
                    try reservation.eachRow(binding: { $0.bind(held) }) {
                        let held = try ReservationRow(&$0)
                        $0.skip(1)
                        if let notice = try HoldRider(&$0).notice(of: held) { notices.append(notice) }
                    }
                    continue
                }
                try statement.eachRow(binding: { $0.bind(row) }) {
                    notices.append(try NoticeRow(&$0, withBody: true))
                }
            }
            return notices
        }
    }

    /// Ends it; reads that wait are answered first, later ones fail.
    func close() {
        queue.sync {
            waiting.close()
            try? database.close()
        }
    }

    /// Runs `body` in a read transaction, unless too many wait.
    private func read<T: Sendable>(
        _ then: @escaping @Sendable (Result<T, StoreFailure>) -> Void,
        _ body: @escaping @Sendable (Database) throws -> T
    ) {
        guard waiting.enter() else { return then(.failure(.busy)) }
        queue.async { [database, waiting] in
            let result = Result {
                // GRDB's `read` takes it for granted that the file is open.
                if waiting.isClosed { throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "closed") }
                return try database.read(body)
            }.mapError(StoreFailure.init(harmless:))
            waiting.leave()
            then(result)
        }
    }
}

/// A serial queue for the reads of a history: what `async` is given runs in order, `sync` after all before it.
public struct HistoryQueue: Sendable {
    let async: @Sendable (@escaping @Sendable () -> Void) -> Void
    let sync: @Sendable (() -> Void) -> Void

    /// A queue of the caller's.
    public init(
        async: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void,
        sync: @escaping @Sendable (() -> Void) -> Void
    ) {
        self.async = async
        self.sync = sync
    }

    /// A queue of Dispatch's.
    public static func dispatch() -> HistoryQueue {
        let queue = DispatchQueue(label: "boxoffice.history")
        return HistoryQueue(async: { queue.async(execute: $0) }, sync: { queue.sync(execute: $0) })
    }
}

/// Counts reads that wait, and knows when there can be none any more.
///
/// `@unchecked Sendable`: `lock` is held for every access.
private final class Waiting: @unchecked Sendable {
    private let lock = NSLock()
    private let max: Int
    private var count = 0
    private var closed = false

    init(max: Int) { self.max = max }

    func enter() -> Bool {
        lock.withLock {
            guard count < max else { return false }
            count += 1
            return true
        }
    }

    func leave() { lock.withLock { count -= 1 } }

    func close() { lock.withLock { closed = true } }

    var isClosed: Bool { lock.withLock { closed } }
}
