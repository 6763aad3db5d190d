import BoxOfficeProtocol

/// How long somebody in a line still waits, seconds.
struct WaitRange: Hashable, Sendable {
    var min: UInt32
    var likely: UInt32
    var max: UInt32
}

/// The estimated waits of a line, at one instant (docs/domain.md, Estimated wait).
///
/// 1. **Admissions until it is this one's turn**: one, those who were called and are back, and of those ahead the share
///    that took a place when their turn came.
/// 2. **How long that takes** if nobody leaves the line: what the pace allows, and, for those for whom there is no free
///    place, what the room allows: its places, each given up after a member's stay (`StayOutlook`), until the seats are
///    taken (`SeatDemand`) and soon after that. The later of both.
/// 3. **Leavers**: `A` ahead become fewer by themselves, at a rate `λ` each: what takes `S` without them takes
///    `ln(1 + λS) / λ`.
/// 4. **The range** has nine of ten waits if members go independently of each other. The wait is then gamma distributed;
///    its relative variance is the sum of what chance does to the ends, to who is present and to who leaves, of how few
///    events each rate is known from, and of a tenth by which people change.
struct WaitEstimate {
    let flow: LineFlow
    /// When places will be free; nil when that is not known.
    let outlook: RoomOutlook?
    /// Called members who are back: they go in before the whole line.
    var returned: Int
    /// Called members who are not back.
    var away = 0
    var capacity: Int
    /// Active tokens.
    var inside: Int
    /// From one admission to the next at least, seconds; 0 without a pace.
    var paceSeconds = 0.0
    /// Until the pace allows the next admission, seconds.
    var pacedForSeconds = 0.0

    /// By how much of itself the rate changes while one waits.
    private static let drift = 0.1
    /// Of the time that a stay takes, what one takes when there are no seats to be had: a guess, and told as one.
    private static let withoutSeats = 0.125
    /// By how many of those who are away the admissions are uncertain.
    private static let awayBack = 0.3
    /// Standard deviations either way that nine of ten waits are within.
    private static let deviations = 1.6
    /// What is less known than this is not told by a wider range: it reaches from nothing to four times the likeliest.
    private static let varianceMax = 4.0

    private struct Span {
        var min: Double
        var likely: Double
        var max: Double
    }

    /// How long somebody waits who has so many of the line before them. Nil when it is not known: no number is made up.
    func range(ahead: Int) -> WaitRange? {
        guard capacity > 0 else { return nil }
        let admissions = admissions(ahead: ahead)
        let variance = variance(of: admissions, ahead: ahead)
        guard let space = space(for: admissions, variance: variance, ahead: ahead) else { return nil }
        let pace = lasting(
            pacedForSeconds + (admissions - 1) * paceSeconds, variance: variance, admissions: admissions)
        let room = lasting(space.seconds, variance: space.variance, admissions: admissions)
        return WaitRange(
            min: bounded(max(pace.min, room.min).rounded(.down)),
            likely: bounded(max(pace.likely, room.likely).rounded(.up)),
            max: bounded(max(pace.max, room.max).rounded(.up)))
    }

    /// Until this one is in, all that go in.
    private func admissions(ahead: Int) -> Double {
        let share = min(1, (flow.present + flow.returned + 1) / (flow.turns + 1))
        return 1 + Double(returned) + Double(ahead) * share
    }

