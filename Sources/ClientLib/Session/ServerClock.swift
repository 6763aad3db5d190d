/// The server's time as welcome told it, carried on by the monotonic clock: a client whose own clock is wrong by hours
/// still stamps its operation keys well.
struct ServerClock: Sendable {
    private var instant: Instant
    private var moment: Moment

    init(_ instant: Instant, at moment: Moment) {
        self.instant = instant
        self.moment = moment
    }

    func instant(at now: Moment) -> Instant {
        let (seconds, attoseconds) = (now - moment).components
        return instant + .seconds(seconds) + Microseconds(attoseconds / 1_000_000_000_000)
    }
}
