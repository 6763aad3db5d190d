import BoxOfficeEngine
import BoxOfficeProtocol
import GRDB

/// A way along a member's chain of rows, from newer to older.
protocol HistoryWalk {
    associatedtype Row
    /// The row of this id, whether it belongs on the page, and the id of the member's row before it. Nil when it is no row of
    /// the member's.
    mutating func step(_ id: UInt64) throws -> (row: Row?, previous: UInt64?)?
}

/// A page of at most `limit` rows, and whether there are older ones that belong to it.
func page<W: HistoryWalk>(
    _ walk: inout W, from newest: UInt64?, before: UInt64, limit: Int
) throws -> (rows: [W.Row], more: Bool) {
    var next = newest
    if before != 0 {
        if let known = try walk.step(before) {
            next = known.previous
        } else {
            // Not one of the member's rows: nothing a client of ours asks, so it may take the long way.
            while let id = next, id >= before { next = try walk.step(id)?.previous }
        }
    }
    var rows: [W.Row] = []
    let limit = min(max(1, limit), History.rowsMax)
    while let id = next, let (row, previous) = try walk.step(id) {
        next = previous
        guard let row else { continue }
        if rows.count == limit { return (rows, true) }
        rows.append(row)
    }
    return (rows, false)
}

struct LedgerWalk: HistoryWalk {
    private let statement: RowStatement
    private let account: LedgerAccount

    init(on db: Database, member: MemberID) throws {
        statement = try RowStatement("SELECT * FROM ledger WHERE id = ?", of: .ledger, on: db)
        account = .member(member)
    }

    mutating func step(_ id: UInt64) throws -> (row: LedgerRow?, previous: UInt64?)? {
        var found: (LedgerRow?, UInt64?)?
        try statement.eachRow(binding: { $0.bind(id) }) {
            let row = try LedgerRow(&$0)
            let (debitPrevious, creditPrevious) = ($0.optionalUnsigned(), $0.optionalUnsigned())
            if row.debit == account {
                found = (row, debitPrevious)
            } else if row.credit == account {
                found = (row, creditPrevious)
            }
        }
        return found
    }
}

struct PaymentWalk: HistoryWalk {
    private let statement: RowStatement
    private let member: MemberID

    init(on db: Database, member: MemberID) throws {
        statement = try RowStatement("SELECT * FROM payment WHERE id = ?", of: .payment, on: db)
        self.member = member
    }

    mutating func step(_ id: UInt64) throws -> (row: PaymentRow?, previous: UInt64?)? {
        var found: (PaymentRow?, UInt64?)?
        try statement.eachRow(binding: { $0.bind(id) }) {
            let row = PaymentRow(&$0)
            if row.member == member { found = (row, $0.optionalUnsigned()) }
        }
        return found
    }
}

struct ReservationWalk: HistoryWalk {
    private let statement: RowStatement
    private let member: MemberID
    private let performance: PerformanceID?

    init(on db: Database, member: MemberID, performance: PerformanceID?) throws {
        statement = try RowStatement("SELECT * FROM reservation WHERE id = ?", of: .reservation, on: db)
        self.member = member
        self.performance = performance
    }

    mutating func step(_ id: UInt64) throws -> (row: ReservationRow?, previous: UInt64?)? {
        var found: (ReservationRow?, UInt64?)?
        try statement.eachRow(binding: { $0.bind(id) }) {
            let row = try ReservationRow(&$0)
            guard row.member == member else { return }
            found = (performance == nil || row.performance == performance ? row : nil, $0.optionalUnsigned())
        }
        return found
    }
}

extension LedgerEntry {
    init(_ row: LedgerRow) {
        self.init(
            entry: row.id, at: row.at, debit: row.debit.description, credit: row.credit.description,
            amount: row.amount, reservation: row.reservation)
    }
}

extension Payment {
    init(_ row: PaymentRow) {
        self.init(payment: row.id, reservation: row.reservation, entry: row.entry, amount: row.amount, at: row.at)
    }
}
