import BoxOfficeProtocol

// Joining, leaving and asking (docs/domain.md, Queue). Who is let in when is in Admission.swift.

extension Engine {
    mutating func joinQueue(
        _ request: JoinQueue, by member: MemberID, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> Place {
        guard rooms[request.concert] != nil else { throw Refusal(.unknownConcert) }
        if let token = newestToken(of: member, in: request.concert), token.isLive {
            return place(token, at: now)
        }
        try requireOpenToNewcomers(request.concert, member, at: now)
        let token = TokenRow(
            id: TokenID(identifiers.token), concert: request.concert, member: member, status: .waiting,
            ticket: rooms[request.concert]!.nextTicket, joinedAt: now)
        rooms[request.concert]!.timePasses(until: now)
        emit(.token(token), into: &effects)
        effects.changedRooms.insert(request.concert)
        admit(in: request.concert, at: now, into: &effects)
        return place(tokens[token.id]!, at: now)
    }

    private func requireOpenToNewcomers(
        _ concert: ConcertID, _ member: MemberID, at now: Instant
    ) throws(Refusal) {
        let room = rooms[concert]!
        guard let closesAt = room.closesAt, now < closesAt else {
            throw Refusal(.saleClosed, "The sale of every date is over.")
        }
        guard room.row.mode != .draining else { throw Refusal(.queueClosed) }
        guard !room.barred.contains(member) else { throw Refusal(.barred) }
        guard room.order != nil || room.nextTicket < DrawOrder.ticketsMax else {
            throw Refusal(.busy, "No more tickets before the opening.", retryAfterMilliseconds: 60_000)
        }
    }

    mutating func leaveQueue(
        _ request: LeaveQueue, by member: MemberID, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> Place {
        guard rooms[request.concert] != nil else { throw Refusal(.unknownConcert) }
        guard let token = newestToken(of: member, in: request.concert) else { throw Refusal(.notQueued) }
        guard token.isLive else { return place(token, at: now) }
        end(token, as: .left, at: now, into: &effects)
        admit(in: request.concert, at: now, into: &effects)
        return place(tokens[token.id]!, at: now)
    }

    /// Ends a live token by somebody's will, and releases the live holds that came with it.
    mutating func end(_ token: TokenRow, as status: TokenStatus, at now: Instant, into effects: inout Effects) {
        // The token ends first: ending the holds must not look for it.
        ended(token, as: status, at: now, into: &effects)
        for reservation in heldReservations(of: token.member, in: token.concert) {
            end(reservation, as: .released, at: now, into: &effects)
        }
    }

    func knownPlace(of member: MemberID, in concert: ConcertID, at now: Instant) throws(Refusal) -> Place {
        guard rooms[concert] != nil else { throw Refusal(.unknownConcert) }
        guard let token = newestToken(of: member, in: concert) else { throw Refusal(.notQueued) }
        return place(token, at: now)
    }

    func newestToken(of member: MemberID, in concert: ConcertID) -> TokenRow? {
        members[member]?.tokens[concert].map { tokens[$0]! }
    }

    /// Until when the member may hold; nil without an active token.
    func activeUntil(of member: MemberID, in concert: ConcertID) -> Instant? {
        guard let token = newestToken(of: member, in: concert), token.status == .active else { return nil }
        return token.activeUntil
    }

    /// Whether the member may pay: the token is active, if only because of a live hold.
    func mayPay(_ member: MemberID, in concert: ConcertID) -> Bool {
        newestToken(of: member, in: concert)?.status == .active
    }
}
