// The turns of a shard (see Shard.swift for their order), and what it does for its channels and listeners.
// Everything here runs on the shard's queue.

extension Shard {
    /// Turns one after the other for as long as more has come in meanwhile: to sleep and to be woken costs more than to
    /// look once more.
    func pollerReadable() {
        var lookAgain = false
        var turns = 0
        repeat {
            turns += 1
            turn {
                takePosts()
                lookAgain = poller.takeEvents { token, events in
                    // Nobody, when it was closed earlier in this batch.
                    table[token]?.polled(events)
                }
            }
        } while lookAgain && !stopped && !turnScheduled && turns < Self.turnsPerWake
    }

    func drainInbox() { turn { takePosts() } }

    private func takePosts() {
        var posts = takenPosts
        takenPosts = []
        inbox.takeAll(into: &posts)
        for work in posts { work() }
        // Closures are released now, not when the next post comes.
        posts.removeAll(keepingCapacity: true)
        takenPosts = posts
    }

    func turn(_ body: () -> Void) {
        assertCurrent()
        inTurn = true
        turnStartedAt = platform.now
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
        for _ in 0..<min(toUpdate.count, Self.updatesPerTurn) { toUpdate.removeFirst().update() }
        if toUpdate.isEmpty { toUpdate = [] }
        if !(toFlush.isEmpty && toUpdate.isEmpty && toNotify.isEmpty && unfinished.isEmpty) { scheduleTurn() }
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
}

// MARK: For channels and listeners

extension Shard {
    /// Watches a socket until `remove`. A failure when that is not possible: the shard has stopped or the kernel refuses.
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

    /// Lets the channel write its updates when the turn settles, or a later one.
    func updateLater(_ channel: Channel) {
        toUpdate.append(channel)
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
