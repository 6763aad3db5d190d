import BoxOfficeProtocol
import DequeModule

/// A member in memory: the row, and what follows from other rows.
///
/// There are as many as ever signed up, so it is kept small: what most have one of is in place, not in a collection.
struct MemberState: Sendable {
    let id: MemberID
    var name: String
    var isOperator: Bool
    var password: PasswordHash
    private var nameKey: String
    private var createdAt: Instant

    /// Open connections, over all sessions.
    var connections: Int32 = 0
    var seenAt = Instant.distantPast
    var sessions = Few<SessionID>()
    /// The newest token of each room the member ever joined.
    var tokens = SmallTable<ConcertID, TokenID>()
    /// Those of them that were called: a sign of life brings them back.
    var called: Set<TokenID> = []
    /// Reservations with a hold, for as long as it lives.
    var holds: [ReservationID] = []
    /// Seats held and owned, by date.
    var seats = SmallTable<PerformanceID, UInt32>()
    /// When the newest operation key that was ever used was stamped.
    var newestKeyAt = Instant.distantPast
    var notices = NoticeIndex()

    init(row: MemberRow) {
        id = row.id
        name = row.name
        isOperator = row.isOperator
        password = PasswordHash(row.passwordHash)
        nameKey = row.nameKey
        createdAt = row.createdAt
    }

    /// As stored. Made for each look, so the rules ask for the field they need.
    var row: MemberRow {
        get {
            MemberRow(
                id: id, name: name, nameKey: nameKey, passwordHash: password.text, isOperator: isOperator,
                createdAt: createdAt)
        }
        set {
            name = newValue.name
            isOperator = newValue.isOperator
            password = PasswordHash(newValue.passwordHash)
            nameKey = newValue.nameKey
            createdAt = newValue.createdAt
        }
    }

    mutating func countSeats(of performance: PerformanceID, by difference: Int) {
        let count = Int(seats[performance] ?? 0) + difference
        seats[performance] = count == 0 ? nil : UInt32(count)
    }

    mutating func used(keyStampedAt stampedAt: Instant) { newestKeyAt = max(newestKeyAt, stampedAt) }
}

/// Where a member's notices are in the store: their row ids by sequence, without a gap (I6).
struct NoticeIndex: Sendable {
    /// Sequence of the first row in `rows`.
    var firstKept: UInt64 = 1
    var rows: Deque<UInt64> = []
    var newest: UInt64 { firstKept + UInt64(rows.count) - 1 }

    mutating func append(_ row: NoticeRow) {
        if rows.isEmpty { firstKept = row.sequence }
        precondition(row.sequence == newest + 1, "I6: notices of \(row.member) have a gap")
        rows.append(row.id)
    }

    /// The rows that can go when all through this sequence may be forgotten; nil when none can. The newest stays: the
    /// numbering goes on from it.
    func forgettable(through sequence: UInt64) -> (last: UInt64, rows: [UInt64])? {
        guard newest > firstKept, sequence >= firstKept else { return nil }
        let last = min(sequence, newest - 1)
        return (last, Array(rows.prefix(Int(last - firstKept + 1))))
    }
}

struct SessionState: Sendable {
    var row: SessionRow
    var connections: Int32 = 0
}
