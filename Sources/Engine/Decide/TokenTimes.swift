import BoxOfficeProtocol

// What time does to rooms and tokens: openings, turns of the pace, active time, idleness, call windows, the last close.

extension Engine {
    mutating func roomOpened(_ concert: ConcertID, at now: Instant, into effects: inout Effects) {
        guard rooms[concert] != nil else { return }
        effects.changedRooms.insert(concert)
        admit(in: concert, at: now, into: &effects)
    }

    /// The sale of the last date is over: who was not let in by now never will be. Nothing happens while it is not.
    mutating func saleClosed(_ concert: ConcertID, at now: Instant, into effects: inout Effects) {
        guard let closesAt = rooms[concert]?.closesAt, closesAt <= now else { return }
        deadlines.cancel(.saleClosing(concert))
        var turns = Self.turnsMax
        while turns > 0, let next = rooms[concert]!.line.first {
            expire(tokens[next.token]!, because: .saleClosed, at: now, into: &effects)
            turns -= 1
        }
        for id in rooms[concert]!.called.sorted().prefix(turns) {
            expire(tokens[id]!, because: .saleClosed, at: now, into: &effects)
        }
        if rooms[concert]!.line.count + rooms[concert]!.called.count > 0 {
            deadlines.set(.saleClosing(concert), at: now + Microseconds(1))
        }
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
        expire(token, because: .activeTime, at: now, into: &effects)
        admit(in: token.concert, at: now, into: &effects)
    }

    mutating func callExpired(_ id: TokenID, at now: Instant, into effects: inout Effects) {
        guard let token = tokens[id], token.status == .called, token.calledUntil! <= now else { return }
        // Right after a start everybody counts as back. It has to be shown within the time that is given for it.
        guard now > allPresentUntil else {
            deadlines.set(.callExpiry(id), at: allPresentUntil + Microseconds(1))
            return
        }
        // Back in time, and next as soon as there is space: the window no longer matters.
        guard !(rooms[token.concert]!.isBack(token) && hasShownLife(token.member, since: startedAt)) else { return }
        expire(token, because: .callWindow, at: now, into: &effects)
    }

    mutating func expire(
        _ row: TokenRow, because reason: ExpiryReason, at now: Instant, into effects: inout Effects
    ) {
        ended(row, as: .expired, at: now, into: &effects)
        notify(
            row.member, .tokenExpired(TokenExpired(at: now, concert: row.concert, token: row.id, reason: reason)),
            about: row.id.rawValue, at: now, into: &effects)
    }

    /// An admission that met nobody turns into a call, unless something is held by then.
    mutating func lifeSignMissing(_ id: TokenID, at now: Instant, into effects: inout Effects) {
        guard let token = tokens[id], token.status == .active, let admittedAt = token.admittedAt else { return }
        guard !hasShownLife(token.member, since: max(admittedAt, startedAt)),
            heldReservations(of: token.member, in: token.concert).isEmpty
        else { return }
        call(token, at: now, into: &effects)
        admit(in: token.concert, at: now, into: &effects)
    }

    /// A payment or the end of a hold may end the token too.
    mutating func tokenAfterHold(
        of member: MemberID, in concert: ConcertID, paid: Bool, at now: Instant, into effects: inout Effects
    ) {
        guard let token = newestToken(of: member, in: concert), token.status == .active,
            heldReservations(of: member, in: concert).isEmpty
        else { return }
        if paid {
            ended(token, as: .completed, at: now, into: &effects)
            admit(in: concert, at: now, into: &effects)
        } else if token.activeUntil! <= now {
            expire(token, because: .activeTime, at: now, into: &effects)
            admit(in: concert, at: now, into: &effects)
        } else {
            // Until now something was held: that was no idleness.
            noteLook(of: member, at: concert, now: now)
        }
    }

    // MARK: Idleness

    /// The member looks at the seats of the concert, or holds some. Kept in memory only: a start counts as a look.
    public mutating func looked(
        member: MemberID, at concert: ConcertID, now instant: Instant, into effects: inout Effects
    ) {
        wake(at: instant, into: &effects)
        guard members[member] != nil else { return }
        seen(member, at: latest, into: &effects)
        noteLook(of: member, at: concert, now: latest)
    }

    mutating func noteLook(of member: MemberID, at concert: ConcertID, now: Instant) {
        guard let token = newestToken(of: member, in: concert), token.status == .active else { return }
        rooms[concert]!.lookedAt[token.id] = now
    }

    /// Begins to watch an active token for looks and holds, where the room limits idle ones.
    mutating func watchIdleness(of token: TokenRow, from now: Instant) {
        rooms[token.concert]!.lookedAt[token.id] = now
        let idleSeconds = rooms[token.concert]!.row.idleSeconds
        if idleSeconds > 0 {
            deadlines.set(.idleExpiry(token.id), at: now + .seconds(idleSeconds))
        } else {
            deadlines.cancel(.idleExpiry(token.id))
        }
    }

    mutating func idleExpired(_ id: TokenID, at now: Instant, into effects: inout Effects) {
        guard let token = tokens[id], token.status == .active else { return }
        let room = rooms[token.concert]!
        guard room.row.idleSeconds > 0 else { return }
        // A live hold is no idleness; it is looked at again when as much time has passed.
        let isHolding = !heldReservations(of: token.member, in: token.concert).isEmpty
        let due = (isHolding ? now : room.lookedAt[id] ?? now) + .seconds(room.row.idleSeconds)
        guard due <= now else { return deadlines.set(.idleExpiry(id), at: due) }
        expire(token, because: .idle, at: now, into: &effects)
        admit(in: token.concert, at: now, into: &effects)
    }
}
