import BoxOfficeEngine
import BoxOfficeProtocol

/// The state that facts add up to, written down as simply as it can be: what a file must hold after them.
struct FactModel: Equatable {
    var members: [MemberID: MemberRow] = [:]
    var sessions: [SessionID: SessionRow] = [:]
    var plans: [PlanID: PlanRow] = [:]
    var concerts: [ConcertID: ConcertRow] = [:]
    var performances: [PerformanceID: PerformanceRow] = [:]
    var rooms: [ConcertID: RoomRow] = [:]
    var roomChanges: [RoomChangeRow] = []
    var tokens: [TokenID: TokenRow] = [:]
    var reservations: [ReservationID: ReservationRow] = [:]
    var ledger: [LedgerEntryID: LedgerRow] = [:]
    var payments: [PaymentID: PaymentRow] = [:]
    var notices: [UInt64: NoticeRow] = [:]
    var operations: [OperationRow] = []
    var floor: Instant?
    var prunedThrough: UInt64?

    init(_ facts: [Fact] = []) {
        for fact in facts { apply(fact) }
    }

    mutating func apply(_ fact: Fact) {
        switch fact {
        case .member(let row): members[row.id] = row
        case .session(let row): sessions[row.id] = row
        case .sessionEnded(let id): sessions[id] = nil
        case .ledger(let row): ledger[row.id] = row
        case .plan(let row): plans[row.id] = row
        case .concert(let row): concerts[row.id] = row
        case .performance(let row): performances[row.id] = row
        case .room(let row): rooms[row.concert] = row
        case .roomChange(let row): roomChanges.append(row)
        case .token(let row): tokens[row.id] = row
        case .reservation(let row): reservations[row.id] = row
        case .payment(let row): payments[row.id] = row
        case .notice(var row):
            row.body = []  // Memory keeps only where notices are.
            notices[row.id] = row
        case .noticesPruned(_, _, let rows): for row in rows { notices[row] = nil }
        case .operation(let row): operations.append(row)
        case .operationsPruned(let floor, let row):
            self.floor = floor
            prunedThrough = row
            operations.removeAll { $0.id <= row }
        }
    }
}
