import BoxOfficeProtocol

// Logins on devices. A session outlives connections; a connection that has a session makes its member present.

extension Engine {
    /// How stale `usedAt` may be: a use writes the row only this often, seconds.
    private static let usedAtStaleSeconds: UInt32 = 600

    /// Starts a session. Nil when the member's password is no longer the one that was verified. One session too many
    /// ends the one unused the longest.
    public mutating func logIn(
        member: MemberID, verifiedHash: String, tokenDigest: Digest, device: String, at instant: Instant,
        into effects: inout Effects
    ) -> (session: SessionRow, account: Account)? {
        wake(at: instant, into: &effects)
        guard let state = members[member], state.password.text == verifiedHash else { return nil }
        let over = state.sessions.count + 1 - configuration.sessionsPerMemberMax
        for id in unusedLongest(of: state.sessions).prefix(max(0, over)) { endSession(id, into: &effects) }
        let row = SessionRow(
            id: SessionID(identifiers.session), member: member, tokenDigest: tokenDigest, device: device,
            createdAt: latest, usedAt: latest, acknowledged: nil)
        emit(.session(row), into: &effects)
        return (row, account(of: member)!)
    }

    /// Sessions with a connection are in use now, whenever that was last written down.
    private func unusedLongest(of ids: some Sequence<SessionID>) -> [SessionID] {
        ids.sorted { a, b in
            let (a, b) = (sessions[a]!, sessions[b]!)
            if (a.connections > 0) != (b.connections > 0) { return b.connections > 0 }
            return a.row.usedAt != b.row.usedAt ? a.row.usedAt < b.row.usedAt : a.row.id < b.row.id
        }
    }

    /// When a session ends however much it is used.
    public func absoluteEnd(of row: SessionRow) -> Instant { row.createdAt + .seconds(configuration.sessionSeconds) }

    func end(of row: SessionRow) -> Instant {
        min(row.usedAt + .seconds(configuration.sessionIdleSeconds), absoluteEnd(of: row))
    }

    /// The session with this token; nil when there is none or it has ended.
    public mutating func resume(
        tokenDigest: Digest, at instant: Instant, into effects: inout Effects
    ) -> (session: SessionRow, account: Account)? {
        wake(at: instant, into: &effects)
        guard let id = sessionByDigest[tokenDigest.shortened], sessions[id]?.row.tokenDigest == tokenDigest else {
            return nil
        }
        use(id, at: latest, into: &effects)
        let row = sessions[id]!.row
        return (row, account(of: row.member)!)
    }

    /// Ends a session. Its connections are told through `Effects.endedSessions`.
    public mutating func logOut(session: SessionID, at instant: Instant, into effects: inout Effects) {
        wake(at: instant, into: &effects)
        endSession(session, into: &effects)
    }

    mutating func endSession(_ id: SessionID, into effects: inout Effects) {
        guard let state = sessions[id] else { return }
        // Whoever was connected until now is present for a while yet.
        if state.connections > 0 { members[state.row.member]!.seenAt = latest }
        emit(.sessionEnded(id), into: &effects)
        effects.endedSessions.append(id)
        pruneNotices(of: state.row.member, into: &effects)
    }

    private mutating func use(
        _ id: SessionID, at now: Instant, staleSeconds: UInt32 = usedAtStaleSeconds, into effects: inout Effects
    ) {
        guard var row = sessions[id]?.row, now - row.usedAt >= .seconds(staleSeconds) else { return }
        row.usedAt = now
        emit(.session(row), into: &effects)
    }

    mutating func sessionDue(_ id: SessionID, at now: Instant, into effects: inout Effects) {
        guard let state = sessions[id] else { return }
        if state.connections > 0, now < absoluteEnd(of: state.row) {
            use(id, at: now, staleSeconds: 0, into: &effects)
        }
        let row = sessions[id]!.row
        if end(of: row) <= now {
            endSession(id, into: &effects)
        } else {
            deadlines.set(.sessionEnd(id), at: end(of: row))
        }
    }

    // MARK: Presence

    /// A connection of the member opened. Nothing happens when the session is not, or no longer, the member's.
    public mutating func connected(
        member: MemberID, session: SessionID, at instant: Instant, into effects: inout Effects
    ) {
        wake(at: instant, into: &effects)
        guard sessions[session]?.row.member == member else { return }
        sessions[session]!.connections += 1
        members[member]!.connections += 1
        seen(member, at: latest, into: &effects)
    }

    /// A connection of the member closed. The place stays; absence shows when it would be the member's turn.
    public mutating func disconnected(
        member: MemberID, session: SessionID, at instant: Instant, into effects: inout Effects
    ) {
        wake(at: instant, into: &effects)
        // A session that has ended took its connections along.
        guard sessions[session]?.row.member == member, sessions[session]!.connections > 0 else { return }
        use(session, at: latest, into: &effects)
        sessions[session]!.connections -= 1
        members[member]!.connections -= 1
        members[member]!.seenAt = latest
    }

    func isPresent(_ member: MemberID, at now: Instant) -> Bool {
        guard let state = members[member] else { return false }
        return state.connections > 0 || now <= allPresentUntil
            || now <= state.seenAt + .seconds(configuration.presenceSeconds)
    }

    /// Whether the member is connected, or was, or made a request, at that instant or later.
    func hasShownLife(_ member: MemberID, since instant: Instant) -> Bool {
        let state = members[member]!
        return state.connections > 0 || state.seenAt >= instant
    }

    /// A sign of life: who was called is back.
    mutating func seen(_ member: MemberID, at now: Instant, into effects: inout Effects) {
        members[member]!.seenAt = now
        // With each command, and hardly anybody was: to sort nothing is not free.
        guard !members[member]!.called.isEmpty else { return }
        for id in members[member]!.called.sorted() {
            let token = tokens[id]!
            rooms[token.concert]!.isBackAgain(token)
            effects.changedRooms.insert(token.concert)
            admit(in: token.concert, at: now, into: &effects)
        }
    }
}
