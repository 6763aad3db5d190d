import BoxOfficeEngine
import BoxOfficeProtocol
import GRDB

/// Writes facts as rows, inside a transaction of its caller. After one that failed a new writer is needed: this one
/// counts rows that are not there.
final class FactWriter {
    let db: Database
    private var statements: [String: RowStatement] = [:]
    let chains: Chains
    let heldNotices: HeldNotices

    // What an on-sale writes is looked up by no name. A row of a higher id than any is inserted and any other updated:
    // one INSERT … ON CONFLICT for both took SQLite twice the time of an INSERT.
    let begin: RowStatement
    let commit: RowStatement
    let newReservation: RowStatement
    let reservation: RowStatement
    let oldReservation: RowStatement
    let newToken: RowStatement
    let token: RowStatement
    let oldToken: RowStatement
    let notice: RowStatement
    let operation: RowStatement
    var newestReservation: UInt64
    var newestToken: UInt64
    var newestEntry: UInt64

    /// As they will be after the transaction.
    var seals: Seals
    private var sealsBefore: Seals
    /// The newest commit.
    private(set) var record: CommitRecord

    init(on db: Database, chains: Chains, heldNotices: HeldNotices) throws {
        self.db = db
        self.chains = chains
        self.heldNotices = heldNotices
        begin = try RowStatement("BEGIN IMMEDIATE", on: db)
        commit = try RowStatement("COMMIT", on: db)
        newReservation = try RowStatement(
            "INSERT INTO reservation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", of: .reservation,
            on: db)
        reservation = try RowStatement(
            """
            UPDATE reservation SET member = ?2, performance = ?3, seats = ?4, prices = ?5, status = ?6, held_at = ?7,
              expires_at = ?8, payment = ?9, ended_at = ?10, previous = ?11, notice = ?12, notice_sequence = ?13,
              operation = ?14, operation_key = ?15, operation_digest = ?16, checksum = ?17 WHERE id = ?1
            """, of: .reservation, on: db)
        oldReservation = try RowStatement("SELECT * FROM reservation WHERE id = ?", of: .reservation, on: db)
        newToken = try RowStatement(
            "INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", of: .token, on: db)
        token = try RowStatement(
            """
            UPDATE token SET concert = ?2, member = ?3, status = ?4, ticket = ?5, joined_at = ?6, admitted_at = ?7,
              active_until = ?8, called_until = ?9, ended_at = ?10, checksum = ?11 WHERE id = ?1
            """, of: .token, on: db)
        oldToken = try RowStatement("SELECT * FROM token WHERE id = ?", of: .token, on: db)
        notice = try RowStatement("INSERT INTO notice VALUES (?, ?, ?, ?, ?, ?, ?, ?)", of: .notice, on: db)
        operation = try RowStatement("INSERT INTO operation VALUES (?, ?, ?, ?, ?, ?, ?, ?)", of: .operation, on: db)
        newestReservation = try Self.newest("reservation", on: db)
        newestToken = try Self.newest("token", on: db)
        newestEntry = try Self.newest("ledger", on: db)
        seals = try Seals(on: db)
        sealsBefore = seals
        record = try CommitRecord(on: db)
    }

    private static func newest(_ table: String, on db: Database) throws -> UInt64 {
        var newest: UInt64 = 0
        try RowStatement("SELECT coalesce(max(id), 0) FROM \(table)", on: db).eachRow { newest = $0.unsigned() }
        return newest
    }

    /// Each as a row of its own, but for a hold, which is one with its notice and its operation.
    func write(_ facts: [Fact]) throws {
        var index = 0
        while index < facts.count {
            if index + 2 < facts.count, case .reservation(let row) = facts[index], row.id.rawValue > newestReservation,
                case .notice(let notice) = facts[index + 1], case .operation(let operation) = facts[index + 2],
                let rider = HoldRider(of: row, notice, operation), heldNotices.take(notice.id, in: row.id.rawValue)
            {
                try write(row, rider)
                index += 3
            } else {
                try write(facts[index])
                index += 1
            }
        }
    }

    private func write(_ fact: Fact) throws {
        switch fact {
        case .member(let row): try write(row)
        case .session(let row): try write(row)
        case .sessionEnded(let id): try delete(from: .session, where: "id = ?") { $0.bind(id) }
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
        case .noticesPruned(_, _, let rows): for row in rows { try prune(notice: row) }
        case .operation(let row): try write(row)
        case .operationsPruned(let floor, let row):
            try delete(from: .operation, where: "id <= ?") { $0.bind(row) }
            record.operationFloor = floor
            record.operationsPruned = row
        }
    }

    /// One more batch, committed at this instant: the seals of the tables that it touched, and the head over all.
    func writeCommit(at now: Instant) throws {
        for table in SealedTable.allCases
        where seals.sum(of: table) != sealsBefore.sum(of: table) || seals.rows(of: table) != sealsBefore.rows(of: table)
        {
            try run("UPDATE seal SET rows = ?2, sum = ?3 WHERE id = ?1") {
                $0.bind(Int64(table.rawValue))
                $0.bind(seals.rows(of: table))
                $0.bind(seals.sum(of: table))
            }
        }
        sealsBefore = seals
        record.advance(at: now, over: seals)
        try run(
            """
            UPDATE meta SET committed_at = ?, commits = ?, operation_floor = ?, operations_pruned = ?, head_before = ?,
              head = ?
            """
        ) {
            $0.bind(record.committedAt)
            $0.bind(record.number)
            $0.bind(record.operationFloor)
            $0.bind(record.operationsPruned)
            $0.bind(record.headBefore)
            $0.bind(record.head)
        }
    }

    // MARK: Sealed rows

    /// Inserts a row, or puts it into the place of a known one, with this SQL.
    func put(_ sql: String, into table: SealedTable, _ key: (inout RowImage) -> Void, _ bind: (inout RowImage) -> Void)
        throws
    {
        let condition = table.key.map { "\($0) = ?" }.joined(separator: " AND ")
        try forget(try statement("SELECT * FROM \(table.name) WHERE \(condition)", of: table), key)
        try insert(sql, into: table, bind)
    }

    /// Inserts a row that is new.
    func insert(_ sql: String, into table: SealedTable, _ bind: (inout RowImage) -> Void) throws {
        seals.add(try statement(sql, of: table).runSealed(bind), to: table)
    }

    func delete(from table: SealedTable, where condition: String, _ bind: (inout RowImage) -> Void) throws {
        try forget(try statement("SELECT * FROM \(table.name) WHERE \(condition)", of: table), bind)
        try run("DELETE FROM \(table.name) WHERE \(condition)", bind)
    }

    /// Takes rows that are about to go or to change out of their table's seal. They are found to fit their checksums
    /// first: what a disk has garbled since the load must not be sealed anew.
    func forget(
        _ rows: RowStatement, _ bind: (inout RowImage) -> Void, _ body: (inout RowColumns) throws -> Void = { _ in }
    ) throws {
        guard let table = rows.table else { return }
        try rows.eachRow(binding: bind) {
            seals.remove($0.checksum, from: table)
            try body(&$0)
        }
    }

    func run(_ sql: String, _ bind: (inout RowImage) -> Void) throws { try statement(sql).run(bind) }

    private func statement(_ sql: String, of table: SealedTable? = nil) throws -> RowStatement {
        if let known = statements[sql] { return known }
        let statement = try RowStatement(sql, of: table, on: db)
        statements[sql] = statement
        return statement
    }
}
