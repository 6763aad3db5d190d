import BoxOfficeProtocol

// Notices are numbered per member without a gap (I6). The store has their bodies; memory knows in which rows they are.

extension Engine {
    /// A session that acknowledges frees this many rows before they are deleted: one delete for many.
    private static let prunedAtOnceMin = 64
    private static let housekeepingSeconds: UInt32 = 3_600

    /// Writes a notice to a member.
    mutating func notify(
        _ member: MemberID, _ notice: Notice, about subject: UInt64, at now: Instant, into effects: inout Effects
    ) {
        var writer = WireWriter(reserving: 128)
        notice.encode(into: &writer)
        let row = NoticeRow(
            id: identifiers.notice, member: member, sequence: members[member]!.notices.newest + 1, at: now,
            opcode: notice.opcode, subject: subject, body: writer.bytes)
        emit(.notice(row), into: &effects)
        effects.notices.append(row)
    }

    /// The newest notice's sequence; 0 before the first.
    public func newestNotice(of member: MemberID) -> UInt64 { members[member]?.notices.newest ?? 0 }

    /// Begins the notices of a session. One that never subscribed starts at now; nil when the session has ended.
    public mutating func subscribe(
        session: SessionID, at instant: Instant, into effects: inout Effects
    ) -> Subscribed? {
        wake(at: instant, into: &effects)
        guard var row = sessions[session]?.row else { return nil }
        let newest = newestNotice(of: row.member)
        if row.acknowledged == nil {
            row.acknowledged = newest
            emit(.session(row), into: &effects)
        }
        return Subscribed(acknowledged: row.acknowledged!, newest: newest)
    }

    /// The session's user has consumed all notices through this sequence. What was acknowledged before, or does not
    /// exist, changes nothing.
    public mutating func acknowledge(
        session: SessionID, through sequence: UInt64, at instant: Instant, into effects: inout Effects
    ) {
        wake(at: instant, into: &effects)
        guard var row = sessions[session]?.row, let acknowledged = row.acknowledged, sequence > acknowledged,
            sequence <= newestNotice(of: row.member)
        else { return }
        row.acknowledged = sequence
        emit(.session(row), into: &effects)
        pruneNotices(of: row.member, into: &effects)
    }

    /// Where a member's notices after `sequence` are: row ids of contiguous sequences, the first of which is the larger
    /// of `sequence + 1` and `firstKept`.
    public func noticeRows(
        of member: MemberID, after sequence: UInt64, limit: Int
    ) -> (firstKept: UInt64, rows: [UInt64]) {
        guard let index = members[member]?.notices else { return (1, []) }
        let start = max(sequence + 1, index.firstKept)
        guard start <= index.newest, limit > 0 else { return (index.firstKept, []) }
        let from = Int(start - index.firstKept)
        return (index.firstKept, Array(index.rows[from..<min(index.rows.count, from + limit)]))
    }

    /// Forgets what every live session that subscribed has acknowledged, once it is worth a delete.
    mutating func pruneNotices(of member: MemberID, into effects: inout Effects) {
        let cursors = members[member]!.sessions.compactMap { sessions[$0]!.row.acknowledged }
        guard let through = cursors.min() else { return }
        prune(member, through: through, atLeast: Self.prunedAtOnceMin, into: &effects)
    }

    private mutating func prune(
        _ member: MemberID, through: UInt64, atLeast: Int, into effects: inout Effects
    ) {
        let index = members[member]!.notices
        // The newest stays: the numbering goes on from it.
        let last = min(through, index.newest == 0 ? 0 : index.newest - 1)
        guard last >= index.firstKept, last - index.firstKept + 1 >= UInt64(max(1, atLeast)) else { return }
        let rows = Array(index.rows.prefix(Int(last - index.firstKept + 1)))
        emit(.noticesPruned(member, through: last, rows: rows), into: &effects)
    }

    /// Every hour: what is too old is forgotten.
    mutating func housekeep(at now: Instant, into effects: inout Effects) {
        pruneOperations(at: now, into: &effects)
        let oldest = now + -.seconds(UInt64(configuration.noticeDays) * 86_400)
        var before: UInt64 = 0
        while noticeHours.count > 1, noticeHours[1].at < oldest {
            noticeHours.removeFirst()
            before = noticeHours[0].row
        }
        if before > 0 {
            for (member, state) in members.sorted(by: { $0.key < $1.key }) {
                let old = state.notices.rows.prefix { $0 < before }.count
                guard old > 0 else { continue }
                prune(member, through: state.notices.firstKept + UInt64(old) - 1, atLeast: 1, into: &effects)
            }
        }
        deadlines.add(.housekeeping, at: now + .seconds(Self.housekeepingSeconds))
    }
}
