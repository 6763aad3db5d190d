import BoxOfficeProtocol

/// What moves a line, as far as it was measured while somebody waited: how soon those inside go, how many are present
/// when their turn comes, and how many leave the line.
///
/// Counted is what members do, not admissions. When a sale opens or a room is made larger many are admitted at once;
/// that says nothing about how long the next one waits. How long members stay inside does, for a room of any size: a
/// room that is made larger moves faster at once, before anybody has seen it do so.
///
/// What is old is forgotten by the number of events, not by the clock: exponentially, half as many ends as the room has
/// places and at least twenty. So a small room that rarely moves knows its pace too, and a large one notices that seats
/// become hard to find while it turns over. Of turns it remembers fifty.
struct LineFlow: Sendable {
    /// Ends that must be remembered before they say anything.
    static let exitsMin = 2.0
    private static let exitsKept = 20.0
    private static let turnsKept = 50.0
    private static let keptPerPlace = 0.5
    /// While nobody waits or nobody may enter, what was measured fades slowly.
    private static let idleMemorySeconds = 1_800.0

    /// How long members stay, those who still do included.
    var stays = Stays()
    /// How many seconds those were inside whose time ended in any way.
    private var endedSeconds = 0.0
    /// What seats those take who go in.
    var demand = SeatDemand()
    /// Members who left the line, and how many seconds all those in it have waited.
    private(set) var leavers = 0.0
    private(set) var waitedSeconds = 0.0
    /// Members of the line whose turn came; those who were present; and the called ones who came back and went in.
    private(set) var turns = 0.0
    private(set) var present = 0.0
    private(set) var returned = 0.0
    /// How often a present one was next after an absent one, or the other way round: seldom when friends, or a train
    /// in a tunnel, stand in line together.
    private(set) var changes = 0.0
    private var wasPresent: Bool?
    private var lastAt: Instant?
    private var wasCounting = false

    /// Members inside whose time ended in any way.
    var exits: Double { stays.ends.reduce(0, +) }

    /// Time passes; it counts, from `opensAt` on, while somebody waits and may enter.
    mutating func timePasses(until now: Instant, waiting: Int, counts: Bool, opensAt: Instant) {
        guard let last = lastAt, last < now else {
            lastAt = lastAt ?? now
            return
        }
        lastAt = now
        if counts != wasCounting { stays.look(at: last) }
        wasCounting = counts
        let elapsed = (now - (counts ? max(last, opensAt) : last)).seconds
        guard elapsed > 0 else { return }
        if counts {
            stays.counts(elapsed)
            waitedSeconds += elapsed * Double(waiting)
        } else {
            // exp(-x) by the start of its series: close enough for a memory, and the same on every platform.
            let x = elapsed / Self.idleMemorySeconds
            keep(1 / (1 + x + x * x / 2))
            keepTurns(1 / (1 + x + x * x / 2))
        }
    }

    /// Somebody inside is there no more, in a room of so many places.
    mutating func exited(enteredAt: Instant, at now: Instant, capacity: Int) {
        keep(1 - 1 / max(Self.exitsKept, Self.keptPerPlace * Double(capacity)))
        endedSeconds += (now - enteredAt).seconds
        stays.ended(enteredAt: enteredAt, at: now)
    }

    /// When places will be free; nil when that is not known.
    /// - Parameters:
    ///   - free: places that are free now, or, below 0, how many members are too many inside.
    ///   - turnSeconds: how long a place is had at most, but for those who hold seats.
    ///   - seats: how many of each date can be had.
    mutating func outlook(
        free: Int, turnSeconds: UInt32, seats: [PerformanceID: UInt32], at now: Instant
    ) -> RoomOutlook? {
        demand.look(at: seats)
        let exits = exits
        guard exits >= Self.exitsMin else { return nil }
        stays.look(at: now)
        let groups = stays.insideByAge(at: now)
        let outlook = { [stays, endedSeconds] (isLate: Bool) in
            StayOutlook(
                Survival(stays, turnSeconds: Double(turnSeconds), isLate: isLate), groups: groups, free: Double(free),
                firstStay: endedSeconds / exits)
        }
        return RoomOutlook(likely: outlook(false), late: outlook(true), entriesWithSeats: demand.entriesWithSeats)
    }

    /// Somebody in the line is next: they go in, or are called when they are absent.
    mutating func turnTaken(isPresent: Bool) {
        keepTurns(1 - 1 / Self.turnsKept)
        turns += 1
        if isPresent { present += 1 }
        if let wasPresent, wasPresent != isPresent { changes += 1 }
        wasPresent = isPresent
    }

    /// Somebody who was called is back and goes in.
    mutating func returnedEnters() { returned += 1 }

    /// Somebody leaves the line.
    mutating func left() { leavers += 1 }

    private mutating func keep(_ share: Double) {
        endedSeconds *= share
        leavers *= share
        waitedSeconds *= share
        stays.keep(share)
        demand.keep(share)
    }

    private mutating func keepTurns(_ share: Double) {
        turns *= share
        present *= share
        returned *= share
        changes *= share
    }
}
