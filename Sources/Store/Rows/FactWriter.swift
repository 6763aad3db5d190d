import BoxOfficeEngine
import BoxOfficeProtocol
import GRDB

/// Writes facts as rows, inside a transaction of its caller. After one that failed a new writer is needed: this one
/// counts rows that are not there.
final class FactWriter {
    private let db: Database
    private var statements: [String: RowStatement] = [:]
    private var text = RowText()
    private let chains: Chains

    // What an on-sale writes is looked up by no name. A row of a higher id than any is inserted and any other updated:
    // one INSERT … ON CONFLICT for both took SQLite twice the time of an INSERT.
    let begin: RowStatement
    let commit: RowStatement
    private let newReservation: RowStatement
    private let reservation: RowStatement
    private let newToken: RowStatement
    private let token: RowStatement
    private let notice: RowStatement
    private let operation: RowStatement
    private var newestReservation: UInt64
    private var newestToken: UInt64

    init(on db: Database, chains: Chains) throws {
        self.db = db
        self.chains = chains
        begin = try RowStatement("BEGIN IMMEDIATE", on: db)
        commit = try RowStatement("COMMIT", on: db)
        newReservation = try RowStatement("INSERT INTO reservation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", on: db)
        reservation = try RowStatement(
            """
            UPDATE reservation SET member = ?2, performance = ?3, seats = ?4, prices = ?5, status = ?6, held_at = ?7,
              expires_at = ?8, payment = ?9, ended_at = ?10 WHERE id = ?1
            """, on: db)
        newToken = try RowStatement("INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", on: db)
        token = try RowStatement(
            """
            UPDATE token SET concert = ?2, member = ?3, status = ?4, rank = ?5, joined_at = ?6, admitted_at = ?7,
              active_until = ?8, called_until = ?9, ended_at = ?10 WHERE id = ?1
            """, on: db)
        notice = try RowStatement("INSERT INTO notice VALUES (?, ?, ?, ?, ?, ?, ?)", on: db)
        operation = try RowStatement("INSERT INTO operation VALUES (?, ?, ?, ?, ?, ?, ?)", on: db)
        newestReservation = try Self.newest("reservation", on: db)
        newestToken = try Self.newest("token", on: db)
    }

    private static func newest(_ table: String, on db: Database) throws -> UInt64 {
        var newest: UInt64 = 0
        try RowStatement("SELECT coalesce(max(id), 0) FROM \(table)", on: db).eachRow { newest = $0.unsigned() }
        return newest
    }

    func write(_ fact: Fact) throws {
        switch fact {
        case .member(let row): try write(row)
        case .session(let row): try write(row)
        case .sessionEnded(let id): try run("DELETE FROM session WHERE id = ?") { $0.bind(id) }
        case .ledger(let row): try write(row)
        case .plan(let row): try write(row)
        case .concert(let row): try write(row)
        case .performance(let row): try write(row)
        case .room(let row): try write(row)
        case .token(let row): try write(row)
        case .reservation(let row): try write(row)
        case .payment(let row): try write(row)
        case .notice(let row): try write(row)
        case .noticesPruned(_, _, let rows):
            for row in rows { try run("DELETE FROM notice WHERE id = ?") { $0.bind(row) } }
        case .operation(let row): try write(row)
        case .operationsPruned(let floor, let row):
            try run("DELETE FROM operation WHERE id <= ?") { $0.bind(row) }
            try run("UPDATE meta SET operation_floor = ?, operations_pruned = ?") {
                $0.bind(floor)
                $0.bind(row)
            }
        }
    }

    /// One more batch, committed at this instant.
    func writeCommit(at now: Instant) throws {
        try run("UPDATE meta SET committed_at = ?, commits = commits + 1") { $0.bind(now) }
    }

    func run(_ sql: String, _ bind: (RowStatement) -> Void) throws {
        let statement: RowStatement
        if let known = statements[sql] {
            statement = known
        } else {
            statement = try RowStatement(sql, on: db)
            statements[sql] = statement
        }
        bind(statement)
        try statement.run()
    }

    // MARK: What an on-sale writes

    private func write(_ row: ReservationRow) throws {
        let isNew = row.id.rawValue > newestReservation
        let statement = isNew ? newReservation : reservation
        statement.bind(row.id)
        statement.bind(row.member)
        statement.bind(row.performance)
        text.array(of: row.seats)
        statement.bind(text: text.bytes)
        text.array(of: row.prices)
        statement.bind(text: text.bytes)
        statement.bind(row.status.name)
        statement.bind(row.heldAt)
        statement.bind(row.expiresAt)
        statement.bind(row.payment)
        statement.bind(row.endedAt)
        if isNew {
            statement.bind(chains.append(row.id.rawValue, to: .reservations, of: row.member))
            newestReservation = row.id.rawValue
        }
        try statement.run()
        guard isNew || db.changesCount == 1 else { throw StoreFailure.failed("reservation \(row.id) is not there") }
    }

    private func write(_ row: NoticeRow) throws {
        notice.bind(row.id)
        notice.bind(row.member)
        notice.bind(row.sequence)
        notice.bind(row.at)
        notice.bind(row.opcode.name)
        notice.bind(row.subject)
        notice.bind(row.body)
        try notice.run()
    }

    private func write(_ row: OperationRow) throws {
        operation.bind(row.id)
        text.name(of: row.owner)
        operation.bind(text: text.bytes)
        operation.bind(row.key.rawValue)
        operation.bind(row.opcode.name)
        operation.bind(row.digest)
        operation.bind(row.result)
        operation.bind(row.at)
        try operation.run()
    }

    private func write(_ row: TokenRow) throws {
        let isNew = row.id.rawValue > newestToken
        let statement = isNew ? newToken : token
        statement.bind(row.id)
        statement.bind(row.concert)
        statement.bind(row.member)
        statement.bind(row.status.name)
        statement.bind(row.rank)
        statement.bind(row.joinedAt)
        statement.bind(row.admittedAt)
        statement.bind(row.activeUntil)
        statement.bind(row.calledUntil)
        statement.bind(row.endedAt)
        if isNew { newestToken = row.id.rawValue }
        try statement.run()
        guard isNew || db.changesCount == 1 else { throw StoreFailure.failed("token \(row.id) is not there") }
    }

    private func write(_ row: LedgerRow) throws {
        let debit = previous(row, on: row.debit)
        let credit = previous(row, on: row.credit)
        try run("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?)") {
            $0.bind(row.id)
            $0.bind(row.at)
            text.name(of: row.debit)
            $0.bind(text: text.bytes)
            text.name(of: row.credit)
            $0.bind(text: text.bytes)
            $0.bind(row.amount)
            $0.bind(row.reservation)
            $0.bind(debit)
            $0.bind(credit)
        }
    }

    /// The entry before this one on a member's account; other accounts have no chain.
    private func previous(_ row: LedgerRow, on account: LedgerAccount) -> UInt64? {
        guard case .member(let member) = account else { return nil }
        return chains.append(row.id.rawValue, to: .ledger, of: member)
    }

    private func write(_ row: PaymentRow) throws {
        try run("INSERT INTO payment VALUES (?, ?, ?, ?, ?, ?, ?)") {
            $0.bind(row.id)
            $0.bind(row.reservation)
            $0.bind(row.member)
            $0.bind(row.amount)
            $0.bind(row.at)
            $0.bind(row.entry)
            $0.bind(chains.append(row.id.rawValue, to: .payments, of: row.member))
        }
    }
}
