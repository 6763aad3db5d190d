import BoxOfficeProtocol

/// A member with an active token, and what decides a hold of theirs beside the seats.
///
/// Most holds of an on-sale lose: the seat is somebody's. The server publishes this after each commit, and with the map of
/// the date that is enough to say so without asking the engine.
public struct Insider: Sendable {
    /// An active token.
    struct Turn: Sendable {
        let concert: ConcertID
        let activeUntil: Instant
    }

    var turns: Few<Turn>
    /// Seats held and owned, by date.
    var seats: SmallTable<PerformanceID, UInt32>
    /// When the newest operation key that the member ever used was stamped: a newer one is new.
    var newestKeyAt: Instant

    /// The refusal of a hold whose seats are somebody's, as the engine would give it; nil when the engine has to be asked.
    ///
    /// - Parameters:
    ///   - map: The seats, of the same moment as this.
    ///   - seatsOnTheWay: Seats that the member has asked for and that may become the member's before this hold.
    public func lostRace(
        of hold: Hold, map: SeatMap, on row: PerformanceRow, seatsOnTheWay: Int, configuration: EngineConfiguration,
        at now: Instant
    ) -> Refusal? {
        guard let stampedAt = hold.operation.stampedAt, stampedAt > newestKeyAt,
            stampedAt >= now + -.seconds(configuration.operationBehindSeconds),
            stampedAt <= now + .seconds(configuration.operationAheadSeconds)
        else { return nil }
        let refusal = HoldRule.refusal(
            of: hold.seats.inOrder, map: map, on: row,
            activeUntil: turns.first { $0.concert == row.concert }?.activeUntil,
            seatsOfMember: Int(seats[row.id] ?? 0) + seatsOnTheWay, seatsPerMemberMax: configuration.seatsPerMemberMax,
            at: now)
        return refusal?.code == .seatTaken ? refusal : nil
    }
}

extension Engine {
    /// A member who is inside a room; nil without an active token.
    public func insider(_ id: MemberID) -> Insider? {
        guard let member = members[id] else { return nil }
        var turns = Few<Insider.Turn>()
        member.tokens.visit { _, id in
            guard let token = tokens[id], token.status == .active else { return }
            turns.append(Insider.Turn(concert: token.concert, activeUntil: token.activeUntil!))
        }
        return turns.isEmpty ? nil : Insider(turns: turns, seats: member.seats, newestKeyAt: member.newestKeyAt)
    }

    /// All who are inside a room.
    public var insiders: [MemberID: Insider] {
        rooms.values.reduce(into: [:]) { insiders, room in
            for token in room.active {
                let member = tokens[token]!.member
                insiders[member] = insider(member)
            }
        }
    }
}

extension Fact {
    /// The member of whom it changes what decides holds; nil when there is none.
    public var changedInsider: MemberID? {
        switch self {
        case .token(let row): row.member
        case .reservation(let row): row.member
        case .operation(let row):
            if case .member(let member) = row.owner { member } else { nil }
        default: nil
        }
    }
}
