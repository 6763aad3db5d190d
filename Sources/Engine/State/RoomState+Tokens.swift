import BoxOfficeProtocol

extension RoomState {
    /// A token has got this row. All that a room keeps of its tokens follows from it, in one place, so that a start
    /// with a million of them finds the room once for each.
    mutating func tokenChanged(from old: TokenRow?, to row: TokenRow) {
        nextTicket = max(nextTicket, row.ticket + 1)
        if let old { leaveStatus(old) }
        switch row.status {
        case .waiting: line.insert(row.id, rank: rank(of: row.ticket))
        case .called: called.insert(row.id)
        case .active:
            active.insert(row.id)
            flow.stays.entered(at: row.admittedAt!)
        default: break
        }
        if row.status != .active, active.count <= Int(self.row.capacity) { isOverfullByOperator = false }
        counts.changed(from: old, to: row)
        // Waits are of admissions seen happen: a start knows of each member's newest only.
        if let old, old.admittedAt == nil, let admittedAt = row.admittedAt {
            counts.waited(admittedAt - max(row.joinedAt, self.row.drawnAt ?? row.joinedAt))
        }
    }

    private mutating func leaveStatus(_ old: TokenRow) {
        switch old.status {
        case .waiting: line.remove(rank: rank(of: old.ticket))
        case .called:
            called.remove(old.id)
            noLongerBack(old)
        case .active:
            active.remove(old.id)
            flow.stays.left(enteredAt: old.admittedAt!)
            lookedAt[old.id] = nil
        default: break
        }
    }
}
