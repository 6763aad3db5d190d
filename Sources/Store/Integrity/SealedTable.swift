/// A table whose rows have checksums. The raw value is the id of its row in `seal`.
enum SealedTable: Int, CaseIterable {
    case member = 1
    case session, plan, planCategory, planRow, planSeat, concert, performance, room, roomChange, token, reservation
    case ledger, payment, notice, operation

    var name: String {
        switch self {
        case .member: "member"
        case .session: "session"
        case .plan: "plan"
        case .planCategory: "plan_category"
        case .planRow: "plan_row"
        case .planSeat: "plan_seat"
        case .concert: "concert"
        case .performance: "performance"
        case .room: "room"
        case .roomChange: "room_change"
        case .token: "token"
        case .reservation: "reservation"
        case .ledger: "ledger"
        case .payment: "payment"
        case .notice: "notice"
        case .operation: "operation"
        }
    }

    /// The columns of its primary key; those with one are the table's row ids.
    var key: [String] {
        switch self {
        case .planCategory: ["plan", "category"]
        case .planRow: ["plan", "row"]
        case .planSeat: ["plan", "seat"]
        case .room: ["concert"]
        default: ["id"]
        }
    }
}
