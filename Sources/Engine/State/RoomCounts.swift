import BoxOfficeProtocol

/// What operators are told of a room: how tokens ended, how many are let in a minute, how long they had waited.
struct RoomCounts: Sendable {
    /// Waits that the percentiles are taken of: those of the newest admissions.
    static let waitsMax = 1_024
    private static let seconds = 60

    private(set) var admitted: UInt64 = 0
    private(set) var completed: UInt64 = 0
    private(set) var expired: UInt64 = 0
    private(set) var left: UInt64 = 0
    private(set) var abandoned: UInt64 = 0
    private(set) var removed: UInt64 = 0
    /// Admissions by the second, each with the second it counts.
    private var recent: [(second: Int64, count: UInt32)] = []
    /// Seconds waited, the oldest of them at `nextWait`.
    private var waits: [UInt32] = []
    private var nextWait = 0

    /// A token has got this row.
    mutating func changed(from old: TokenRow?, to token: TokenRow) {
        if let admittedAt = token.admittedAt, old?.admittedAt == nil {
            admitted += 1
            countRecent(admittedAt)
        }
        guard old?.status != token.status else { return }
        let wasInside = token.admittedAt != nil
        switch token.status {
        case .completed: completed += 1
        case .expired: if wasInside { expired += 1 } else { abandoned += 1 }
        case .left: if wasInside { left += 1 } else { abandoned += 1 }
        case .removed: removed += 1
        default: break
        }
    }

    /// Somebody was let in for the first time, after so long in line.
    mutating func waited(_ span: Microseconds) {
        let seconds = UInt32(clamping: span.count / 1_000_000)
        if waits.count < Self.waitsMax { waits.append(seconds) } else { waits[nextWait] = seconds }
        nextWait = (nextWait + 1) % Self.waitsMax
    }

    /// The wait that `share` of the newest admissions did not exceed, seconds; nil before the first.
    func waitedSeconds(share: Double) -> UInt32? {
        guard !waits.isEmpty else { return nil }
        return waits.sorted()[min(waits.count - 1, Int(Double(waits.count) * share))]
    }

    /// Admissions in the last 60 s.
    func admittedLastMinute(at now: Instant) -> UInt32 {
        let second = now.rawValue / 1_000_000
        return recent.reduce(0) { $1.second > second - Int64(Self.seconds) ? $0 + $1.count : $0 }
    }

    private mutating func countRecent(_ at: Instant) {
        let second = at.rawValue / 1_000_000
        if recent.isEmpty { recent = Array(repeating: (.min, 0), count: Self.seconds) }
        let index = Int(second.magnitude % UInt64(Self.seconds))
        if recent[index].second < second { recent[index] = (second, 0) }
        if recent[index].second == second { recent[index].count += 1 }
    }
}
