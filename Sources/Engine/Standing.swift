import BoxOfficeProtocol

/// What decides a member's hold beside the seats: where the member's turn has come, and what was done already.
///
/// Most holds of an on-sale lose: the seat is somebody's. The server publishes this after each commit for those who are
/// inside a room, and with the map of the date that is enough to say so without asking the engine.
public struct Standing: Sendable {
    /// An active token.
    struct Turn: Sendable {
        let concert: ConcertID
        let activeUntil: Instant
    }

    var turns: Few<Turn>
    /// Seats held and owned, by date.
    var seats: [PerformanceID: Int]
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
            of: hold.seats.sorted(), map: map, on: row,
            activeUntil: turns.first { $0.concert == row.concert }?.activeUntil,
            seatsOfMember: (seats[row.id] ?? 0) + seatsOnTheWay, seatsPerMemberMax: configuration.seatsPerMemberMax,
            at: now)
        return refusal?.code == .seatTaken ? refusal : nil
    }
}

extension Engine {
    /// Where a member stands; nil without an active token.
    public func standing(of id: MemberID) -> Standing? {
        guard let member = members[id] else { return nil }
        var turns = Few<Standing.Turn>()
        member.tokens.visit { id in
            guard let token = tokens[id], token.status == .active else { return }
            turns.append(Standing.Turn(concert: token.concert, activeUntil: token.activeUntil!))
        }
        return turns.isEmpty ? nil : Standing(turns: turns, seats: member.seats, newestKeyAt: member.newestKeyAt)
    }

    /// Where everybody stands who has an active token.
    public var standings: [MemberID: Standing] {
        rooms.values.reduce(into: [:]) { standings, room in
            for token in room.active {
                let member = tokens[token]!.member
                standings[member] = standing(of: member)
            }
        }
    }
}

extension Fact {
    /// The member whose standing it changes; nil when it changes nobody's.
    public var changedStanding: MemberID? {
        switch self {
        case .token(let row): row.member
        case .reservation(let row): row.member
        case .operation(let row):
            if case .member(let member) = row.owner { member } else { nil }
        default: nil
        }
    }
}
