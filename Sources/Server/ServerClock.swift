// The server's time: the wall clock as it was at the start, and from then on the monotonic clock, so that deadlines
// survive a jump of the wall clock. Never before the newest instant on disk, so that time goes on across a restart.

import BoxOfficeProtocol
import Foundation

struct ServerClock: Sendable {
    private let startedAt: Instant
    private let started: ContinuousClock.Instant

    init(notBefore committed: Instant) {
        // Seconds before 1970 or after the year 200000 are no time that a clock shows.
        let wall = Instant(Int64(clamping: Int(Date().timeIntervalSince1970 * 1_000_000)))
        startedAt = max(wall, committed)
        started = .now
    }

    var now: Instant { startedAt + span }

    /// Since the start.
    var uptimeSeconds: UInt64 { UInt64(max(0, span.count)) / 1_000_000 }

    private var span: Microseconds {
        let (seconds, attoseconds) = (ContinuousClock.now - started).components
        return Microseconds(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}