    /// How long the room makes so many admissions of that relative variance wait, and the relative variance of that; nil
    /// when it is not known how long members stay.
    private func space(
        for admissions: Double, variance: Double, ahead: Int
    ) -> (seconds: Double, variance: Double)? {
        let free = Double(capacity) - Double(inside)
        guard Double(ahead) + Double(returned) + 1 > free else { return (0, 0) }
        guard let outlook else { return nil }
        let ends = admissions - free
        guard ends > 0 else { return (0, 0) }
        // The median of the wait is where fewer ends than that are expected.
        let median = max(ends - 1 / 3, ends / 2)
        let withSeats = min(median, outlook.entriesWithSeats)
        let (likely, late) = (outlook.likely.wait(forEnds: withSeats), outlook.late.wait(forEnds: withSeats))
        let after = (median - withSeats) * likely.each
        // As far as it is not known how long stays last, the truth is between.
        let seconds = (likely.seconds * late.seconds).squareRoot() + after * Self.withoutSeats
        guard seconds > 0 else { return (0, 0) }
        let apart = naturalLogarithm(max(1, late.seconds / max(likely.seconds, 1e-3)))
        let short = min(after / (2 * seconds), 0.5)
        // By how much of itself the wait changes when the number of ends does: more than that when fewer places turn over.
        let elasticity = min(ends * likely.each / seconds, 10)
        let share = admissions / ends
        return (
            seconds,
            elasticity * elasticity * (variance * share * share + 1 / ends + 1 / flow.exits)
                + Self.drift * Self.drift + apart * apart / 4 + short * short
        )
    }

    /// Relative variance of `admissions`: who is present and who comes back is chance, and known from few turns. Absent
    /// members in groups make it as many times larger as presence changes less often from turn to turn than chance
    /// would have it. And of those who are away nobody knows how many are back before.
    private func variance(of admissions: Double, ahead: Int) -> Double {
        guard flow.turns > 0 else { return 0 }
        // One more of each than seen: that all were present so far does not say that all will be.
        let share = (flow.present + 1) / (flow.turns + 2)
        let chance = share * (1 - share)
        let together = max(1, 4 * chance * flow.turns / max(1, flow.changes) - 1)
        let back = (flow.returned + 1) / (flow.turns + 1)
        let before = Self.awayBack * Double(away)
        let variance = (together * chance + back) * Double(ahead) * (1 + Double(ahead) / flow.turns) + before * before
        return variance / (admissions * admissions)
    }

    /// Nine of ten waits for what takes `seconds` if nobody leaves the line, with that relative variance.
    private func lasting(_ seconds: Double, variance: Double, admissions: Double) -> Span {
        guard seconds > 0 else { return Span(min: 0, likely: 0, max: 0) }
        var variance = variance
        var likely = seconds
        let rate = flow.waitedSeconds > 0 ? flow.leavers / flow.waitedSeconds : 0
        // Below that nobody leaves in time, and the logarithm of nearly 1 has no digits left.
        if rate * seconds > 1e-6 {
            let logarithm = naturalLogarithm(1 + rate * seconds)
            likely = logarithm / rate
            // How far a change of `seconds`, and one of the rate, changes the wait; and the chance in who leaves.
            let elasticity = rate * seconds / ((1 + rate * seconds) * logarithm)
            let stay = likely / seconds
            variance =
                variance * elasticity * elasticity + (1 - elasticity) * (1 - elasticity) / max(1, flow.leavers)
                + (1 - stay) / (stay * stay * admissions)
        }
        // Wilson and Hilferty: the cube root of a gamma distributed number is nearly normal, unless it may be anything.
        variance = min(variance, Self.varianceMax)
        let center = 1 - variance / 9
        let spread = Self.deviations * variance.squareRoot() / 3
        let low = max(0, center - spread)
        let high = center + spread
        return Span(min: low * low * low * likely, likely: likely, max: high * high * high * likely)
    }

    /// What is no number is 0 here, not a trap.
    private func bounded(_ value: Double) -> UInt32 { value > 0 ? UInt32(min(value, 30 * 86_400)) : 0 }
}

extension RoomState {
    /// How long those in line still wait; nil when nobody may enter.
    func waits(at now: Instant) -> WaitEstimate? {
        guard admits(at: now) else { return nil }
        return WaitEstimate(
            flow: flow, outlook: outlook, returned: returned.count, away: called.count - returned.count,
            capacity: Int(row.capacity), inside: active.count,
            paceSeconds: paceInterval?.seconds ?? 0,
            pacedForSeconds: isPaced(at: now) ? (pacedUntil - now).seconds : 0)
    }
}
