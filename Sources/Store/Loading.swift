import BoxOfficeEngine
import BoxOfficeProtocol
import GRDB

/// Reads every row back as the fact that wrote it, in the order in which each may rest on those before.
///
/// On the way everything is verified: the file's structure, the definitions of the tables, each row by its checksum, each
/// ledger entry by its link to the one before, each table by its seal, and all of it by the head of the newest commit.
struct Loading {
    let db: Database
    let chains: Chains
    let heldNotices: HeldNotices
    let apply: (Fact) throws -> Void
    private let found = Found()

    /// What the rows that were read add up to, and what some of them have with them.
    private final class Found {
        var seals = Seals()
        /// Of holds, in their order.
        var notices: ArraySlice<NoticeRow> = []
        var operations: ArraySlice<OperationRow> = []
    }

    init(
        db: Database, chains: Chains, heldNotices: HeldNotices, apply: @escaping (Fact) throws -> Void
    ) {
        self.db = db
        self.chains = chains
        self.heldNotices = heldNotices
        self.apply = apply
    }

    /// Verifies a file, and keeps nothing of it.
    ///
    /// - Returns: The newest commit.
    @discardableResult
    static func verify(_ db: Database) throws -> CommitRecord {
        try Loading(db: db, chains: Chains(), heldNotices: HeldNotices()) { _ in }.run()
    }

    /// - Returns: The newest commit.
    func run() throws -> CommitRecord {
        chains.removeAll()
        heldNotices.removeAll()
        let record = try CommitRecord(on: db)
        guard try CommitRecord.definitions(on: db) == record.definitions else {
            throw StoreFailure.damaged("the definition of a table is not as it was made")
        }
        if let floor = record.operationFloor, let row = record.operationsPruned {
            try apply(.operationsPruned(floor: floor, throughRow: row))
        }
        try each(.member) { .member(MemberRow(&$0)) }
        try each(.session) { .session(try SessionRow(&$0)) }
        try plans()
        try each(.concert) { .concert(try ConcertRow(&$0)) }
        try each(.performance) { .performance(try PerformanceRow(&$0)) }
        try each(.room) { .room(try RoomRow(&$0)) }
        try each(.roomChange) { .roomChange(try RoomChangeRow(&$0)) }
        try each(.token) { .token(try TokenRow(&$0)) }
        try each(.reservation) {
            let row = try ReservationRow(&$0)
            chains.load(row.id.rawValue, to: .reservations, of: row.member)
            $0.skip(1)
            let rider = try HoldRider(&$0)
            if let notice = rider.notice(of: row) { found.notices.append(notice) }
            if let operation = rider.operation(of: row), operation.id > record.operationsPruned ?? 0 {
                found.operations.append(operation)
            }
            return .reservation(row)
        }
        takeHoldsInOrder()
        try each(.ledger) {
            try check(link: $0)
            let row = try LedgerRow(&$0)
            for case .member(let member) in [row.debit, row.credit] {
                chains.load(row.id.rawValue, to: .ledger, of: member)
            }
            return .ledger(row)
        }
        try each(.payment) {
            let row = PaymentRow(&$0)
            chains.load(row.id.rawValue, to: .payments, of: row.member)
            return .payment(row)
        }
        try each(.notice) {
            let row = try NoticeRow(&$0, withBody: false)
            try applyHeld(&found.notices, \.id, before: row.id, as: Fact.notice)
            return .notice(row)
        }
        try applyHeld(&found.notices, \.id, as: Fact.notice)
        try each(.operation) {
            let row = try OperationRow(&$0)
            try applyHeld(&found.operations, \.id, before: row.id, as: Fact.operation)
            return .operation(row)
        }
        try applyHeld(&found.operations, \.id, as: Fact.operation)
        try checkSeals(record)
        try checkStructure()
        heldNotices.batchCommitted()
        return record
    }

    // MARK: What rides in rows of reservations

    /// Reservations are numbered as their notices and operations are; only a file that was edited has another order.
    private func takeHoldsInOrder() {
        found.notices.sort { $0.id < $1.id }
        found.operations.sort { $0.id < $1.id }
        for notice in found.notices { _ = heldNotices.take(notice.id, in: notice.subject) }
    }

