import BoxOfficeEngine
import BoxOfficeProtocol

/// What a store keeps of the facts: each row as it stands now, read back kind by kind in the order of their numbers.
struct StoredRows {
    private var members: [MemberID: MemberRow] = [:]
    private var sessions: [SessionID: SessionRow] = [:]
    private var plans: [PlanID: PlanRow] = [:]
    private var concerts: [ConcertID: ConcertRow] = [:]
    private var performances: [PerformanceID: PerformanceRow] = [:]
    private var rooms: [ConcertID: RoomRow] = [:]
    private var roomChanges: [RoomChangeRow] = []
    private var tokens: [TokenID: TokenRow] = [:]
    private var reservations: [ReservationID: ReservationRow] = [:]
    private var ledger: [LedgerRow] = []
    private var payments: [PaymentRow] = []
    private var notices: [UInt64: NoticeRow] = [:]
    private var operations: [UInt64: OperationRow] = [:]
    private var floor: (at: Instant, row: UInt64)?

    init(_ facts: [Fact]) {
        for fact in facts {
            switch fact {
            case .member(let row): members[row.id] = row
            case .session(let row): sessions[row.id] = row
            case .sessionEnded(let id): sessions[id] = nil
            case .ledger(let row): ledger.append(row)
            case .plan(let row): plans[row.id] = row
            case .concert(let row): concerts[row.id] = row
            case .performance(let row): performances[row.id] = row
            case .room(let row): rooms[row.concert] = row
            case .roomChange(let row): roomChanges.append(row)
            case .token(let row): tokens[row.id] = row
            case .reservation(let row): reservations[row.id] = row
            case .payment(let row): payments.append(row)
            case .notice(let row):
                notices[row.id] = row
                notices[row.id]!.body = []
            case .noticesPruned(_, _, let rows): for row in rows { notices[row] = nil }
            case .operation(let row): operations[row.id] = row
            case .operationsPruned(let at, let row):
                floor = (at, row)
                operations = operations.filter { $0.key > row }
            }
        }
    }

    /// The rows as facts, in the order of a start.
    var facts: [Fact] {
        var facts: [Fact] = []
        if let floor { facts.append(.operationsPruned(floor: floor.at, throughRow: floor.row)) }
        facts += members.values.sorted { $0.id < $1.id }.map { .member($0) }
        facts += sessions.values.sorted { $0.id < $1.id }.map { .session($0) }
        facts += plans.values.sorted { $0.id < $1.id }.map { .plan($0) }
        facts += concerts.values.sorted { $0.id < $1.id }.map { .concert($0) }
        facts += performances.values.sorted { $0.id < $1.id }.map { .performance($0) }
        facts += rooms.values.sorted { $0.concert < $1.concert }.map { .room($0) }
        facts += roomChanges.map { .roomChange($0) }
        facts += tokens.values.sorted { $0.id < $1.id }.map { .token($0) }
        facts += reservations.values.sorted { $0.id < $1.id }.map { .reservation($0) }
        facts += ledger.map { .ledger($0) }
        facts += payments.map { .payment($0) }
        facts += notices.values.sorted { $0.id < $1.id }.map { .notice($0) }
        facts += operations.values.sorted { $0.id < $1.id }.map { .operation($0) }
        return facts
    }

    /// An engine that has read them, before `loaded`.
    func engine(_ configuration: EngineConfiguration) -> Engine {
        var engine = Engine(configuration: configuration)
        for fact in facts { engine.apply(fact) }
        return engine
    }
}
