// How a channel begins and ends.

extension Channel {
    /// Begins a connection. The handler hears `channelOpened`, or `channelClosed` with `connectFailed` or
    /// `connectTimedOut`, and neither of them before this call returns.
    @discardableResult
    public static func connect(
        to address: SocketAddress, on shard: Shard, tls: TLSClient? = nil, limits: OutboxLimits = .init(),
        timeoutSeconds: Double = 10, handler: any ChannelHandler
    ) -> Channel {
        let attempt = shard.network.connect(to: address)
        let channel = Channel(
            (try? attempt.get()) ?? -1, peer: address, state: .connecting, on: shard, limits: limits, handler: handler)
        if case .failure(let failure) = attempt {
            channel.closeNow(.connectFailed(failure))
        } else if channel.use(tls) {
            channel.watch()
            shard.after(seconds: timeoutSeconds) { [weak channel] in
                switch channel?.state {
                case .connecting: channel?.closeNow(.connectTimedOut)
                case .securing: channel?.closeNow(.tlsFailed(.timedOut))
                default: break
                }
            }
        }
        return channel
    }

    /// Opens an adopted socket.
    public func start() {
        shard.assertCurrent()
        guard state == .adopted else { return }
        state = tls == nil ? .open : .securing
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
        switch network.connectEnded(descriptor) {
        case .pending: return
        case .failed(let error): return closeNow(.connectFailed(error))
        case .connected: break
        }
        lastReceivedAt = shard.now
        guard tls == nil else {
            state = .securing
            return flushSoon()
        }
        opened()
    }

    /// The handler hears of it before anything else happens.
    func opened() {
        state = .open
        news.insert(.opened)
        tellNow()
        if queuedBytes > 0 { flushSoon() }
    }

    /// Stops reading, sends what is queued, and closes. Updates that are not on the wire yet are dropped: they would come
    /// behind a goodbye, which is to be the last.
    ///
    /// A peer that does not take it within `deadlineSeconds` is closed with `flushTimedOut`.
    public func closeAfterFlush(reason: CloseReason = .requested, deadlineSeconds: Double = Channel.flushSeconds) {
        shard.assertCurrent()
        switch state {
        case .open:
            state = .flushing
            closeReason = reason
            outbox.dropUpdates()
            inbound = []
            shard.after(seconds: deadlineSeconds) { [weak self] in self?.flushDeadlinePassed() }
            flushSoon()
        case .adopted, .connecting, .securing:
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
        // TLS has a goodbye of its own, before TCP's.
        if let tls, tls.finish(), !writeCiphertext(of: tls) { return }
        guard !peerFinished else { return closeNow(closeReason) }
        network.finishSending(descriptor)
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
        if descriptor >= 0 { network.setResetOnClose(descriptor) }
        closeNow(.requested)
    }

    func closeNow(_ reason: CloseReason) {
        guard state != .closed else { return }
        state = .closed
        closeReason = reason
        // Out of the poller first: a number is somebody else's as soon as it is closed.
        if token != 0 { shard.remove(token, descriptor) }
        if descriptor >= 0 { network.close(descriptor) }
        descriptor = -1
        outbox.dropAll()
        tls = nil
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
            guard state == .open || state == .securing else { return }
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
        if pausedForTurn { resumeReading() }
        read(failed: false)
    }

    func shardStopped() { closeNow(.shardStopped) }

    func goOnSoon() {
        guard !goOnQueued else { return }
        goOnQueued = true
        shard.goOnLater(self)
    }
}
