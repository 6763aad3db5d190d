// How often each limit was reached, and a log that says so without becoming an attack itself: of each kind one line a
// second at most, which tells how many it stands for.
//
//     reached ──▶ counted, always ──▶ a second since this kind's last line?  yes: a line, with how many were left out
//                                                                            no:  left out

import BoxOfficeProtocol
import BoxOfficeTransport
import Foundation
import Logging

/// The counters behind `ServerFigures.limits`, for all queues.
///
/// `@unchecked Sendable`: the mutable state is only touched with `lock` held.
final class LimitCounters: @unchecked Sendable {
    private let logger: Logger
    private let lock = NSLock()
    private var tallies: [LimitKind: LimitTally] = [:]

    private let platform: any Platform

    init(_ logger: Logger, on platform: any Platform = SystemPlatform()) {
        self.logger = logger
        self.platform = platform
    }

    /// A limit was reached; `about` is only made when it is logged.
    func reached(
        _ kind: LimitKind, _ what: String, at now: ContinuousClock.Instant? = nil,
        about: () -> Logger.Metadata = { [:] }
    ) {
        let now = now ?? platform.now
        guard let leftOut = lock.withLock({ tallies[kind, default: LimitTally()].reached(at: now) }) else { return }
        var metadata = about()
        metadata["limit"] = "\(kind.name)"
        if leftOut > 0 { metadata["leftOut"] = "\(leftOut)" }
        logger.log(level: kind == .descriptors ? .warning : .info, "\(what)", metadata: metadata)
    }

    /// Of every kind, those that were never reached too.
    var figures: [LimitFigures] {
        let tallies = lock.withLock { self.tallies }
        return LimitKind.known.map { LimitFigures(limit: $0, reached: tallies[$0]?.count ?? 0) }
    }
}

/// One kind's count, and when it may be logged. Pure: time is an argument.
struct LimitTally {
    static let lineInterval = Duration.seconds(1)

    private(set) var count: UInt64 = 0
    private var loggedAt: ContinuousClock.Instant?
    private var leftOut = 0

    /// Counts. How many were left out since the last line, when a line is due now; nil when none is.
    mutating func reached(at now: ContinuousClock.Instant) -> Int? {
        count += 1
        if let loggedAt, now - loggedAt < Self.lineInterval {
            leftOut += 1
            return nil
        }
        loggedAt = now
        defer { leftOut = 0 }
        return leftOut
    }
}
