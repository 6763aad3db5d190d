import BoxOfficeProtocol

// The rows of the store. Names and meanings are those of docs/domain.md; BoxOfficeStore's tables have the same columns.

/// A person with a login name.
public struct MemberRow: Hashable, Sendable {
    public var id: MemberID
    /// As signed up.
    public var name: String
    /// The name case-folded and normalised: what makes names the same.
    public var nameKey: String
    /// An argon2id string; empty when nobody can log in by password.
    public var passwordHash: String
    public var isOperator: Bool
    public var createdAt: Instant

    public init(
        id: MemberID, name: String, nameKey: String, passwordHash: String, isOperator: Bool, createdAt: Instant
    ) {
        self.id = id
        self.name = name
        self.nameKey = nameKey
        self.passwordHash = passwordHash
        self.isOperator = isOperator
        self.createdAt = createdAt
    }
}

/// A login on one device.
public struct SessionRow: Hashable, Sendable {
    public var id: SessionID
    public var member: MemberID
    /// SHA-256 of the session token; the token itself is nowhere on disk.
    public var tokenDigest: Digest
    public var device: String
    public var createdAt: Instant
    /// Last use, to within ten minutes.
    public var usedAt: Instant
    /// Notices through this sequence were consumed; nil until the session first subscribes.
    public var acknowledged: UInt64?

    public init(
        id: SessionID, member: MemberID, tokenDigest: Digest, device: String, createdAt: Instant, usedAt: Instant,
        acknowledged: UInt64?
    ) {
        self.id = id
        self.member = member
        self.tokenDigest = tokenDigest
        self.device = device
        self.createdAt = createdAt
        self.usedAt = usedAt
        self.acknowledged = acknowledged
    }
}

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
    public var id: LedgerEntryID
    public var at: Instant
    public var debit: LedgerAccount
    public var credit: LedgerAccount
    /// Never negative; zero for a seat that costs nothing.
    public var amount: Points
    public var reservation: ReservationID?

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

/// A hall: what is immutable under its digest.
public struct Hall: Hashable, Sendable {
    public var name: String
    /// Names of the price categories, in the plan's order.
    public var categories: [String]
    /// Rows in the plan's order; seats are numbered through them from 0.
    public var rows: [HallRow]
    /// SHA-256 over the plan's seats, made by who parsed the plan.
    public var digest: Digest

    public init(name: String, categories: [String], rows: [HallRow], digest: Digest) {
        self.name = name
        self.categories = categories
        self.rows = rows
        self.digest = digest
    }
}

/// A seating plan: the hall, and the file it came from.
public struct PlanRow: Hashable, Sendable {
    public var id: PlanID
    public var hall: Hall
    /// The file, for export.
    public var document: [UInt8]

    public init(id: PlanID, hall: Hall, document: [UInt8]) {
        self.id = id
        self.hall = hall
        self.document = document
    }
}

public struct ConcertRow: Hashable, Sendable {
    public var id: ConcertID
    /// The key of the concert file: importing it again changes this concert instead of making another.
    public var key: String
    public var title: String
    public var artists: [String]
    public var description: String

    public init(id: ConcertID, key: String, title: String, artists: [String], description: String) {
        self.id = id
        self.key = key
        self.title = title
        self.artists = artists
        self.description = description
    }
}

/// One date of a concert in one hall.
public struct PerformanceRow: Hashable, Sendable {
    public var id: PerformanceID
    /// The key of the concert file, unique in its concert.
    public var key: String
    public var concert: ConcertID
    public var plan: PlanID
    public var startsAt: Instant
    /// IANA name.
    public var timeZone: String
    public var saleOpensAt: Instant
    public var saleClosesAt: Instant
    /// A price for each category of the hall, in its order; nil for a category that is not for sale.
    public var prices: [Points?]
    /// Seats that are not for sale, rising.
    public var blocked: [SeatIndex]

    public init(
        id: PerformanceID, key: String, concert: ConcertID, plan: PlanID, startsAt: Instant, timeZone: String,
        saleOpensAt: Instant, saleClosesAt: Instant, prices: [Points?], blocked: [SeatIndex]
    ) {
        self.id = id
        self.key = key
        self.concert = concert
        self.plan = plan
        self.startsAt = startsAt
        self.timeZone = timeZone
        self.saleOpensAt = saleOpensAt
        self.saleClosesAt = saleClosesAt
        self.prices = prices
        self.blocked = blocked
    }
}

/// How a concert's waiting room works.
public struct RoomRow: Hashable, Sendable {
    public var concert: ConcertID
    public var mode: RoomMode
    public var capacity: UInt32
    public var activeSeconds: UInt32
    public var callWindowSeconds: UInt32

    public init(
        concert: ConcertID, mode: RoomMode, capacity: UInt32, activeSeconds: UInt32, callWindowSeconds: UInt32
    ) {
        self.concert = concert
        self.mode = mode
        self.capacity = capacity
        self.activeSeconds = activeSeconds
        self.callWindowSeconds = callWindowSeconds
    }
}

