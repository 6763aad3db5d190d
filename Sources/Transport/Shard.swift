// One event loop: a serial queue, a poller with the sockets that live on that queue, and an inbox for everybody else.
//
// Everything a shard does, it does in turns. A turn is one wake of the queue: a batch of the poller's events, the
// posts that have come in, a timer, or the channels that were not finished last time. At its end the turn settles:
//
//     turn:    events | posts | timer | unfinished reads      → handlers run, outboxes fill
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
import Dispatch

/// An event loop for sockets, on a serial queue of its own.
///
/// `@unchecked Sendable`: `inbox` is locked, `queue` and `poller`'s source are thread-safe, and everything else is
/// only touched on `queue`, which each entry asserts. A serial queue rather than an actor, because a hop to an actor
/// costs eight times as much as a post (docs/architecture.md, Dispatch 4).
public final class Shard: @unchecked Sendable {
    /// The queue on which every handler of this shard runs.
    public let queue: DispatchQueue

    private static let currentShard = DispatchSpecificKey<ObjectIdentifier>()

    let inbox = Inbox<@Sendable () -> Void>()
    var takenPosts: [@Sendable () -> Void] = []

    let poller: SystemPoller
    let source: any DispatchSourceRead
    var table = PollTable()
    var timers: [any DispatchSourceTimer] = []

    var stopped = false
    var inTurn = false
    var turnScheduled = false
    var turnStartedAt = ContinuousClock.now

    // Who has something to do when the turn settles, and who goes on in the next turn. Each channel keeps a flag
    // so that it is in each list once.
    var toFlush: [Channel] = []
    var toUpdate: Deque<Channel> = []
    var toNotify: [Channel] = []
    var unfinished: [any Polled] = []

    /// Where every channel of the shard reads into, so that an idle one holds no buffer.
    var readScratch = [UInt8](repeating: 0, count: Shard.readScratchBytes)
    /// Where updates are encoded on their way to the socket.
    var updateScratch: [UInt8] = []

    /// Channels that write their updates in one turn: what else there is to say waits for no more, 2 ms.
    static let updatesPerTurn = 256
    static let readScratchBytes = 64 * 1024

    /// Makes a shard that runs at once, with a queue named `label`. Throws when the process is out of descriptors.
    ///
    /// A shard that has channels lives until `stop`.
    public init(label: String) throws(SystemError) {
        queue = DispatchQueue(label: label)
        poller = try SystemPoller()
        let descriptor = poller.descriptor
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        queue.setSpecific(key: Self.currentShard, value: ObjectIdentifier(self))
        source.setEventHandler { [weak self] in self?.pollerReadable() }
        // The only place that closes the poller: libdispatch must have let go of the descriptor first.
        source.setCancelHandler { Sockets.close(descriptor) }
        // Activated at once, because releasing an inactive source traps (docs/architecture.md, Dispatch 6).
        source.activate()
        // libdispatch opens the descriptor behind its timers when the first one is set, and a process that is out of
        // descriptors by then never sees a timer fire: a listener's pause would not end. So one is set now.
        queue.asyncAfter(deadline: .now() + .milliseconds(1)) {}
    }

    deinit { source.cancel() }

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
            let timer = DispatchSource.makeTimerSource(queue: self.queue)
            let interval = DispatchTimeInterval.nanoseconds(Int(seconds * 1e9))
            timer.schedule(deadline: .now() + interval, repeating: interval, leeway: .milliseconds(Int(seconds * 50)))
            timer.setEventHandler { [weak self] in
                guard let self, !self.stopped else { return }
                self.turn { tick(self.turnStartedAt) }
            }
            timer.activate()
            self.timers.append(timer)
        }
    }

    /// Runs `work` on the queue once, so many seconds from now. It cannot be taken back: `work` looks whether it is
    /// still wanted.
    public func after(seconds: Double, _ work: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + seconds) { [weak self] in
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
                self.source.cancel()
            }
            // Posted, so that the closed channels have told their handlers by then.
            if let done { self.post(done) }
        }
    }

    /// Whether the caller runs on this shard's queue.
    public var isCurrent: Bool { DispatchQueue.getSpecific(key: Self.currentShard) == ObjectIdentifier(self) }

    /// Stops the process when the caller does not run on this shard's queue.
    public func assertCurrent() { dispatchPrecondition(condition: .onQueue(queue)) }

    // MARK: On the queue

    /// The time at which this turn began: one reading of the clock serves all of its events.
    public var now: ContinuousClock.Instant { inTurn ? turnStartedAt : .now }

    /// How many channels and listeners the shard carries.
    public var socketCount: Int {
        assertCurrent()
        return table.count
    }
}
