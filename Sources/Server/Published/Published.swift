// What everybody asks for, ready to be given away on the asker's own queue, so that looking never waits behind a write.
//
//     catalogue   concerts, dates, halls            a new value when an operator changed something
//     seats       statuses and counts of a date     a new value in its place after each commit that changed it
//     gate        who may look at a concert's       a new value in its place after each commit that changed it
//                 seats while its room is full,
//                 and how long one may not look
//     insiders    who is inside a room, and what    a new value for each member after each commit that changed it
//                 decides their holds beside seats
//
// Values are immutable. The engine loop replaces them, after the commit and before any answer that rests on it leaves:
// whoever has been told of a change can see it.

import BoxOfficeEngine
import BoxOfficeProtocol

/// All concerts, dates and halls. Immutable, but for the places it names.
final class PublishedCatalogue: Sendable {
    /// By number.
    let concerts: [ConcertRow]
    /// The dates of each concert, by start.
    let dates: [ConcertID: [PublishedDate]]
    let date: [PerformanceID: PublishedDate]
    /// By number.
    let halls: [PublishedHall]

    init(concerts: [ConcertRow], dates: [PublishedDate], halls: [PublishedHall]) {
        self.concerts = concerts
        let byStart = dates.sorted { ($0.row.startsAt, $0.row.id) < ($1.row.startsAt, $1.row.id) }
        self.dates = Dictionary(grouping: byStart) { $0.row.concert }
        date = Dictionary(uniqueKeysWithValues: dates.map { ($0.row.id, $0) })
        self.halls = halls
    }

    static let empty = PublishedCatalogue(concerts: [], dates: [], halls: [])

    func hall(_ plan: PlanID) -> PublishedHall? { halls.first { $0.plan.id == plan } }
}

/// One date of a concert, and the places of what changes about it.
final class PublishedDate: Sendable {
    let row: PerformanceRow
    let hall: PublishedHall
    let seats: Current<SeatsVersion>
    let gate: Current<RoomGate>

    init(_ row: PerformanceRow, hall: PublishedHall, seats: Current<SeatsVersion>, gate: Current<RoomGate>) {
        self.row = row
        self.hall = hall
        self.seats = seats
        self.gate = gate
    }

    /// As it travels.
    var told: Performance {
        let seats = seats.value
        return Performance(
            performance: row.id, concert: row.concert, plan: row.plan, hall: hall.plan.hall.name,
            hallDigest: hall.plan.hall.digest, startsAt: row.startsAt, timeZone: row.timeZone,
            saleOpensAt: row.saleOpensAt, saleClosesAt: row.saleClosesAt, available: seats.available,
            categories: seats.categories)
    }

    /// Why this one may not look at the seats (docs/domain.md, Queue); nil when they may.
    func refusal(for actor: Actor) -> Refusal? {
        let gate = gate.value
        guard gate.isFull else { return nil }
        switch actor {
        case .local: return nil
        case .guest: return Refusal(.loginRequired, "The seats are shown to those inside the room.")
        case .member(let member, _):
            return gate.active.contains(member)
                ? nil : Refusal(.queueRequired, "The seats are shown to those inside the room.")
        }
    }
}
