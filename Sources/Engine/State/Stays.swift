import BoxOfficeProtocol

/// How long members stay inside, as a life table: for each age of a stay how many ended at it, and for how many seconds
/// anybody was inside at it. So those who are still inside count for what they have shown so far, and those who have gone
/// without a word, and keep their places until their time is over, are told from those who go.
struct Stays: Sendable {
    /// Each age begins at twice the one before it, seconds.
    static let ages: [Double] = [0] + (0..<18).map { 0.5 * Double(1 << $0) }

    /// Stays that ended at each age, and seconds that were spent at it.
    private(set) var ends = [Double](repeating: 0, count: ages.count)
    private(set) var seconds = [Double](repeating: 0, count: ages.count)
    /// Those inside, by when they came in, in quarters of a second, the first one first.
    private var inside: [(since: Instant, count: Int)] = []
    /// Until when `seconds` are known of those inside.
    private var knownUntil = Instant.distantPast
    /// Seconds since then that count.
    private var counted = 0.0

    static func age(of seconds: Double) -> Int { ages.partitioningIndex { $0 > seconds } - 1 }

    /// Somebody is inside, or no longer, whether that counts or not.
    mutating func entered(at instant: Instant) {
        let since = Self.quarter(of: instant)
        let place = inside.partitioningIndex { $0.since >= since }
        if place < inside.count, inside[place].since == since {
            inside[place].count += 1
        } else {
            inside.insert((since, 1), at: place)
        }
    }

    mutating func left(enteredAt instant: Instant) {
        let since = Self.quarter(of: instant)
        let place = inside.partitioningIndex { $0.since >= since }
        guard place < inside.count, inside[place].since == since else { return }
        inside[place].count -= 1
        if inside[place].count == 0 { inside.remove(at: place) }
    }

    private static func quarter(of instant: Instant) -> Instant {
        Instant(instant.rawValue - instant.rawValue % 250_000)
    }

    /// Seconds of the time that passes count.
    mutating func counts(_ seconds: Double) { counted += seconds }

    /// A stay that counts has ended.
    mutating func ended(enteredAt instant: Instant, at now: Instant) {
        let stay = Self.seconds(from: instant, to: now)
        ends[Self.age(of: stay)] += 1
        spent(from: max(0, stay - Self.seconds(from: max(instant, knownUntil), to: now)), to: stay, by: share(at: now))
    }

    /// Brings up to date what those inside have spent.
    mutating func look(at now: Instant) {
        let share = share(at: now)
        if share > 0 {
            for (since, count) in inside {
                let stay = Self.seconds(from: since, to: now)
                let known = Self.seconds(from: since, to: max(since, knownUntil))
                spent(from: known, to: stay, by: share * Double(count))
            }
        }
        knownUntil = max(knownUntil, now)
        counted = 0
    }

    mutating func keep(_ share: Double) {
        for age in ends.indices {
            ends[age] *= share
            seconds[age] *= share
        }
    }

    /// Of each age now: how many are inside, and how old they are on average, seconds.
    func insideByAge(at now: Instant) -> [StayGroup] {
        var groups = [StayGroup](repeating: StayGroup(count: 0, stay: 0), count: Self.ages.count)
        for (since, count) in inside {
            let stay = Self.seconds(from: since, to: now)
            let age = Self.age(of: stay)
            groups[age].count += Double(count)
            groups[age].stay += stay * Double(count)
        }
        return groups.filter { $0.count > 0 }.map { StayGroup(count: $0.count, stay: $0.stay / $0.count) }
    }

    /// Of the time since `knownUntil`, what counts.
    private func share(at now: Instant) -> Double {
        let elapsed = Self.seconds(from: knownUntil, to: now)
        return elapsed > 0 ? min(1, counted / elapsed) : 0
    }

    private mutating func spent(from: Double, to: Double, by weight: Double) {
        var age = Self.age(of: from)
        while age < Self.ages.count, Self.ages[age] < to {
            let end = age + 1 < Self.ages.count ? min(to, Self.ages[age + 1]) : to
            seconds[age] += (end - max(from, Self.ages[age])) * weight
            age += 1
        }
    }

    private static func seconds(from: Instant, to: Instant) -> Double { max(0, (to - from).seconds) }
}

/// Members inside, and how long they have been, seconds.
struct StayGroup: Sendable {
    var count: Double
    var stay: Double
}

extension Array {
    /// The first index at which the condition holds, when it holds from some index on.
    func partitioningIndex(where holds: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
