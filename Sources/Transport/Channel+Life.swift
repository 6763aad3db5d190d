// How a channel begins and ends.

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Channel {
    /// Begins a connection. The handler hears `channelOpened`, or `channelClosed` with `connectFailed` or
    /// `connectTimedOut`, and neither of them before this call returns.
    @discardableResult
    public static func connect(
        to address: SocketAddress, on shard: Shard, limits: OutboxLimits = .init(), timeoutSeconds: Double = 10,
        handler: any ChannelHandler
    ) -> Channel {
        var descriptor: Int32 = -1
        var failure: SystemError?
        do throws(SystemError) {
            descriptor = try Sockets.open(family: address.family)
            failure = beginConnecting(descriptor, to: address)
        } catch {
            failure = error
        }
        let channel = Channel(
            descriptor, peer: address, state: .connecting, on: shard, limits: limits, handler: handler)
        if let failure {
            channel.closeNow(.connectFailed(failure))
        } else {
            channel.watch()
            shard.after(seconds: timeoutSeconds) { [weak channel] in
                if channel?.state == .connecting { channel?.closeNow(.connectTimedOut) }
            }
        }
        return channel
    }

    private static func beginConnecting(_ descriptor: Int32, to address: SocketAddress) -> SystemError? {
        guard let result = address.withSockaddr({ Sockets.connect(descriptor, $0, $1) }) else {
            return SystemError(ENAMETOOLONG, in: "connect")
        }
        // EINTR too: the attempt goes on in the kernel. Even a socket that is connected at once (a Unix one) is
        // writable then, so that its first event finishes it like all others.
        return result == 0 || errno == EINPROGRESS || errno == EINTR ? nil : .last(in: "connect")
    }

    /// Opens an adopted socket.
    public func start() {
        shard.assertCurrent()
        guard state == .adopted else { return }
        state = .open
        watch()
        if state == .open { tell(.opened) }
    }

    private func watch() {
        switch shard.add(self, descriptor) {
        case .success(let token): self.token = token
        case .failure(let reason): closeNow(reason)
        }
    }

    /// The attempt has ended, one way or the other.
    func connectEnded() {
        let error = Sockets.pendingError(descriptor)
        guard error == 0 else { return closeNow(.connectFailed(SystemError(error, in: "connect"))) }
        guard let remote = Sockets.peerAddress(descriptor) else { return }
        // A port of this machine that nobody listens on can be drawn as our own port: TCP then connects the socket
        // to itself. A client that tries until its server is back would talk to itself for ever.
        if remote.port != nil, remote == Sockets.localAddress(descriptor) {
            return closeNow(.connectFailed(SystemError(ECONNREFUSED, in: "connect")))
        }
        state = .open
        lastReceivedAt = shard.now
        news.insert(.opened)
        tellNow()
        if outbox.queuedBytes > 0 { flushSoon() }
    }

    /// Stops reading, sends what is queued, and closes. Updates that are not encoded are dropped.
    ///
    /// A peer that does not take it within `deadlineSeconds` is closed with `flushTimedOut`.
    public func closeAfterFlush(reason: CloseReason = .requested, deadlineSeconds: Double = Channel.flushSeconds) {
        shard.assertCurrent()
        switch state {
        case .open:
            state = .flushing
            closeReason = reason
            outbox.clearSlots()
            inbound = []
            shard.after(seconds: deadlineSeconds) { [weak self] in self?.flushDeadlinePassed() }
            flushSoon()
        case .adopted, .connecting:
            closeNow(reason)
        case .flushing, .draining, .closed:
            break
        }
    }

    private func flushDeadlinePassed() {
        switch state {
        case .flushing: closeNow(.flushTimedOut)
        case .draining: closeNow(closeReason)
        default: break
        }
    }

    /// Called when everything has left after `closeAfterFlush`.
    func flushed() {
        guard !peerFinished else { return closeNow(closeReason) }
        Sockets.finishSending(descriptor)
        state = .draining
        readPending = true
        goOnSoon()
    }

    /// Closes at once. What is queued is lost.
    public func close(_ reason: CloseReason = .requested) {
        shard.assertCurrent()
        closeNow(reason)
    }

    /// Closes at once and lets the peer know by a reset, without any trace left in the kernel.
    public func reset() {
        shard.assertCurrent()
        if descriptor >= 0 { Sockets.setResetOnClose(descriptor) }
        closeNow(.requested)
    }

    func closeNow(_ reason: CloseReason) {
        guard state != .closed else { return }
        state = .closed
        closeReason = reason
        // Out of the poller first: a number is somebody else's as soon as it is closed.
        if token != 0 { shard.remove(token, descriptor) }
        if descriptor >= 0 { Sockets.close(descriptor) }
        descriptor = -1
        outbox.dropAll()
        tell(.closed)
    }
}

extension Channel: Polled {
    func polled(_ events: PollEvents) {
        // What was to be told at the end of the turn comes before what happens now.
        tellNow()
        if state == .connecting {
            guard !events.isDisjoint(with: [.writable, .hungUp, .failed]) else { return }
            connectEnded()
            guard state == .open else { return }
        }
        if events.contains(.writable), blocked {
            blocked = false
            flushSoon()
        }
        guard !events.isDisjoint(with: [.readable, .peerFinished, .hungUp, .failed]) else { return }
        readPending = true
        if !events.isDisjoint(with: [.peerFinished, .hungUp, .failed]) { readToEnd = true }
        read(failed: events.contains(.failed))
    }

    func goOn() {
        goOnQueued = false
        tellNow()
        read(failed: false)
    }

    func shardStopped() { closeNow(.shardStopped) }

    func goOnSoon() {
        guard !goOnQueued else { return }
        goOnQueued = true
        shard.goOnLater(self)
    }
}
