// The generic cell rate algorithm: of each key one instant is kept, when its burst will be whole again.
//
//     one passes      that instant, or now if it has gone by, moves on by one interval
//     may one pass?   yes, as long as it is no further ahead than the burst but one; else wait for what it is too far
//
// What is refused does not count: who asks again too early waits no longer for it.
//
// Keys whose burst is whole again need not be kept. So there are two generations: `young` has the keys that were used
// last, `old` those before them. When a whole burst's time has passed everything old is whole again, and goes; young
// becomes old. Nothing is ever looked through, and memory follows those who are active.

import BoxOfficeProtocol

/// How often each of many may do something. Pure: time is an argument.
struct RateLimiter<Key: Hashable & Sendable>: Sendable {
    let limit: RateLimit

    /// Keys kept at most, some 3 MB of them. When there are more, those used the longest ago begin anew with a whole
    /// burst: a crowd that large is told from an attack by nobody, and no newcomer shall be shut out for it.
    let keysMax: Int

    private var young: [Key: Instant] = [:]
    private var old: [Key: Instant] = [:]
    private var agedAt = Instant.distantPast

    init(_ limit: RateLimit, keysMax: Int = 96_000) {
        self.limit = limit
        self.keysMax = keysMax
    }

    var keyCount: Int { young.count + old.count }

    /// How long until one may pass; zero when it may now. Changes nothing.
    func wait(of key: Key, at now: Instant) -> Microseconds {
        guard let wholeAt = young[key] ?? old[key] else { return Microseconds(0) }
        return limit.wait(until: wholeAt, at: now)
    }

    /// One passes.
    mutating func passed(_ key: Key, at now: Instant) {
        if now - agedAt >= limit.refill || young.count >= keysMax / 2 {
            old = young
            young = [:]
            agedAt = now
        }
        young[key] = limit.passed(young[key] ?? old[key] ?? now, at: now)
    }

    /// One that passed turned out not to count.
    mutating func takenBack(_ key: Key) {
        guard let wholeAt = young[key] ?? old[key] else { return }
        young[key] = wholeAt + -limit.interval
    }
}
