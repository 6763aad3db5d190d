// From the socket to the handler.

extension Channel {
    /// Reads nothing more until `resumeReading`, so that the peer's own window holds it back.
    public func pauseReading() {
        shard.assertCurrent()
        paused = true
    }

    /// Goes on reading; what was kept unconsumed is offered again first.
    public func resumeReading() {
        shard.assertCurrent()
        guard paused else { return }
        paused = false
        resumed = true
        if readPending || !inbound.isEmpty { goOnSoon() }
    }

    /// Reads until the kernel would block or the channel has had its share of the turn.
    func read(failed: Bool) {
        if paused && state == .open {
            // Nobody reads, so nobody would find the error: a dead connection is not kept for its last bytes.
            if failed { closeNow(pendingReason) }
            return
        }
        guard state == .open || state == .draining else { return }
        if resumed {
            resumed = false
            if state == .open, !inbound.isEmpty, bytesWanted <= inbound.count { offerUnconsumed() }
        }
        shard.withReadScratch { scratch in
            var budget = Self.readBytesPerTurn
            while readPending, budget > 0, state == .draining || (state == .open && !paused) {
                budget -= readOnce(&scratch)
            }
        }
        if readPending, state == .draining || (state == .open && !paused) { goOnSoon() }
    }

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
            if state == .open { received(scratch, count) }
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

    private func endOfStreamReached() {
        peerFinished = true
        if state == .draining || writeFailed { return closeNow(state == .draining ? closeReason : .reset) }
        // Answers that are queued still go out: a peer may finish sending and wait for them.
        closeAfterFlush(reason: .endOfStream)
    }

    private func received(_ scratch: [UInt8], _ count: Int) {
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

    private func checkUnconsumed() {
        if inbound.count > Self.unconsumedBytesMax { closeNow(.unconsumedOverflow) }
    }

    private var pendingReason: CloseReason {
        let error = network.pendingError(descriptor)
        return error == 0 ? .reset : CloseReason(SystemError(error, in: "recv"))
    }
}
