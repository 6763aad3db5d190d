import BoxOfficeProtocol

// What operators decide about a waiting room: its policies, and who may be in it. All of it takes effect at once and is
// recorded: who, when, from what, to what.

extension Engine {
    mutating func setRoom(
        _ request: SetRoom, by actor: Actor, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> RoomSettings {
        guard let row = rooms[request.concert]?.row.applying(request) else { throw Refusal(.unknownConcert) }
        change(to: row, by: actor, at: now, into: &effects)
        return row.told
    }

    /// Puts changed policies into effect and records what has changed.
    mutating func change(to row: RoomRow, by actor: Actor, at now: Instant, into effects: inout Effects) {
        guard let old = rooms[row.concert]?.row, old != row else { return }
        rooms[row.concert]!.timePasses(until: now)
        emit(.room(row), into: &effects)
        for (subject, from, to) in row.changes(from: old) {
            record(RoomChangeRow(subject, from: from, to: to, of: row.concert, by: actor, at: now), into: &effects)
        }
        if old.idleSeconds != row.idleSeconds {
            for id in rooms[row.concert]!.active.sorted() { watchIdleness(of: tokens[id]!, from: now) }
        }
        rooms[row.concert]!.paceChanged()
        effects.changedRooms.insert(row.concert)
        effects.changedPolicies.insert(row.concert)
        admit(in: row.concert, at: now, into: &effects)
    }

    /// Ends a member's token; barred, the member may not join again.
    mutating func removeMember(
        _ request: RemoveMember, nameKey: String, by actor: Actor, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> RoomChange {
        guard rooms[request.concert] != nil else { throw Refusal(.unknownConcert) }
        guard let member = memberByNameKey[nameKey] else { throw Refusal(.unknownMember) }
        let token = newestToken(of: member, in: request.concert).flatMap { $0.isLive ? $0 : nil }
        guard token != nil || request.bar else {
            throw Refusal(.notQueued, "The member has no place in this queue; bar them to keep them out.")
        }
        let change = RoomChangeRow(
            request.bar ? .barred : .removed, from: token?.status.name ?? "", to: TokenStatus.removed.name,
            of: request.concert, by: actor, at: now, member: member, reason: request.reason)
        let recorded = record(change, into: &effects)
        if let token {
            end(token, as: .removed, at: now, into: &effects)
            notify(
                member,
                .tokenRemoved(
                    TokenRemoved(
                        at: now, concert: request.concert, token: token.id, reason: request.reason,
                        isBarred: request.bar)),
                about: token.id.rawValue, at: now, into: &effects)
            admit(in: request.concert, at: now, into: &effects)
        }
        return told(recorded)
    }

    /// Lets a barred member join again.
    mutating func allowMember(
        _ request: AllowMember, nameKey: String, by actor: Actor, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> RoomChange {
        guard let room = rooms[request.concert] else { throw Refusal(.unknownConcert) }
        guard let member = memberByNameKey[nameKey] else { throw Refusal(.unknownMember) }
        guard room.barred.contains(member) else { throw Refusal(.notBarred) }
        let change = RoomChangeRow(
            .allowed, from: RoomChangeSubject.barred.name, to: "", of: request.concert, by: actor, at: now,
            member: member, reason: request.reason)
        return told(record(change, into: &effects))
    }

    @discardableResult
    private mutating func record(_ row: RoomChangeRow, into effects: inout Effects) -> RoomChangeRow {
        var row = row
        row.id = RoomChangeID(identifiers.roomChange)
        emit(.roomChange(row), into: &effects)
        return row
    }

    /// The change as it travels.
    public func told(_ row: RoomChangeRow) -> RoomChange {
        RoomChange(
            change: row.id, concert: row.concert, at: row.at, subject: row.subject, from: row.from, to: row.to,
            by: row.by.flatMap { account(of: $0)?.name }, member: row.member.flatMap { account(of: $0)?.name },
            reason: row.reason)
    }
}

extension RoomRow {
    /// The row with the policies that the request sets; the others stay. A concert file says its policies the same way.
    func applying(_ request: SetRoom) -> RoomRow {
        var row = self
        row.mode = request.mode ?? mode
        row.capacity = request.capacity ?? capacity
        row.admissionsPerMinute = request.admissionsPerMinute ?? admissionsPerMinute
        row.activeSeconds = request.activeSeconds ?? activeSeconds
        row.idleSeconds = request.idleSeconds ?? idleSeconds
        row.callWindowSeconds = request.callWindowSeconds ?? callWindowSeconds
        if let opensAt = request.opensAt { row.opensAt = opensAt == .distantPast ? nil : opensAt }
        row.message = request.message ?? message
        return row
    }

    /// The settings as they travel.
    var told: RoomSettings {
        RoomSettings(
            concert: concert, mode: mode, capacity: capacity, admissionsPerMinute: admissionsPerMinute,
            activeSeconds: activeSeconds, idleSeconds: idleSeconds, callWindowSeconds: callWindowSeconds,
            opensAt: opensAt, message: message.isEmpty ? nil : message)
    }

    /// What is another than in `old`, as it is recorded: numbers in decimal, an instant in microseconds since 1970.
    fileprivate func changes(from old: RoomRow) -> [(RoomChangeSubject, from: String, to: String)] {
        let columns: [(RoomChangeSubject, String, String)] = [
            (.mode, old.mode.name, mode.name),
            (.capacity, "\(old.capacity)", "\(capacity)"),
            (.admissionsPerMinute, "\(old.admissionsPerMinute)", "\(admissionsPerMinute)"),
            (.activeSeconds, "\(old.activeSeconds)", "\(activeSeconds)"),
            (.idleSeconds, "\(old.idleSeconds)", "\(idleSeconds)"),
            (.callWindowSeconds, "\(old.callWindowSeconds)", "\(callWindowSeconds)"),
            (.opensAt, old.opensAt.map { "\($0.rawValue)" } ?? "", opensAt.map { "\($0.rawValue)" } ?? ""),
            (.message, old.message, message),
        ]
        return columns.filter { $0.1 != $0.2 }.map { ($0.0, from: $0.1, to: $0.2) }
    }
}

extension RoomChangeRow {
    /// Its number is given when it is recorded.
    fileprivate init(
        _ subject: RoomChangeSubject, from: String, to: String, of concert: ConcertID, by actor: Actor, at: Instant,
        member: MemberID? = nil, reason: String? = nil
    ) {
        self.init(
            id: RoomChangeID(0), concert: concert, at: at, by: actor.member, subject: subject, from: from, to: to,
            member: member, reason: reason)
    }
}