/// A member's place in a waiting room.
public struct TokenRow: Hashable, Sendable {
    public var id: TokenID
    public var concert: ConcertID
    public var member: MemberID
    public var status: TokenStatus
    /// Order in the room: rises with each join and never changes.
    public var rank: UInt64
    public var joinedAt: Instant
    public var admittedAt: Instant?
    public var activeUntil: Instant?
    public var calledUntil: Instant?
    public var endedAt: Instant?

    public init(
        id: TokenID, concert: ConcertID, member: MemberID, status: TokenStatus, rank: UInt64, joinedAt: Instant,
        admittedAt: Instant? = nil, activeUntil: Instant? = nil, calledUntil: Instant? = nil, endedAt: Instant? = nil
    ) {
        self.id = id
        self.concert = concert
        self.member = member
        self.status = status
        self.rank = rank
        self.joinedAt = joinedAt
        self.admittedAt = admittedAt
        self.activeUntil = activeUntil
        self.calledUntil = calledUntil
        self.endedAt = endedAt
    }
}

/// A member's booking of seats of one performance.
public struct ReservationRow: Hashable, Sendable {
    public var id: ReservationID
    public var member: MemberID
    public var performance: PerformanceID
    /// Rising.
    public var seats: [SeatIndex]
    /// The price of each seat, fixed by the hold.
    public var prices: [Points]
    public var status: ReservationStatus
    public var heldAt: Instant
    public var expiresAt: Instant
    public var payment: PaymentID?
    public var endedAt: Instant?

    public init(
        id: ReservationID, member: MemberID, performance: PerformanceID, seats: [SeatIndex], prices: [Points],
        status: ReservationStatus, heldAt: Instant, expiresAt: Instant, payment: PaymentID? = nil,
        endedAt: Instant? = nil
    ) {
        self.id = id
        self.member = member
        self.performance = performance
        self.seats = seats
        self.prices = prices
        self.status = status
        self.heldAt = heldAt
        self.expiresAt = expiresAt
        self.payment = payment
        self.endedAt = endedAt
    }

    /// The sum of the prices. Prices are bounded at import, so it cannot overflow.
    public var total: Points { Points(prices.reduce(0) { $0 + $1.rawValue }) }
}

public struct PaymentRow: Hashable, Sendable {
    public var id: PaymentID
    public var reservation: ReservationID
    public var member: MemberID
    public var amount: Points
    public var at: Instant
    public var entry: LedgerEntryID

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

/// A durable, numbered message to one member.
public struct NoticeRow: Hashable, Sendable {
    /// Number among all notices; the store appends by it.
    public var id: UInt64
    public var member: MemberID
    /// Number among the member's notices, from 1 without a gap (I6).
    public var sequence: UInt64
    public var at: Instant
    public var opcode: Opcode
    /// The token, reservation or ledger entry it is about.
    public var subject: UInt64
    /// The notice as it travels. Empty when read at a start: memory keeps only where notices are.
    public var body: [UInt8]

    public init(
        id: UInt64, member: MemberID, sequence: UInt64, at: Instant, opcode: Opcode, subject: UInt64, body: [UInt8]
    ) {
        self.id = id
        self.member = member
        self.sequence = sequence
        self.at = at
        self.opcode = opcode
        self.subject = subject
        self.body = body
    }
}

/// Whose operation keys they are.
public enum OperationOwner: Hashable, Sendable, CustomStringConvertible {
    case member(MemberID)
    /// A sign-up, by the name key: there is no member yet.
    case name(String)
    /// The socket in the data directory.
    case local

    /// As on disk: `member:7`, `name:ann`, `local`.
    public var description: String {
        switch self {
        case .member(let id): "member:\(id)"
        case .name(let key): "name:\(key)"
        case .local: "local"
        }
    }

    /// The owner of this text; nil when there is none.
    public init?(_ text: String) {
        if text == "local" {
            self = .local
        } else if text.hasPrefix("name:") {
            self = .name(String(text.dropFirst(5)))
        } else if text.hasPrefix("member:"), let number = UInt64(text.dropFirst(7)) {
            self = .member(MemberID(number))
        } else {
            return nil
        }
    }
}

/// A change that was carried out: what a retry with the same key is answered from.
public struct OperationRow: Hashable, Sendable {
    /// Number among all operations; the store appends by it.
    public var id: UInt64
    public var owner: OperationOwner
    public var key: OperationKey
    public var opcode: Opcode
    /// First half of the SHA-256 of the request without key and passwords.
    public var digest: Bytes16
    /// The body of the response as it was first given.
    public var result: [UInt8]
    public var at: Instant

    public init(
        id: UInt64, owner: OperationOwner, key: OperationKey, opcode: Opcode, digest: Bytes16, result: [UInt8],
        at: Instant
    ) {
        self.id = id
        self.owner = owner
        self.key = key
        self.opcode = opcode
        self.digest = digest
        self.result = result
        self.at = at
    }
}
