import BoxOfficeProtocol

/// An account of the ledger.
public enum LedgerAccount: Hashable, Sendable, CustomStringConvertible {
    case member(MemberID)
    /// Where bought points come from.
    case topup
    case sales(ConcertID)
    /// Points given back come from here; each refund entry debits it.
    case refunds

    /// As on disk and on the wire: `member:7`, `topup`, `sales:3`, `refunds`.
    public var description: String {
        switch self {
        case .member(let id): "member:\(id)"
        case .topup: "topup"
        case .sales(let id): "sales:\(id)"
        case .refunds: "refunds"
        }
    }

    /// The account of this name; nil when there is none.
    public init?(_ text: String) {
        switch text {
        case "topup": self = .topup
        case "refunds": self = .refunds
        default:
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let number = UInt64(parts[1]) else { return nil }
            switch parts[0] {
            case "member": self = .member(MemberID(number))
            case "sales": self = .sales(ConcertID(number))
            default: return nil
            }
        }
    }
}

/// One movement of points: `amount` leaves `debit` and arrives at `credit`. A balance is credits less debits.
public struct LedgerRow: Hashable, Sendable {
    /// Its number.
    public var id: LedgerEntryID
    /// When.
    public var at: Instant
    /// Where the points leave.
    public var debit: LedgerAccount
    /// Where they arrive.
    public var credit: LedgerAccount
    /// Never negative; zero for a seat that costs nothing.
    public var amount: Points
    /// What was paid or refunded; nil for a charge.
    public var reservation: ReservationID?

    /// All columns.
    public init(
        id: LedgerEntryID, at: Instant, debit: LedgerAccount, credit: LedgerAccount, amount: Points,
        reservation: ReservationID?
    ) {
        self.id = id
        self.at = at
        self.debit = debit
        self.credit = credit
        self.amount = amount
        self.reservation = reservation
    }
}

/// That a reservation was paid: exactly one for each that ever was confirmed (I4).
public struct PaymentRow: Hashable, Sendable {
    /// Its number.
    public var id: PaymentID
    /// What was paid.
    public var reservation: ReservationID
    /// By whom.
    public var member: MemberID
    /// How much.
    public var amount: Points
    /// When.
    public var at: Instant
    /// The ledger entry that moved the points.
    public var entry: LedgerEntryID

    /// All columns.
    public init(
        id: PaymentID, reservation: ReservationID, member: MemberID, amount: Points, at: Instant, entry: LedgerEntryID
    ) {
        self.id = id
        self.reservation = reservation
        self.member = member
        self.amount = amount
        self.at = at
        self.entry = entry
    }
}
