import BoxOfficeProtocol

/// What moves a line, as far as it was measured while somebody waited: how soon those inside go, how many are present
/// when their turn comes, and how many leave the line.
///
/// Counted is what members do, not admissions. When a sale opens or a room is made larger many are admitted at once;
/// that says nothing about how long the next one waits. How long members stay inside does, for a room of any size: a
/// room that is made larger moves faster at once, before anybody has seen it do so.
///
/// What is old is forgotten by the number of events, not by the clock: exponentially, twice as many ends as the room has
/// places and at least twenty. So a small room that rarely moves knows its pace too, and a large one remembers as much
/// as two changes of all those inside. Of turns it remembers fifty.
struct LineFlow: Sendable {
    private static let exitsKept = 20.0
    private static let turnsKept = 50.0
    private static let keptPerPlace = 2.0
    /// While nobody waits or nobody may enter, what was measured fades slowly.
    private static let idleMemorySeconds = 1_800.0

    /// Members inside whose time ended in any way; how many seconds those were inside; and how many all were, those who
    /// still are included.
    private(set) var exits = 0.0
    private(set) var endedSeconds = 0.0
    private(set) var insideSeconds = 0.0
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

    /// Time passes; it counts, from `opensAt` on, while somebody waits and may enter.
    mutating func timePasses(until now: Instant, inside: Int, waiting: Int, counts: Bool, opensAt: Instant) {
        guard let last = lastAt, last < now else {
            lastAt = lastAt ?? now
            return
        }
        lastAt = now
        let elapsed = Double((now - (counts ? max(last, opensAt) : last)).count) / 1_000_000
        guard elapsed > 0 else { return }
        if counts {
            insideSeconds += elapsed * Double(inside)
            waitedSeconds += elapsed * Double(waiting)
        } else {
            // exp(-x) by the start of its series: close enough for a memory, and the same on every platform.
            let x = elapsed / Self.idleMemorySeconds
            keep(1 / (1 + x + x * x / 2))
            keepTurns(1 / (1 + x + x * x / 2))
        }
    }

    /// Somebody inside is there no more, after so long, in a room of so many places.
    mutating func exited(after stay: Microseconds, capacity: Int) {
        keep(1 - 1 / max(Self.exitsKept, Self.keptPerPlace * Double(capacity)))
        exits += 1
        endedSeconds += Double(stay.count) / 1_000_000
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
        exits *= share
        endedSeconds *= share
        insideSeconds *= share
        leavers *= share
        waitedSeconds *= share
    }

    private mutating func keepTurns(_ share: Double) {
        turns *= share
        present *= share
        returned *= share
        changes *= share
    }
}
