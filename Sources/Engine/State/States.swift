import BoxOfficeProtocol
import DequeModule

/// A member in memory: the row, and what follows from other rows.
struct MemberState: Sendable {
    var row: MemberRow
    var sessions: [SessionID] = []
    /// The newest token of each room the member ever joined.
    var tokens: [TokenID] = []
    /// Held and confirmed reservations.
    var liveReservations: [ReservationID] = []
    var notices = NoticeIndex()
    /// Open connections, over all sessions.
    var connections = 0
    var seenAt = Instant.distantPast
}

/// Where a member's notices are in the store: their row ids by sequence, without a gap (I6).
struct NoticeIndex: Sendable {
    /// Sequence of the first row in `rows`.
    var firstKept: UInt64 = 1
    var rows: Deque<UInt64> = []
    var newest: UInt64 { firstKept + UInt64(rows.count) - 1 }
}

struct SessionState: Sendable {
    var row: SessionRow
    var connections = 0
}

/// A seating plan in memory, with what is looked up by seat.
struct PlanState: Sendable {
    var row: PlanRow
    var labels: [String] = []
    var categories: [UInt16] = []

    init(row: PlanRow) {
        self.row = row
        for hallRow in row.hall.rows {
            for seat in hallRow.seats {
                labels.append([hallRow.zone, hallRow.row, seat.number].filter { !$0.isEmpty }.joined(separator: "-"))
                categories.append(seat.category)
            }
        }
    }
}

/// The seats of a performance: who has each, and how many are free.
struct PerformanceState: Sendable {
    var row: PerformanceRow
    var statuses: [SeatStatus]
    /// The live reservation of each held or sold seat; number 0 is nobody's.
    var owners: [ReservationID]
    /// The category of each seat, as the hall has it.
    let categories: [UInt16]
    /// By category: seats that are not blocked, and free ones.
    var seats: [UInt32]
    var available: [UInt32]
    var held: UInt32 = 0
    var sold: UInt32 = 0
    var version: UInt64 = 0

    var availableCount: UInt32 { available.reduce(0, +) }

    /// Gives a seat a status and keeps the counts.
    mutating func setStatus(_ status: SeatStatus, of seat: SeatIndex, owner: ReservationID) {
        let index = Int(seat.rawValue)
        let category = Int(categories[index])
        switch statuses[index] {
        case .available: available[category] -= 1
        case .held: held -= 1
        case .sold: sold -= 1
        case .blocked: seats[category] += 1
        case .unknown: break
        }
        switch status {
        case .available: available[category] += 1
        case .held: held += 1
        case .sold: sold += 1
        case .blocked: seats[category] -= 1
        case .unknown: break
        }
        statuses[index] = status
        owners[index] = owner
    }
}

/// A waiting room. The life of a token:
///
///                 joinQueue                     absent at its turn
///     (nothing) ───────────▶ waiting ──────────────────────────────▶ called
///                               │ present at its turn                  │  │ calledUntil passes
///                               ▼            back: next of all         │  ▼
///                            active ◀──────────────────────────────────┘ expired
///                               │  no sign of life after admission: called again
///            paid, no live hold │  activeUntil passes, no live hold
///                               ▼
///                       completed │ expired            leaveQueue from any live state: left
struct RoomState: Sendable {
    var row: RoomRow
    var line = Line()
    /// Called members who are back: next of all, by rank.
    var returned = RankedTokens()
    var called: Set<TokenID> = []
    var active: Set<TokenID> = []
    var nextRank: UInt64 = 1
    /// When the first sale of the concert opens; nil without a date.
    var opensAt: Instant?
    var closesAt: Instant?
    var rate = AdmissionRate()
    var completedCount: UInt64 = 0
    var expiredCount: UInt64 = 0
    /// The capacity was lowered below the number of active tokens, which I5 allows until they have ended.
    var isOverfullByOperator = false

    func isOpen(at now: Instant) -> Bool { opensAt.map { $0 <= now } ?? false }
    /// Somebody waits: seat maps are for active tokens (docs/domain.md, Queue).
    var isFull: Bool { line.count > 0 || returned.count > 0 }
}

/// What an operation is found by.
struct OperationID: Hashable, Sendable {
    var owner: OperationOwner
    var key: OperationKey
}
