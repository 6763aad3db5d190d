import BoxOfficeProtocol

// Notices are numbered per member without a gap (I6). The store has their bodies, but for those of holds, which are made from
// the reservation; memory knows in which rows they are.

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
        notify(member, notice.opcode, body: writer.bytes, about: subject, at: now, into: &effects)
    }

    /// Writes the notice of a new hold, which has no body: all of it is in the reservation (`body(of:)`). There is one for
    /// each hold, and most are never read.
    mutating func notifyHeld(_ row: ReservationRow, at now: Instant, into effects: inout Effects) {
        notify(row.member, Held.opcode, body: [], about: row.id.rawValue, at: now, into: &effects)
    }

    private mutating func notify(
        _ member: MemberID, _ opcode: Opcode, body: [UInt8], about subject: UInt64, at now: Instant,
        into effects: inout Effects
    ) {
        let row = NoticeRow(
            id: identifiers.notice, member: member, sequence: members[member]!.notices.newest + 1, at: now,
            opcode: opcode, subject: subject, body: body)
        emit(.notice(row), into: &effects)
        effects.notices.append(row)
    }

    /// A notice as it travels: its row's body, or what the reservation says that it is made from.
    public func body(of row: NoticeRow) -> [UInt8] {
        guard row.body.isEmpty, row.opcode == Held.opcode, let held = reservations[ReservationID(row.subject)] else {
            return row.body
        }
        return Held(at: row.at, reservation: reservation(held.asHeld)).encoded
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
        guard sequence < index.newest, limit > 0 else { return (index.firstKept, []) }
        let from = sequence < index.firstKept ? 0 : Int(sequence + 1 - index.firstKept)
        return (index.firstKept, Array(index.rows[from...].prefix(limit)))
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
        guard let (last, rows) = members[member]!.notices.forgettable(through: through), rows.count >= atLeast else {
            return
        }
        emit(.noticesPruned(member, through: last, rows: rows), into: &effects)
    }

    /// Every hour: what is too old is forgotten.
    mutating func housekeep(at now: Instant, into effects: inout Effects) {
        pruneOperations(at: now, into: &effects)
        pruneOldNotices(at: now, into: &effects)
        deadlines.set(.housekeeping, at: now + .seconds(Self.housekeepingSeconds))
    }

    /// Forgets the hours of which something would be too old before the next time.
    private mutating func pruneOldNotices(at now: Instant, into effects: inout Effects) {
        let kept = Microseconds.seconds(UInt64(configuration.noticeDays) * 86_400)
        let oldest = now + -kept + .seconds(Self.housekeepingSeconds)
        var before: UInt64 = 0
        while let hour = noticeHours.first, hour.at < oldest {
            noticeHours.removeFirst()
            before = noticeHours.first?.row ?? identifiers.notice
        }
        guard before > 0 else { return }
        let owners = members.filter { $0.value.notices.rows.first.map { $0 < before } ?? false }.map(\.key)
        for member in owners {
            let old = members[member]!.notices.rows.prefix { $0 < before }.count
            let through = members[member]!.notices.firstKept + UInt64(old) - 1
            prune(member, through: through, atLeast: 1, into: &effects)
        }
    }
}
