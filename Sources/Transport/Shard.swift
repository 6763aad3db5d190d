// One event loop: a serial queue, a poller with the sockets that live on that queue, and an inbox for everybody else.
//
// Everything a shard does, it does in turns: the posts that have come in and a batch of the poller's events, a timer, or
// the channels that were not finished last time. At its end the turn settles:
//
//     turn:    posts, events | posts | timer | unfinished reads      → handlers run, outboxes fill
//     settle:  each channel that has something to send writes once, gathered; those with updates only come last, and so
//              many of them in a turn
//              each channel that owes its handler news (opened, overflowed, closed) delivers it
//
// So a hundred replies to one connection cost one system call, and a handler is never called from inside a call
// that it made to its own channel.
//
// Few shards carry many sockets: a queue for each connection costs a thread for each queue that is awake
// (docs/architecture.md, Dispatch 3).

import DequeModule

/// An event loop for sockets, on a serial queue of its own.
///
/// `@unchecked Sendable`: `inbox` is locked, `queue` and `source` are thread-safe, and everything else is
/// only touched on `queue`, which each entry asserts. A serial queue rather than an actor, because a hop to an actor
/// costs eight times as much as a post (docs/architecture.md, Dispatch 4).
public final class Shard: @unchecked Sendable {
    /// The queue on which every handler of this shard runs.
    public let queue: any WorkQueue
    /// The sockets of the machine it runs on.
    public let network: any Network
    let platform: any Platform

    let inbox = Inbox<@Sendable () -> Void>()
    var takenPosts: [@Sendable () -> Void] = []

    let poller: any Poller
    private var source: (any WorkSource)?
    var table = PollTable()
    private var timers: [any WorkTimer] = []

    var stopped = false
    var inTurn = false
    var turnScheduled = false
    var turnStartedAt: ContinuousClock.Instant

    /// Bytes that wait to be sent on all of the shard's channels together.
    public internal(set) var queuedBytes = 0

    // Who has something to do when the turn settles, and who goes on in the next turn. Each channel keeps a flag
    // so that it is in each list once.
    var toFlush: [Channel] = []
    var toUpdate: Deque<Channel> = []
    var toNotify: [Channel] = []
    var unfinished: [any Polled] = []

    /// Where every channel of the shard reads into, so that an idle one holds no buffer.
    var readScratch = [UInt8](repeating: 0, count: Shard.readScratchBytes)
    /// Where all encrypted channels of the shard decrypt to.
    var plaintextScratch: [UInt8] = []
    /// Where updates are encoded on their way to the socket.
    var updateScratch: [UInt8] = []

    /// Channels that write their updates in one turn: what else there is to say waits for no more, 2 ms.
    static let updatesPerTurn = 256
    /// Turns that the poller's events may have before whatever else waits for the queue.
    static let turnsPerWake = 8
    static let readScratchBytes = 64 * 1024

    /// Makes a shard that runs at once, with a queue named `label`. Throws when the process is out of descriptors.
    ///
    /// A shard that has channels lives until `stop`.
    ///
    /// - Parameter isUrgent: Whether its queue gives way to none.
    public init(
        label: String, on platform: any Platform = SystemPlatform(), isUrgent: Bool = true
    ) throws(SystemError) {
        self.platform = platform
        let network = platform.network
        self.network = network
        queue = platform.queue(label, isUrgent: isUrgent)
        poller = try network.makePoller()
        turnStartedAt = platform.now
        let descriptor = poller.descriptor
        // The only place that closes the poller: the queue must have let go of the descriptor first.
        source = queue.whenReadable(descriptor) { [weak self] in
            self?.pollerReadable()
        } cancelled: {
            network.close(descriptor)
        }
    }

    deinit {
        source?.cancel()
        for timer in timers { timer.cancel() }
    }

    // MARK: From any thread

    /// Runs `work` on the queue, after everything posted before it. Wakes the queue only when nothing was waiting.
    public func post(_ work: @escaping @Sendable () -> Void) {
        if inbox.put(work) { queue.async { self.drainInbox() } }
    }

    /// Runs `tick` on the queue every so many seconds, from now until the shard stops, with the time of the turn.
    ///
    /// For keepalives and timeouts, which look at all connections at once: one timer for a shard, not one for each.
    public func every(seconds: Double, _ tick: @escaping @Sendable (ContinuousClock.Instant) -> Void) {
        post {
            guard !self.stopped else { return }
            let timer = self.queue.makeTimer()
            let (interval, leeway) = (Duration.seconds(seconds), Duration.seconds(seconds / 20))
            timer.whenFired { [weak self, weak timer] in
                guard let self, !self.stopped else { return }
                timer?.fire(after: interval, leeway: leeway)
                self.turn { tick(self.turnStartedAt) }
            }
            timer.fire(after: interval, leeway: leeway)
            self.timers.append(timer)
        }
    }

    /// Runs `work` on the queue once, so many seconds from now. It cannot be taken back: `work` looks whether it is
    /// still wanted.
    public func after(seconds: Double, _ work: @escaping @Sendable () -> Void) {
        queue.after(.seconds(seconds)) { [weak self] in
            guard let self else { return }
            self.turn(work)
        }
    }

    /// Closes every channel and listener, with `CloseReason.shardStopped`, and lets go of the poller.
    ///
    /// Posts still run afterwards, but sockets that start here are closed at once. `done` runs on the queue.
    public func stop(_ done: (@Sendable () -> Void)? = nil) {
        post {
            if !self.stopped {
                self.stopped = true
                for timer in self.timers { timer.cancel() }
                self.timers = []
                for object in self.table.objects { object.shardStopped() }
                self.source?.cancel()
            }
            // Posted, so that the closed channels have told their handlers by then.
            if let done { self.post(done) }
        }
    }

    /// Whether the caller runs on this shard's queue.
    public var isCurrent: Bool { queue.isCurrent }

    /// Stops the process when the caller does not run on this shard's queue.
    public func assertCurrent() { queue.assertCurrent() }

    // MARK: On the queue

    /// The time at which this turn began: one reading of the clock serves all of its events.
    public var now: ContinuousClock.Instant { inTurn ? turnStartedAt : platform.now }

    /// How many channels and listeners the shard carries.
    public var socketCount: Int {
        assertCurrent()
        return table.count
    }
}
