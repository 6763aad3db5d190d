import BoxOfficeProtocol

// Who is let in, and when: the draw at the opening, then first come, first served. Absent members are called and passed
// over. Capacity bounds how many are inside, the pace how fast they come in.

extension Engine {
    /// Tokens that one turn admits or calls at most; the next turn goes on at once. Bounds how long a batch takes.
    static let turnsMax = 1_000
    /// Turns of a fast pace are put together in steps of this, so that each commit admits a few.
    private static let paceStep = Microseconds.milliseconds(10)

    /// Lets in as many as there is space for and the pace allows: first those who were called and are back, then the
    /// line. Whoever is absent when their turn comes is called, or stays so, and takes up no space.
    mutating func admit(in concert: ConcertID, at now: Instant, into effects: inout Effects) {
        // Already as many as one go takes, by an earlier command of the same batch.
        guard rooms[concert]?.turnsGoOnAfter != now else { return }
        draw(in: concert, at: now, into: &effects)
        let next = takeTurns(in: concert, at: now, into: &effects)
        rooms[concert]?.foresee(at: now) { [performances, performancesOfConcert] in
            performancesOfConcert[concert, default: []].reduce(into: [:]) {
                $0[$1] = performances[$1]!.salableCount(at: now)
            }
        }
        if let next {
            deadlines.set(.admission(concert), at: next)
        } else {
            deadlines.cancel(.admission(concert))
        }
    }

    /// - Returns: When there is to be another turn; nil when only something that happens can move the line.
    private mutating func takeTurns(in concert: ConcertID, at now: Instant, into effects: inout Effects) -> Instant? {
        guard rooms[concert]?.admits(at: now) == true else { return nil }
        // The room is looked at anew for each, not kept in hand: its line would be copied when it changes.
        for _ in 0..<Self.turnsMax {
            guard rooms[concert]!.hasSpace else { return nil }
            let back = rooms[concert]!.returned.first
            guard let next = back ?? rooms[concert]!.line.first else { return nil }
            let token = tokens[next.token]!
            if !isPresent(token.member, at: now) {
                if back == nil {
                    call(token, at: now, into: &effects)
                } else {
                    goneAgain(token, at: now, into: &effects)
                }
            } else if rooms[concert]!.isPaced(at: now) {
                return max(rooms[concert]!.pacedUntil, now + Self.paceStep)
            } else {
                activate(token, at: now, into: &effects)
            }
        }
        rooms[concert]!.turnsGoOnAfter = now
        return now + Microseconds(1)
    }

    /// The draw: once, when the room is open for the first time and somebody is there. From then on the seed is public
    /// and the order of the tickets before it follows from it.
    private mutating func draw(in concert: ConcertID, at now: Instant, into effects: inout Effects) {
        guard let room = rooms[concert], room.order == nil, room.nextTicket > 0, room.isOpen(at: now) else { return }
        var row = room.row
        row.drawnAt = now
        row.tickets = room.nextTicket
        emit(.room(row), into: &effects)
        effects.changedRooms.insert(concert)
        // Who is alone has their place from the answer.
        if room.line.count > 1 { effects.changedPolicies.insert(concert) }
    }

    private mutating func activate(_ row: TokenRow, at now: Instant, into effects: inout Effects) {
        var token = row
        token.status = .active
        token.admittedAt = now
        token.activeUntil = now + .seconds(rooms[row.concert]!.row.activeSeconds)
        token.calledUntil = nil
        rooms[row.concert]!.paceTaken(at: now)
        emitToken(token, at: now, into: &effects)
        watchIdleness(of: token, from: now)
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
            expire(token, because: .callWindow, at: now, into: &effects)
        } else {
            rooms[token.concert]!.noLongerBack(token)
            effects.changedRooms.insert(token.concert)
        }
    }

    mutating func call(_ row: TokenRow, at now: Instant, into effects: inout Effects) {
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

    /// A live token ends now, in whatever way.
    mutating func ended(_ row: TokenRow, as status: TokenStatus, at now: Instant, into effects: inout Effects) {
        var token = row
        token.status = status
        token.endedAt = now
        emitToken(token, at: now, into: &effects)
    }

    /// Stores a changed token and has its member and the room told.
    mutating func emitToken(_ token: TokenRow, at now: Instant, into effects: inout Effects) {
        rooms[token.concert]!.tokenChanges(to: token, at: now)
        emit(.token(token), into: &effects)
        effects.changedRooms.insert(token.concert)
        effects.changedPlaces.append((token.member, token.concert))
    }
}
