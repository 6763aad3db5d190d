import BoxOfficeProtocol
import BoxOfficeTransport

/// What keeps the server up whatever is sent to it: docs/operations.md has them in one table, with what happens beyond
/// each. Nil: no limit. Limits per address do not hold where `RateLimits` exempts addresses from its own.
///
/// The socket in the data directory is not held to any of them but the memory's: whoever can open it may be there to
/// find out what is wrong.
public struct Limits: Hashable, Sendable {
    /// Open connections from one address.
    public var connectionsPerAddress: Int? = 32
    /// Those of them that are not logged in.
    public var guestsPerAddress: Int? = 8
    /// New connections from one address.
    public var newPerAddress: RateLimit? = RateLimit(burst: 20, intervalMilliseconds: 50)
    /// Strangers are connections that have asked for nothing yet. From so many on each new one may drop one of them…
    public var strangersFrom = 256
    /// …and there are never more than so many.
    public var strangersMax = 512

    /// From the first byte of a frame to its last, seconds.
    public var frameSeconds: Double = 5
    /// Frames of any kind on one connection; beyond it nothing is read for a moment.
    public var framesPerConnection: RateLimit? = RateLimit(burst: 500, intervalMilliseconds: 2)
    /// The same before login, where one request waits for the other.
    public var framesBeforeLogin: RateLimit? = RateLimit(burst: 200, intervalMilliseconds: 10)
    /// Requests on one connection; parts of an upload that has begun are not counted.
    public var requestsPerConnection: RateLimit? = RateLimit(burst: 100, intervalMilliseconds: 20)
    /// Requests without an answer on one connection, 1 to 64; before login it is 1.
    public var requestsInFlightMax = WireLimits.requestsInFlightMax

    /// Above so many unread bytes a connection gets updates only, and its requests wait.
    public var outboxSoftBytes = 256 * 1024
    /// A message that would bring a connection's unread bytes above this ends it.
    public var outboxHardBytes = 1024 * 1024
    /// Unread bytes of all connections; the largest go first.
    public var outboxesBytes = 512 * 1024 * 1024
    /// Bytes of all uploads that have begun.
    public var uploadsBytes = 256 * 1024 * 1024

    /// Failed logins on one connection.
    public var loginFailuresPerConnection: Int? = 3
    /// Failed logins of one account; from then on each one more waits twice as long as the one before.
    public var loginFailuresPerAccount: Int? = 5
    /// How long the first of those pauses is, seconds; none is longer than a quarter of an hour.
    public var loginPauseSeconds: Double = 30
    /// Failed logins from one address.
    public var loginFailuresPerAddress: RateLimit? = RateLimit(burst: 30, intervalMilliseconds: 30_000)
    /// Passwords that are hashed at once, 19 MiB each.
    public var passwordsAtOnce = 2
    /// Passwords that wait to be hashed.
    public var passwordsWaitingMax = 64

    /// The defaults.
    public init() {}

    /// Why this cannot be; nil when it can.
    var refusal: String? {
        let counts = [connectionsPerAddress, guestsPerAddress]
        if counts.contains(where: { $0.map { !(1...1_000_000).contains($0) } ?? false }) {
            return "connections from one address are limited to 1 to 1,000,000, or not at all"
        }
        let failures = [loginFailuresPerConnection, loginFailuresPerAccount]
        if failures.contains(where: { $0.map { !(1...100).contains($0) } ?? false }) {
            return "failed logins are limited to 1 to 100, or not at all"
        }
        if !(0.001...900).contains(loginPauseSeconds) { return "the pause after failed logins is 1 ms to 900 s" }
        let rates = [
            newPerAddress, framesPerConnection, framesBeforeLogin, requestsPerConnection, loginFailuresPerAddress,
        ]
        if rates.contains(where: { $0?.isUsable == false }) { return RateLimit.rule }
        if !(0...strangersMax).contains(strangersFrom) || !(1...1_000_000).contains(strangersMax) {
            return "strangers are dropped from a number on that is not above the most there may be, 1 to 1,000,000"
        }
        if frameSeconds <= 0 { return "a frame may take longer than nothing" }
        if !(1...WireLimits.requestsInFlightMax).contains(requestsInFlightMax) {
            return "requests in flight are 1 to \(WireLimits.requestsInFlightMax)"
        }
        // So that the longest page there is fits behind what a reader that is not slow has yet to read.
        if outboxSoftBytes < 16 * 1024 || outboxHardBytes < outboxSoftBytes + Self.pageBytesMax {
            return "an outbox's soft bound is at least 16 KiB, and its hard bound 768 KiB above it"
        }
        if outboxesBytes < outboxHardBytes { return "all outboxes together have space for a full one at least" }
        if uploadsBytes < WireLimits.uploadBytesMax {
            return "all uploads together have space for the largest at least"
        }
        if !(1...64).contains(passwordsAtOnce) || !(0...100_000).contains(passwordsWaitingMax) {
            return "1 to 64 passwords are hashed at once, and 0 to 100,000 wait"
        }
        return nil
    }

    /// A page of a list has at most so many bytes before it is compressed.
    static let pageBytesMax = WireLimits.replyBytesMax * 3 / 4

    var outbox: OutboxLimits { OutboxLimits(bytesSoftMax: outboxSoftBytes, bytesHardMax: outboxHardBytes) }
}
