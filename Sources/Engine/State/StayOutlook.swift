/// When the places of a room will be free: as is likely, and if stays are as long as they may be where nobody has seen
/// any so long yet. They are apart for as long as the room has not changed once.
struct RoomOutlook: Sendable {
    let likely: StayOutlook
    let late: StayOutlook
    /// How many will find seats, as they are taken now; after them stays are short.
    let entriesWithSeats: Double
}

/// When the places of a room will be free, from how long members stay inside (`Stays`): how many stays will have ended
/// after how many seconds, as long as somebody waits who takes each place at once.
///
/// Those inside go on from the age they have reached; those who come after them begin anew. So places whose owners have
/// gone without a word are not counted among those that turn over, and fewer of them do as a sale goes on.
struct StayOutlook: Sendable {
    /// Seconds from now to the end of each step, and how many stays have ended by then.
    private var steps: [(seconds: Double, ends: Double)] = []

    private static let stepCount = 40
    /// The first step, as a share of the mean stay of those who went; each is longer than the one before it.
    private static let firstStep = 0.125
    private static let growth = 1.15

    /// - Parameters:
    ///   - groups: those inside, by how long they have been.
    ///   - free: places that are free, or, below 0, members that are too many inside.
    ///   - firstStay: an idea of how long a stay is, seconds.
    init(_ survival: Survival, groups: [StayGroup], free: Double, firstStay: Double) {
        var inside = groups
        if free > 0 { inside.append(StayGroup(count: free, stay: 0)) }
        var tooMany = max(0, -free)
        var left = inside.map(\.count)
        // Those who come in in each step, evenly over it, and the share of them that is still there.
        var came: [(from: Double, to: Double, count: Double, share: Double)] = []
        var (from, total) = (0.0, 0.0)
        var length = max(firstStay * Self.firstStep, 0.05)
        for _ in 0..<Self.stepCount {
            let to = from + length
            var ended = 0.0
            for (index, group) in inside.enumerated() {
                let staying = group.count * survival.share(of: group.stay, reaching: group.stay + to)
                ended += left[index] - staying
                left[index] = staying
            }
            for index in came.indices {
                let (begin, end) = (to - came[index].from, to - came[index].to)
                let share = (survival.seconds(through: begin) - survival.seconds(through: end)) / (begin - end)
                ended += came[index].count * (came[index].share - share)
                came[index].share = share
            }
            // Who comes in may have left before the step is over; then the place is taken again.
            let entering = max(0, ended - tooMany)
            tooMany = max(0, tooMany - ended)
            let share = survival.seconds(through: length) / length
            let count = entering / share
            came.append((from, to, count, share))
            total += ended + count - entering
            steps.append((to, total))
            from = to
            length *= Self.growth
        }
    }

    /// Until so many stays have ended, and the time from one to the next then, seconds.
    func wait(forEnds ends: Double) -> (seconds: Double, each: Double) {
        let next = min(steps.partitioningIndex { $0.ends >= ends }, steps.count - 1)
        let before = next > 0 ? steps[next - 1] : (seconds: 0, ends: 0)
        let rate = (steps[next].ends - before.ends) / (steps[next].seconds - before.seconds)
        guard rate > 0 else { return (Self.never, Self.never) }
        return (min(before.seconds + (ends - before.ends) / rate, Self.never), 1 / rate)
    }

    private static let never = 1e9
}

/// What share of the stays lasts how long.
struct Survival: Sendable {
    /// At each age of `Stays`: ends a second; and up to it: their sum, the share that lasts, and the mean time spent.
    private var rates: [Double] = []
    private var sums: [Double] = []
    private var shares: [Double] = []
    private var times: [Double] = []

    /// - Parameters:
    ///   - turnSeconds: how long a place is had at most, but for those who hold seats.
    ///   - isLate: fewer go at ages of which little is known.
    init(_ stays: Stays, turnSeconds: Double, isLate: Bool) {
        // Before anybody has been seen at an age, as many are thought to go as at the one before it.
        var likely = stays.ends.reduce(0, +) / max(stays.seconds.reduce(0, +), 1e-6)
        var (sum, time) = (0.0, 0.0)
        for (age, from) in Stays.ages.enumerated() {
            let width = age + 1 < Stays.ages.count ? Stays.ages[age + 1] - from : .infinity
            let isOver = from + width > turnSeconds
            let guess = isOver ? 1 / max(turnSeconds - from, Self.overtimeSeconds) : likely
            let (ends, seconds) = (stays.ends[age], stays.seconds[age])
            let guessed = Self.guessedEnds / max(guess, ends / max(seconds, 1e-6), 1e-12)
            likely = (ends + guess * guessed) / (seconds + guessed)
            let late = (ends + guess * guessed * Self.lateShare) / (seconds + guessed)
            let rate = isLate && !isOver ? late : likely
            rates.append(rate)
            sums.append(sum)
            shares.append(decay(sum))
            times.append(time)
            guard width.isFinite else { break }
            time += spent(in: age, for: width)
            sum += rate * width
        }
    }

    /// What is guessed counts for as much as so many ends.
    private static let guessedEnds = 0.5
    /// Where nothing is known, so many go of those who are thought to, when it gets late.
    private static let lateShare = 0.3
    /// Who holds seats when the turn is over may still pay for them; most are done by then.
    private static let overtimeSeconds = 60.0

    /// Of those who stay so long, the share that stays until then.
    func share(of stay: Double, reaching end: Double) -> Double { decay(max(0, sum(to: end) - sum(to: stay))) }

    /// How long a stay lasts on average, up to that age.
    func seconds(through stay: Double) -> Double {
        let age = Stays.age(of: stay)
        return times[age] + spent(in: age, for: stay - Stays.ages[age])
    }

    private func sum(to stay: Double) -> Double {
        let age = Stays.age(of: stay)
        return sums[age] + rates[age] * (stay - Stays.ages[age])
    }

    private func spent(in age: Int, for seconds: Double) -> Double {
        let x = rates[age] * seconds
        // The mean of what decays: without digits left for small numbers, where nearly nobody goes.
        return shares[age] * (x > 1e-9 ? (1 - decay(x)) / rates[age] : seconds)
    }
}
