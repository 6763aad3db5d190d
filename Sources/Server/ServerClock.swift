// The server's time: the wall clock as it was at the start, and from then on the monotonic clock, so that deadlines
// survive a jump of the wall clock. Never before the newest instant on disk, so that time goes on across a restart.

import BoxOfficeProtocol
import BoxOfficeTransport

struct ServerClock: Sendable {
    private let startedAt: Instant
    private let started: ContinuousClock.Instant
    private let platform: any Platform

    init(_ platform: any Platform, notBefore committed: Instant) {
        self.platform = platform
        startedAt = max(Instant(platform.wallMicroseconds), committed)
        started = platform.now
    }

    var now: Instant { instant(platform.now) }

    /// An instant of the monotonic clock.
    func instant(_ monotonic: ContinuousClock.Instant) -> Instant { startedAt + span(until: monotonic) }

    /// Since the start.
    var uptimeSeconds: UInt64 { UInt64(max(0, span(until: platform.now).count)) / 1_000_000 }

    private func span(until monotonic: ContinuousClock.Instant) -> Microseconds {
        let (seconds, attoseconds) = (monotonic - started).components
        return Microseconds(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}