    /// Applies those with a lower number than this row of the table that the others are in; all that are left without one.
    private func applyHeld<Row>(
        _ rows: inout ArraySlice<Row>, _ id: KeyPath<Row, UInt64>, before next: UInt64? = nil, as fact: (Row) -> Fact
    ) throws {
        while let row = rows.first, next.map({ row[keyPath: id] < $0 }) ?? true {
            rows.removeFirst()
            try apply(fact(row))
        }
    }

    private func each(_ table: SealedTable, _ fact: (inout RowColumns) throws -> Fact) throws {
        var newest = Int64.min
        let statement = try RowStatement("SELECT * FROM \(table.name) ORDER BY \(table.key[0])", of: table, on: db)
        try statement.eachRow {
            // Pages that have changed places hold rows that fit their checksums, and that nobody would find again.
            guard $0.key > newest || newest == .min else {
                throw StoreFailure.damaged("row \($0.key) of \(table.name) comes after row \(newest)")
            }
            newest = $0.key
            found.seals.add($0.checksum, to: table)
            try apply(fact(&$0))
        }
    }

    private func plans() throws {
        let categories = try partOfPlan(.planCategory)
        let rows = try partOfPlan(.planRow)
        let seats = try partOfPlan(.planSeat)
        try each(.plan) {
            let plan = PlanID($0.unsigned())
            var hall = Hall(name: $0.text(), categories: [], rows: [], digest: try $0.digest())
            try each(categories, of: plan) {
                guard $0.integer() == Int64(hall.categories.count) else {
                    throw StoreFailure.damaged("plan \(plan): categories")
                }
                hall.categories.append($0.text())
            }
            try each(rows, of: plan) {
                guard $0.integer() == Int64(hall.rows.count) else { throw StoreFailure.damaged("plan \(plan): rows") }
                hall.rows.append(HallRow(zone: $0.text(), row: $0.text(), seats: []))
            }
            try each(seats, of: plan) {
                $0.skip(1)
                let row = $0.integer()
                guard hall.rows.indices.contains(Int(row)) else { throw StoreFailure.damaged("plan \(plan): seats") }
                hall.rows[Int(row)].seats.append(
                    HallSeat(
                        number: $0.text(), guid: $0.text(), category: try $0.small(), x: try $0.small(),
                        y: try $0.small()))
            }
            return .plan(PlanRow(id: plan, hall: hall, document: $0.blob()))
        }
    }

    private func partOfPlan(_ table: SealedTable) throws -> RowStatement {
        try RowStatement("SELECT * FROM \(table.name) WHERE plan = ? ORDER BY \(table.key[1])", of: table, on: db)
    }

    /// Rows of a plan, read from the column behind the plan's.
    private func each(_ rows: RowStatement, of plan: PlanID, _ body: (inout RowColumns) throws -> Void) throws {
        try rows.eachRow(binding: { $0.bind(plan) }) {
            found.seals.add($0.checksum, to: rows.table!)
            $0.skip(1)
            try body(&$0)
        }
    }

    // MARK: Verifying

    /// The shape of the file: its pages, which of them are free, and keys in their order. It is what a later commit
    /// relies on: a garbled list of free pages has it write over rows.
    private func checkStructure() throws {
        var answer = ""
        try RowStatement("PRAGMA quick_check(1)", on: db).eachRow { answer = $0.text() }
        guard answer == "ok" else { throw StoreFailure.damaged(answer) }
    }

    /// An entry's link is over the entry and the link before it.
    private func check(link columns: RowColumns) throws {
        var image = RowImage(of: SealedTable.ledger.name)
        columns.append(to: &image, columns: columns.count - 2)
        let link = try columns.link()
        guard link == found.seals.link(over: image.bytes) else {
            throw StoreFailure.damaged("entry \(columns.key) of the ledger is not linked to the one before it")
        }
        found.seals.linked(link)
    }

    private func checkSeals(_ record: CommitRecord) throws {
        let seals = try Seals(on: db)
        for table in SealedTable.allCases {
            let (rows, sealed) = (found.seals.rows(of: table), seals.rows(of: table))
            guard rows == sealed else {
                throw StoreFailure.damaged("\(table.name) has \(rows) rows, and \(sealed) were written")
            }
            guard found.seals.sum(of: table) == seals.sum(of: table) else {
                throw StoreFailure.damaged("a row of \(table.name) is old, missing or there twice")
            }
        }
        guard record.head(over: found.seals) == record.head else {
            throw StoreFailure.damaged("the row of meta is not as it was written")
        }
    }
}
