import BoxOfficeProtocol

// Who may enter, when (docs/domain.md, Queue). First come, first served; absent members are called and passed over.

extension Engine {
    mutating func joinQueue(
        _ request: JoinQueue, by member: MemberID, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> Place {
        guard rooms[request.concert] != nil else { throw Refusal(.unknownConcert) }
        if let token = newestToken(of: member, in: request.concert), token.isLive {
            return place(token, at: now)
        }
        guard let closesAt = rooms[request.concert]!.closesAt, now < closesAt else {
            throw Refusal(.saleClosed, "The sale of every date is over.")
        }
        let token = TokenRow(
            id: TokenID(identifiers.token), concert: request.concert, member: member, status: .waiting,
            rank: rooms[request.concert]!.nextRank, joinedAt: now)
        rooms[request.concert]!.timePasses(until: now)
        emit(.token(token), into: &effects)
        effects.changedRooms.insert(request.concert)
        admit(in: request.concert, at: now, into: &effects)
        return place(tokens[token.id]!, at: now)
    }

    mutating func leaveQueue(
        _ request: LeaveQueue, by member: MemberID, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> Place {
        guard rooms[request.concert] != nil else { throw Refusal(.unknownConcert) }
        guard var token = newestToken(of: member, in: request.concert) else { throw Refusal(.notQueued) }
        guard token.isLive else { return place(token, at: now) }
        token.status = .left
        token.endedAt = now
        // The token ends first: ending the holds must not look for it.
        emitToken(token, at: now, into: &effects)
        for reservation in heldReservations(of: member, in: request.concert) {
            end(reservation, as: .released, at: now, into: &effects)
        }
        admit(in: request.concert, at: now, into: &effects)
        return place(token, at: now)
    }

    func knownPlace(of member: MemberID, in concert: ConcertID, at now: Instant) throws(Refusal) -> Place {
        guard rooms[concert] != nil else { throw Refusal(.unknownConcert) }
        guard let token = newestToken(of: member, in: concert) else { throw Refusal(.notQueued) }
        return place(token, at: now)
    }

    func newestToken(of member: MemberID, in concert: ConcertID) -> TokenRow? {
        members[member]?.tokens[concert].map { tokens[$0]! }
    }

    /// Whether the member may hold: the token is active and its active time is not over.
    func mayHold(_ member: MemberID, in concert: ConcertID, at now: Instant) -> Bool {
        guard let token = newestToken(of: member, in: concert) else { return false }
        return token.status == .active && now < token.activeUntil!
    }

    /// Whether the member may pay: the token is active, if only because of a live hold.
    func mayPay(_ member: MemberID, in concert: ConcertID) -> Bool {
        newestToken(of: member, in: concert)?.status == .active
    }

    // MARK: Admission

    /// Lets in as many as there is space for: first those who were called and are back, then the line. Whoever is
    /// absent when their turn comes is called, or stays so, and takes up no space.
    mutating func admit(in concert: ConcertID, at now: Instant, into effects: inout Effects) {
        guard rooms[concert]?.admits(at: now) == true else { return }
        // The room is looked at anew for each, not kept in hand: its line would be copied when it changes.
        while rooms[concert]!.hasSpace {
            if let next = rooms[concert]!.returned.first {
                let token = tokens[next.token]!
                if isPresent(token.member, at: now) {
                    activate(token, at: now, into: &effects)
                } else {
                    goneAgain(token, at: now, into: &effects)
                }
            } else if let next = rooms[concert]!.line.first {
                let token = tokens[next.token]!
                if isPresent(token.member, at: now) {
                    activate(token, at: now, into: &effects)
                } else {
                    call(token, at: now, into: &effects)
                }
            } else {
                return
            }
        }
    }

    private mutating func activate(_ row: TokenRow, at now: Instant, into effects: inout Effects) {
        var token = row
        token.status = .active
        token.admittedAt = now
        token.activeUntil = now + .seconds(rooms[row.concert]!.row.activeSeconds)
        token.calledUntil = nil
        emitToken(token, at: now, into: &effects)
        // Someone connected, or who asked this very moment, has shown a sign of life; others have to.
        if members[token.member]!.connections == 0, members[token.member]!.seenAt < now {
            deadlines.set(.lifeSign(token.id), at: now + .seconds(configuration.presenceSeconds))
        }
        notify(
            token.member,
            .admitted(Admitted(at: now, concert: token.concert, token: token.id, activeUntil: token.activeUntil!)),
            about: token.id.rawValue, at: now, into: &effects)
    }

    /// Was back, and is away again now that there is space: passed over, with what remains of the window.
    private mutating func goneAgain(_ token: TokenRow, at now: Instant, into effects: inout Effects) {
        if token.calledUntil! <= now {
            expire(token, at: now, into: &effects)
        } else {
            rooms[token.concert]!.returned.remove(rank: token.rank)
            effects.changedRooms.insert(token.concert)
        }
    }

    private mutating func call(_ row: TokenRow, at now: Instant, into effects: inout Effects) {
        var token = row
        token.status = .called
        token.activeUntil = nil
        token.calledUntil = now + .seconds(rooms[row.concert]!.row.callWindowSeconds)
        emitToken(token, at: now, into: &effects)
        notify(
            token.member,
            .called(Called(at: now, concert: token.concert, token: token.id, calledUntil: token.calledUntil!)),
            about: token.id.rawValue, at: now, into: &effects)
    }

    /// Stores a changed token and has its member and the room told.
    private mutating func emitToken(_ token: TokenRow, at now: Instant, into effects: inout Effects) {
        rooms[token.concert]!.tokenChanges(to: token, at: now)
        emit(.token(token), into: &effects)
        effects.changedRooms.insert(token.concert)
        effects.changedPlaces.append((token.member, token.concert))
    }

    // MARK: Time

    mutating func saleOpened(_ concert: ConcertID, at now: Instant, into effects: inout Effects) {
        guard rooms[concert] != nil else { return }
        effects.changedRooms.insert(concert)
        admit(in: concert, at: now, into: &effects)
    }

    mutating func activeEnding(_ id: TokenID, at now: Instant, into effects: inout Effects) {
        guard let token = tokens[id], token.status == .active, let activeUntil = token.activeUntil, now < activeUntil,
            activeUntil - now <= .seconds(configuration.activeWarningSeconds)
        else { return }
        // Before a restart it was told already.
        guard activeUntil + -.seconds(configuration.activeWarningSeconds) > doneThrough else { return }
        notify(
            token.member,
            .activeEnding(ActiveEnding(at: now, concert: token.concert, token: id, activeUntil: activeUntil)),
            about: id.rawValue, at: now, into: &effects)
    }

    /// Active time is over. A live hold keeps the token, for paying only, until the hold ends.
    mutating func activeExpired(_ id: TokenID, at now: Instant, into effects: inout Effects) {
        guard let token = tokens[id], token.status == .active, token.activeUntil! <= now else { return }
        guard heldReservations(of: token.member, in: token.concert).isEmpty else {
            effects.changedPlaces.append((token.member, token.concert))
            return
        }
        expire(token, at: now, into: &effects)
        admit(in: token.concert, at: now, into: &effects)
    }

    mutating func callExpired(_ id: TokenID, at now: Instant, into effects: inout Effects) {
        guard let token = tokens[id], token.status == .called, token.calledUntil! <= now else { return }
        // Back in time, and next as soon as there is space: the window no longer matters.
        guard !rooms[token.concert]!.returned.contains(rank: token.rank) else { return }
        // Right after a start everybody counts as present. Who was back in time before the stop has to show it again.
        guard now > allPresentUntil else {
            deadlines.set(.callExpiry(id), at: allPresentUntil + Microseconds(1))
            return
        }
        expire(token, at: now, into: &effects)
    }

    private mutating func expire(_ row: TokenRow, at now: Instant, into effects: inout Effects) {
        var token = row
        token.status = .expired
        token.endedAt = now
        emitToken(token, at: now, into: &effects)
        notify(
            token.member, .tokenExpired(TokenExpired(at: now, concert: token.concert, token: token.id)),
            about: token.id.rawValue, at: now, into: &effects)
    }

    /// An admission that met nobody turns into a call, unless something is held by then.
    mutating func lifeSignMissing(_ id: TokenID, at now: Instant, into effects: inout Effects) {
        guard let token = tokens[id], token.status == .active, let admittedAt = token.admittedAt else { return }
        let state = members[token.member]!
        let isAlive = state.connections > 0 || state.seenAt >= max(admittedAt, startedAt)
        guard !isAlive, heldReservations(of: token.member, in: token.concert).isEmpty else { return }
        call(token, at: now, into: &effects)
        admit(in: token.concert, at: now, into: &effects)
    }

    /// A payment or the end of a hold may end the token too.
    mutating func tokenAfterHold(
        of member: MemberID, in concert: ConcertID, paid: Bool, at now: Instant, into effects: inout Effects
    ) {
        guard var token = newestToken(of: member, in: concert), token.status == .active,
            heldReservations(of: member, in: concert).isEmpty
        else { return }
        if paid {
            token.status = .completed
            token.endedAt = now
            emitToken(token, at: now, into: &effects)
            admit(in: concert, at: now, into: &effects)
        } else if token.activeUntil! <= now {
            expire(token, at: now, into: &effects)
            admit(in: concert, at: now, into: &effects)
        }
    }
}
