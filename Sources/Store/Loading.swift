import BoxOfficeEngine
import BoxOfficeProtocol
import GRDB

/// Reads every row back as the fact that wrote it, in the order in which each may rest on those before.
struct Loading {
    let db: Database
    let chains: Chains
    let apply: (Fact) throws -> Void

    /// - Returns: The last committed instant.
    func run() throws -> Instant {
        chains.removeAll()
        let committed = try meta()
        try each("SELECT * FROM member ORDER BY id") { .member(MemberRow(&$0)) }
        try each("SELECT * FROM session ORDER BY id") { .session(try SessionRow(&$0)) }
        try plans()
        try each("SELECT * FROM concert ORDER BY id") { .concert(try ConcertRow(&$0)) }
        try each("SELECT * FROM performance ORDER BY id") { .performance(try PerformanceRow(&$0)) }
        try each("SELECT * FROM room ORDER BY concert") { .room(try RoomRow(&$0)) }
        try each("SELECT * FROM room_change ORDER BY id") { .roomChange(try RoomChangeRow(&$0)) }
        try each("SELECT * FROM token ORDER BY id") { .token(try TokenRow(&$0)) }
        try each("SELECT * FROM reservation ORDER BY id") {
            let row = try ReservationRow(&$0)
            _ = chains.append(row.id.rawValue, to: .reservations, of: row.member)
            return .reservation(row)
        }
        try each("SELECT * FROM ledger ORDER BY id") {
            let row = try LedgerRow(&$0)
            for case .member(let member) in [row.debit, row.credit] {
                _ = chains.append(row.id.rawValue, to: .ledger, of: member)
            }
            return .ledger(row)
        }
        try each("SELECT * FROM payment ORDER BY id") {
            let row = PaymentRow(&$0)
            _ = chains.append(row.id.rawValue, to: .payments, of: row.member)
            return .payment(row)
        }
        try each("SELECT id, member, sequence, at, kind, subject FROM notice ORDER BY id") {
            .notice(try NoticeRow(&$0, withBody: false))
        }
        try each("SELECT * FROM operation ORDER BY id") { .operation(try OperationRow(&$0)) }
        chains.batchCommitted()
        return committed
    }

    private func each(_ sql: String, _ fact: (inout RowColumns) throws -> Fact) throws {
        try RowStatement(sql, on: db).eachRow { try apply(fact(&$0)) }
    }

    private func meta() throws -> Instant {
        var committed = Instant.distantPast
        try RowStatement("SELECT committed_at, operation_floor, operations_pruned FROM meta", on: db).eachRow {
            committed = $0.instant()
            if let floor = $0.optionalInstant(), let row = $0.optionalUnsigned() {
                try apply(.operationsPruned(floor: floor, throughRow: row))
            }
        }
        return committed
    }

    private func plans() throws {
        let categories = try RowStatement("SELECT name FROM plan_category WHERE plan = ? ORDER BY category", on: db)
        let rows = try RowStatement("SELECT row, zone, name FROM plan_row WHERE plan = ? ORDER BY row", on: db)
        let seats = try RowStatement(
            "SELECT row, number, guid, category, x, y FROM plan_seat WHERE plan = ? ORDER BY seat", on: db)
        try each("SELECT * FROM plan ORDER BY id") {
            let plan = PlanID($0.unsigned())
            var hall = Hall(name: $0.text(), categories: [], rows: [], digest: try $0.digest())
            categories.bind(plan)
            try categories.eachRow { hall.categories.append($0.text()) }
            rows.bind(plan)
            try rows.eachRow {
                guard $0.integer() == Int64(hall.rows.count) else { throw StoreFailure.damaged("plan \(plan): rows") }
                hall.rows.append(HallRow(zone: $0.text(), row: $0.text(), seats: []))
            }
            seats.bind(plan)
            try seats.eachRow {
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
}
