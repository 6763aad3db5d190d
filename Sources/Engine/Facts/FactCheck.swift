import BoxOfficeProtocol

/// Looks at the facts of a load before they are applied: rows that somebody has edited, or that a disk has garbled, are
/// to be named, not to trap in `Engine.apply(_:)`, which trusts what the engine itself has decided. What no single row
/// shows is found by `Engine.brokenInvariant()` afterwards.
public struct FactCheck: Sendable {
    /// By number.
    private var members = NumberSet()
    private var plans: [PlanID: (seats: Int, categories: Int)] = [:]
    private var concerts: Set<ConcertID> = []
    private var performances: [PerformanceID: PlanID] = [:]
    private var rooms: [ConcertID: Room] = [:]
    private var owned: [PerformanceID: Set<SeatIndex>] = [:]
    private var newestNotices: [MemberID: UInt64] = [:]

    /// What live tokens of a room have.
    private struct Room {
        var members = NumberSet()
        var tickets = NumberSet()
    }

    /// Members, tokens and tickets are counted up from the start: no box office gets here, and the sets stay small.
    static let numbersMax: UInt64 = 1 << 28

    /// A check that has seen nothing yet.
    public init() {}

    /// What is wrong with the next fact of a load; nil when it may be applied.
    public mutating func problem(with fact: Fact) -> String? {
        switch fact {
        case .member(let row):
            if row.id.rawValue >= Self.numbersMax { return "member \(row.id): its number is out of range" }
            _ = members.insert(row.id.rawValue)
        case .session(let row):
            if !members.contains(row.member.rawValue) {
                return "session \(row.id) is of member \(row.member), who is not there"
            }
        case .plan(let row): return problem(with: row)
        case .concert(let row): concerts.insert(row.id)
        case .performance(let row): return problem(with: row)
        case .room(let row):
            if !concerts.contains(row.concert) { return "a room is of concert \(row.concert), which is not there" }
            if row.tickets > DrawOrder.ticketsMax { return "room \(row.concert): a draw of \(row.tickets) tickets" }
            rooms[row.concert] = Room()
        case .roomChange(let row):
            if rooms[row.concert] == nil || !(row.member.map { members.contains($0.rawValue) } ?? true) {
                return "room change \(row.id): its room or its member is not there"
            }
        case .token(let row): return problem(with: row)
        case .reservation(let row): return problem(with: row)
        case .notice(let row): return problem(with: row)
        default: break
        }
        return nil
    }

    private mutating func problem(with row: PlanRow) -> String? {
        let seats = row.hall.rows.lazy.flatMap(\.seats)
        let categories = row.hall.categories.count
        if let seat = seats.first(where: { Int($0.category) >= categories }) {
            return "plan \(row.id): seat \(seat.guid) is of category \(seat.category) of \(categories)"
        }
        plans[row.id] = (seats.count, categories)
        return nil
    }

    private mutating func problem(with row: PerformanceRow) -> String? {
        guard concerts.contains(row.concert), let plan = plans[row.plan] else {
            return "performance \(row.id): its concert or its plan is not there"
        }
        if row.prices.count != plan.categories {
            return "performance \(row.id) has \(row.prices.count) prices for \(plan.categories) categories"
        }
        if row.blocked.contains(where: { Int($0.rawValue) >= plan.seats })
            || Set(row.blocked).count != row.blocked.count
        {
            return "performance \(row.id): blocked seats that the hall does not have"
        }
        performances[row.id] = row.plan
        return nil
    }

    private mutating func problem(with row: TokenRow) -> String? {
        guard members.contains(row.member.rawValue), rooms[row.concert] != nil else {
            return "token \(row.id): its member or its room is not there"
        }
        let isWhole =
            switch row.status {
            case .active: row.activeUntil != nil && row.admittedAt != nil
            case .called: row.calledUntil != nil
            default: true
            }
        guard isWhole else { return "token \(row.id) is \(row.status.name), and until when is missing" }
        if max(row.id.rawValue, row.ticket) >= Self.numbersMax {
            return "token \(row.id), ticket \(row.ticket): a number is out of range"
        }
        guard row.isLive else { return nil }
        if !rooms[row.concert]!.tickets.insert(row.ticket) {
            return "token \(row.id): ticket \(row.ticket) of room \(row.concert) is another's too"
        }
        if !rooms[row.concert]!.members.insert(row.member.rawValue) {
            return "token \(row.id): member \(row.member) has two live tokens in room \(row.concert)"
        }
        return nil
    }

    private mutating func problem(with row: ReservationRow) -> String? {
        guard members.contains(row.member.rawValue), let plan = performances[row.performance].flatMap({ plans[$0] })
        else {
            return "reservation \(row.id): its member or its performance is not there"
        }
        if row.seats.isEmpty || row.seats.count != row.prices.count || Set(row.seats).count != row.seats.count
            || row.seats.contains(where: { Int($0.rawValue) >= plan.seats })
        {
            return "reservation \(row.id): seats that the hall does not have, or not a price each"
        }
        guard row.isLive else { return nil }
        for seat in row.seats where !owned[row.performance, default: []].insert(seat).inserted {
            return "I1: seat \(seat) of performance \(row.performance) is in reservation \(row.id) and an earlier one"
        }
        return nil
    }

    private mutating func problem(with row: NoticeRow) -> String? {
        guard members.contains(row.member.rawValue) else {
            return "notice \(row.id) is of member \(row.member), who is not there"
        }
        let newest = newestNotices.updateValue(row.sequence, forKey: row.member)
        if let newest, newest + 1 != row.sequence {
            return "I6: notice \(row.sequence) of member \(row.member) comes after \(newest)"
        }
        return row.sequence == 0 ? "I6: a notice of member \(row.member) is numbered 0" : nil
    }
}
