// Everything that a server or a client gets from the machine it runs on, but for files: time, queues, sockets and dice.
//
//     Platform ─┬─ queue(label) ──▶ WorkQueue ─┬─ async, sync, after, makeTimer
//               │                              └─ whenReadable ──▶ a shard's poller wakes it
//               ├─ network ──▶ Network: listen, connect, receive, send, close
//               ├─ now, wallMicroseconds
//               └─ random
//
// The rules get time and random bytes as arguments and need none of this. What is around them (shards, channels, the
// engine loop, the client's driver) asks its platform and nobody else, so that two machines can carry the same code:
//
//     SystemPlatform         Dispatch, epoll or kqueue, sockets, the system's clocks and its random generator
//     a simulated platform   one thread, a queue of events, a network and clocks from a seed (docs/simulation.md)

/// The machine that a server or a client runs on.
public protocol Platform: Sendable {
    /// A serial queue of its own, for as long as it is kept. One that is not urgent gives way to those that are.
    func queue(_ label: String, isUrgent: Bool) -> any WorkQueue

    /// Its sockets.
    var network: any Network { get }

    /// The monotonic clock, which no adjustment of the time moves. It goes on while the machine sleeps.
    var now: ContinuousClock.Instant { get }

    /// What the clock on the wall shows: microseconds since 1970. It may jump.
    var wallMicroseconds: Int64 { get }

    /// 64 bits that nobody can guess.
    func random() -> UInt64
}

extension Platform {
    /// A serial queue of its own, for work that gives way to nothing.
    public func queue(_ label: String) -> any WorkQueue { queue(label, isUrgent: true) }

    /// The dice of this platform, for what takes a generator.
    public var dice: PlatformDice { PlatformDice(platform: self) }
}

/// `Platform.random` as a generator.
public struct PlatformDice: RandomNumberGenerator {
    private let platform: any Platform

    init(platform: any Platform) { self.platform = platform }

    /// 64 random bits.
    public mutating func next() -> UInt64 { platform.random() }
}
