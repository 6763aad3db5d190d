// One event loop: a serial queue, a poller with the sockets that live on that queue, and an inbox for everybody else.
//
// Everything a shard does, it does in turns. A turn is one wake of the queue: a batch of the poller's events, the
// posts that have come in, a timer, or the channels that were not finished last time. At its end the turn settles:
//
//     turn:    events | posts | timer | unfinished reads      → handlers run, outboxes fill
//     settle:  each channel that has something to send writes once, gathered
//              each channel that owes its handler news (opened, overflowed, closed) delivers it
//
// So a hundred replies to one connection cost one system call, and a handler is never called from inside a call
// that it made to its own channel.
//
// Few shards carry many sockets: a queue for each connection costs a thread for each queue that is awake
// (docs/architecture.md, Dispatch 3).

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

    private let inbox = Inbox<@Sendable () -> Void>()
    private var takenPosts: [@Sendable () -> Void] = []

    private let poller: SystemPoller
    private let source: any DispatchSourceRead
    private var table = PollTable()
    private var timers: [any DispatchSourceTimer] = []

    private var stopped = false
    private var inTurn = false
    private var turnScheduled = false
    private var turnStartedAt = ContinuousClock.now

    // Who has something to do when the turn settles, and who goes on in the next turn. Each channel keeps a flag
    // so that it is in each list once.
    private var toFlush: [Channel] = []
    private var toNotify: [Channel] = []
    private var unfinished: [any Polled] = []

    /// Where every channel of the shard reads into, so that an idle one holds no buffer.
    private var readScratch = [UInt8](repeating: 0, count: Shard.readScratchBytes)
    /// Where updates are encoded on their way to the socket.
    private var updateScratch: [UInt8] = []

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

    private func pollerReadable() {
        guard !stopped else { return }
        turn {
            poller.takeEvents { token, events in
                // Nobody, when it was closed earlier in this batch.
                table[token]?.polled(events)
            }
        }
    }

    private func drainInbox() {
        turn {
            var posts = takenPosts
            takenPosts = []
            inbox.takeAll(into: &posts)
            for work in posts { work() }
            // Closures are released now, not when the next post comes.
            posts.removeAll(keepingCapacity: true)
            takenPosts = posts
        }
    }

    private func turn(_ body: () -> Void) {
        assertCurrent()
        inTurn = true
        turnStartedAt = .now
        body()
        settle()
        inTurn = false
    }

    private func settle() {
        // Twice, since news may be answered by sending: the last words of a channel that overflowed. What comes up
        // after that waits for the next turn, so that no handler can keep the turn from ending.
        for _ in 0..<2 where !(toFlush.isEmpty && toNotify.isEmpty) {
            let flushing = toFlush
            toFlush = []
            for channel in flushing { channel.flush() }
            let notifying = toNotify
            toNotify = []
            for channel in notifying { channel.deliverNews() }
        }
        if !(toFlush.isEmpty && toNotify.isEmpty && unfinished.isEmpty) { scheduleTurn() }
    }

    private func scheduleTurn() {
        guard !turnScheduled else { return }
        turnScheduled = true
        queue.async {
            self.turnScheduled = false
            self.turn {
                let objects = self.unfinished
                self.unfinished = []
                for object in objects { object.goOn() }
            }
        }
    }

    // MARK: For channels and listeners

    /// Watches a socket until `remove`. Nil when that is not possible: the shard has stopped or the kernel refuses.
    func add(_ object: any Polled, _ descriptor: Int32) -> Result<UInt64, CloseReason> {
        assertCurrent()
        guard !stopped else { return .failure(.shardStopped) }
        let token = table.insert(object)
        do {
            try poller.add(descriptor, token: token)
            return .success(token)
        } catch {
            table.remove(token)
            return .failure(.failed(error))
        }
    }

    /// Forgets a socket, which may be closed from then on.
    func remove(_ token: UInt64, _ descriptor: Int32) {
        assertCurrent()
        poller.remove(descriptor)
        table.remove(token)
    }

    /// Flushes the channel when the turn settles.
    func flushLater(_ channel: Channel) {
        toFlush.append(channel)
        if !inTurn { scheduleTurn() }
    }

    /// Lets the channel deliver its news when the turn settles.
    func notifyLater(_ channel: Channel) {
        toNotify.append(channel)
        if !inTurn { scheduleTurn() }
    }

    /// Calls `goOn` in the next turn: the kernel will not repeat its event, and others come first.
    func goOnLater(_ object: any Polled) {
        unfinished.append(object)
        if !inTurn { scheduleTurn() }
    }

    /// Lends the read buffer. It is moved out, so that whatever `body` calls meets no access still going on.
    func withReadScratch<R>(_ body: (inout [UInt8]) -> R) -> R {
        var scratch = readScratch
        readScratch = []
        // A handler that ran a nested read would find the scratch lent out; reads only begin in a turn's own loop.
        precondition(!scratch.isEmpty, "a read began inside a read")
        defer { readScratch = scratch }
        return body(&scratch)
    }

    /// Lends the buffer for encoded updates, empty.
    func withUpdateScratch<R>(_ body: (inout [UInt8]) -> R) -> R {
        var scratch = updateScratch
        updateScratch = []
        defer {
            scratch.removeAll(keepingCapacity: true)
            updateScratch = scratch
        }
        return body(&scratch)
    }
}
