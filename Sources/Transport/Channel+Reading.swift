// From the socket to the handler.

extension Channel {
    /// Reads nothing more until `resumeReading`, so that the peer's own window holds it back.
    public func pauseReading() {
        shard.assertCurrent()
        paused = true
        pausedForTurn = false
    }

    /// Reads nothing more in this turn, and goes on in the next one: a peer that has sent much lets the others have
    /// theirs.
    public func pauseReadingForTurn() {
        shard.assertCurrent()
        paused = true
        pausedForTurn = true
        goOnSoon()
    }

    /// Goes on reading; what was kept unconsumed is offered again first.
    public func resumeReading() {
        shard.assertCurrent()
        guard paused else { return }
        paused = false
        pausedForTurn = false
        resumed = true
        if readPending || !inbound.isEmpty || tls?.phase == .ended { goOnSoon() }
    }

    /// Reads until the kernel would block or the channel has had its share of the turn.
    func read(failed: Bool) {
        if paused && state == .open {
            // Nobody reads, so nobody would find the error: a dead connection is not kept for its last bytes.
            if failed { closeNow(pendingReason) }
            return
        }
        guard reads else { return }
        if resumed {
            resumed = false
            if state == .open, !inbound.isEmpty, bytesWanted <= inbound.count { offerUnconsumed() }
            if let tls { heed(tls.phase) }
        }
        shard.withReadScratch { scratch in
            var budget = Self.readBytesPerTurn
            while readPending, budget > 0, reads { budget -= readOnce(&scratch) }
        }
        if readPending, reads { goOnSoon() }
    }

    private var reads: Bool { state == .securing || state == .draining || (state == .open && !paused) }

    /// One read. Returns how many bytes came.
    private func readOnce(_ scratch: inout [UInt8]) -> Int {
        let transfer = scratch.withUnsafeMutableBytes { network.receive(descriptor, into: $0) }
        switch transfer {
        case .bytes(0):
            readPending = false
            endOfStreamReached()
            return 0
        case .bytes(let count):
            // A short read has emptied the socket, and saves the call that would say so; unless the end follows,
            // about which no further event will come.
            if count < scratch.count && !readToEnd { readPending = false }
            lastReceivedAt = shard.now
            if let tls {
                if state != .draining { received(scratch, count, through: tls) }
            } else if state == .open {
                received(scratch, count)
            }
            return count
        case .wouldBlock:
            readPending = false
            // After a failed write this socket has nothing more to say.
            if writeFailed { closeNow(.reset) }
            return 0
        case .failed(let error):
            readPending = false
            closeNow(state == .draining ? closeReason : CloseReason(error))
            return 0
        }
    }

    func endOfStreamReached() {
        peerFinished = true
        if state == .draining || writeFailed { return closeNow(state == .draining ? closeReason : .reset) }
        if let tls {
            // The last words of whoever really ends it come before: without them somebody else may have cut it off.
            tls.streamEnded()
            if case .failed(let failure) = tls.phase { return closeNow(.tlsFailed(failure)) }
        }
        // Answers that are queued still go out: a peer may finish sending and wait for them.
        closeAfterFlush(reason: .endOfStream)
    }

    func received(_ scratch: [UInt8], _ count: Int) {
        guard inbound.isEmpty, count >= bytesWanted else {
            inbound.append(contentsOf: scratch[..<count])
            if inbound.count >= bytesWanted { offerUnconsumed() } else { checkUnconsumed() }
            return
        }
        let consumed = offer(scratch.span.extracting(0..<count))
        if state == .open, consumed < count {
            inbound = Array(scratch[consumed..<count])
            checkUnconsumed()
        }
    }

    private func offerUnconsumed() {
        // Moved out, so that a handler that closes the channel does not meet an access that is still going on.
        var bytes = inbound
        inbound = []
        let consumed = offer(bytes.span)
        guard state == .open, consumed < bytes.count else { return }
        bytes.removeFirst(consumed)
        inbound = bytes
        checkUnconsumed()
    }

    private func offer(_ bytes: Span<UInt8>) -> Int {
        bytesWanted = 0
        guard let handler else { return bytes.count }
        let consumed = handler.channelReceived(self, bytes: bytes)
        precondition(0 <= consumed && consumed <= bytes.count, "a handler consumed bytes that it was not offered")
        return consumed
    }

    func checkUnconsumed() {
        if inbound.count > Self.unconsumedBytesMax { closeNow(.unconsumedOverflow) }
    }

    private var pendingReason: CloseReason {
        let error = network.pendingError(descriptor)
        return error == 0 ? .reset : CloseReason(SystemError(error, in: "recv"))
    }
}
