import BoxOfficeEngine
import BoxOfficeProtocol
import GRDB

/// Writes facts as rows, inside a transaction of its caller. After one that failed a new writer is needed: this one
/// counts rows that are not there.
final class FactWriter {
    let db: Database
    private var statements: [String: RowStatement] = [:]
    var text = RowText()
    let chains: Chains

    // What an on-sale writes is looked up by no name. A row of a higher id than any is inserted and any other updated:
    // one INSERT … ON CONFLICT for both took SQLite twice the time of an INSERT.
    let begin: RowStatement
    let commit: RowStatement
    let newReservation: RowStatement
    let reservation: RowStatement
    let newToken: RowStatement
    let token: RowStatement
    let notice: RowStatement
    let operation: RowStatement
    var newestReservation: UInt64
    var newestToken: UInt64

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
            UPDATE token SET concert = ?2, member = ?3, status = ?4, ticket = ?5, joined_at = ?6, admitted_at = ?7,
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
        case .roomChange(let row): try write(row)
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
}
