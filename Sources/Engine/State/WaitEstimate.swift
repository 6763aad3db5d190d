import BoxOfficeProtocol

/// How long somebody in a line still waits, seconds.
struct WaitRange: Hashable, Sendable {
    var min: UInt32
    var likely: UInt32
    var max: UInt32
}

/// The estimated wait of one place in line (docs/domain.md, Estimated wait).
///
/// 1. **Admissions until it is this one's turn**: one, those who were called and are back, and of those ahead the share
///    that took a place when their turn came.
/// 2. **How long that takes** if nobody leaves the line: what the pace allows, and, for those for whom there is no free
///    place, what the room allows: its places, each given up after a member's stay. The later of both.
/// 3. **Leavers**: `A` ahead become fewer by themselves, at a rate `λ` each: what takes `S` without them takes
///    `ln(1 + λS) / λ`.
/// 4. **The range** has nine of ten waits if members go independently of each other. The wait is then gamma distributed;
///    its relative variance is the sum of what chance does to the ends, to who is present and to who leaves, of how few
///    events each rate is known from, and of a tenth by which people change.
struct WaitEstimate {
    let flow: LineFlow
    /// Members of the line before this one.
    var ahead: Int
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

    /// Ends that must be remembered before they say anything.
    private static let exitsMin = 2.0
    /// By how much of itself the rate changes while one waits.
    private static let drift = 0.1
    /// By how many of those who are away the admissions are uncertain.
    private static let awayBack = 0.2
    /// Standard deviations either way that nine of ten waits are within.
    private static let deviations = 1.6
    /// What is less known than this is not told by a wider range: it reaches from nothing to four times the likeliest.
    private static let varianceMax = 4.0

    private struct Span {
        var min: Double
        var likely: Double
        var max: Double
    }

    /// Nil when it is not known: no number is made up.
    var range: WaitRange? {
        guard capacity > 0 else { return nil }
        let free = Double(capacity) - Double(inside)
        var span = lasting(pacedForSeconds + (admissions - 1) * paceSeconds, variance: admissionsVariance)
        if Double(ahead) + Double(returned) + 1 > free {
            guard flow.exits >= Self.exitsMin, flow.insideSeconds > 0 else { return nil }
            let ends = admissions - free
            if ends > 0 {
                let stay = self.stay
                let share = admissions / ends
                let space = lasting(
                    ends * stay.seconds / Double(capacity),
                    variance: admissionsVariance * share * share + 1 / ends + stay.variance)
                span.min = max(span.min, space.min)
                span.likely = max(span.likely, space.likely)
                span.max = max(span.max, space.max)
            }
        }
        return WaitRange(
            min: bounded(span.min.rounded(.down)), likely: bounded(span.likely.rounded(.up)),
            max: bounded(span.max.rounded(.up)))
    }

    /// How long a place inside is taken, and the relative variance of that.
    ///
    /// After an opening all inside began together. Those who are out by then were the quick ones, so their mean is too
    /// short; and all the time inside shared among these few ends is too long. The truth is between, and the two
    /// meet when the room has changed once or twice. Until then the range is as wide as they are apart, and the
    /// likeliest nearer to the longer one, which those who do nothing until their time is over still make longer.
    private var stay: (seconds: Double, variance: Double) {
        let long = flow.insideSeconds / flow.exits
        let short = max(min(flow.endedSeconds / flow.exits, long), long / 1_000)
        let apart = naturalLogarithm(long / short)
        return (
            long * (short / long).squareRoot().squareRoot(),
            1 / flow.exits + Self.drift * Self.drift + apart * apart / 4
        )
    }

    /// Until this one is in, all that go in.
    private var admissions: Double {
        let share = min(1, (flow.present + flow.returned + 1) / (flow.turns + 1))
        return 1 + Double(returned) + Double(ahead) * share
    }

    /// Relative variance of `admissions`: who is present and who comes back is chance, and known from few turns. Absent
    /// members in groups make it as many times larger as presence changes less often from turn to turn than chance
    /// would have it. And of those who are away nobody knows how many are back before.
    private var admissionsVariance: Double {
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
    private func lasting(_ seconds: Double, variance: Double) -> Span {
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
    /// How long the first of the line still waits, for which `ahead` can be changed; nil when nobody may enter.
    func waitOfFirst(at now: Instant) -> WaitEstimate? {
        guard admits(at: now) else { return nil }
        let seconds = { (span: Microseconds) in Double(span.count) / 1_000_000 }
        return WaitEstimate(
            flow: flow, ahead: 0, returned: returned.count, away: called.count - returned.count,
            capacity: Int(row.capacity), inside: active.count,
            paceSeconds: paceInterval.map(seconds) ?? 0,
            pacedForSeconds: isPaced(at: now) ? seconds(pacedUntil - now) : 0)
    }
}

/// Of a number from 1 on: halves, and the series of the inverse hyperbolic tangent. The engine brings no mathematics
/// library, and this is the same on every platform.
func naturalLogarithm(_ value: Double) -> Double {
    let t = (value.significand - 1) / (value.significand + 1)
    var (term, sum, n) = (t, 0.0, 1.0)
    while n < 40 {
        sum += term / n
        term *= t * t
        n += 2
    }
    return 2 * sum + Double(value.exponent) * 0.693_147_180_559_945_3
}
