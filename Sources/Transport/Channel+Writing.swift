// From the outbox to the socket. Sending only queues; the turn's end writes, once and gathered.

extension Channel {
    /// Queues a reply or another control message. False when the channel is closing or the hard bound refused it.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool { enqueue(bytes, in: .control) }

    /// Queues a control message whose bytes other channels send too; nothing is copied.
    @discardableResult
    public func send(shared message: SharedBytes) -> Bool { enqueue(message.bytes, in: .control) }

    /// Queues a notice; it leaves after the control messages that are queued by then. False as with `send`.
    @discardableResult
    public func sendNotice(_ bytes: [UInt8]) -> Bool { enqueue(bytes, in: .notices) }

    /// Says that there is something new about `subject`. The handler is asked to encode it when it can leave, however
    /// often it was marked until then. False when the channel is closing or too many subjects are marked.
    @discardableResult
    public func markUpdate(_ subject: UpdateSubject) -> Bool {
        shard.assertCurrent()
        guard acceptsMessages, outbox.mark(subject) else { return false }
        if !blocked { updateSoon() }
        return true
    }

    /// Takes the mark back: there is nothing to say about `subject` any more.
    public func clearUpdate(_ subject: UpdateSubject) {
        shard.assertCurrent()
        outbox.clear(subject)
    }

    private var acceptsMessages: Bool {
        (state == .open || isBeginning) && !overHardBound && !writeFailed
    }

    private func enqueue(_ bytes: [UInt8], in lane: Outbox.Lane) -> Bool {
        shard.assertCurrent()
        guard acceptsMessages else { return false }
        if queuedBytes == 0 { lastWriteProgressAt = shard.now }
        guard outbox.append(bytes, to: lane) else {
            outbox.dropUnbegun()
            overHardBound = true
            tell(.overHardBound)
            return false
        }
        // A large answer should fail on a slow reader only, not because the turn is not over yet.
        if outbox.queuedBytes > outbox.limits.bytesSoftMax, state == .open, !blocked, news.isDisjoint(with: .opened) {
            write(withUpdates: false)
        }
        flushSoon()
        return true
    }

    /// Drops what is queued and not begun, so that what is sent next is the next thing the peer hears. Nobody can go on
    /// with this connection: say goodbye, and close it.
    public func dropQueued() {
        shard.assertCurrent()
        outbox.dropUnbegun()
    }

    private var writes: Bool { state == .open || state == .securing || state == .flushing }

    func flushSoon() {
        guard !flushQueued, writes else { return }
        flushQueued = true
        shard.flushLater(self)
    }

    /// Writes too, but behind what others have to say: updates for all of thousands of connections at once must not hold
    /// up an answer.
    private func updateSoon() {
        guard !flushQueued, !updateQueued, state == .open else { return }
        updateQueued = true
        shard.updateLater(self)
    }

    /// Called by the shard when it is the updates' turn.
    func update() {
        updateQueued = false
        if outbox.slots.isEmpty { return }
        flush()
    }

    /// Called by the shard when the turn settles.
    func flush() {
        flushQueued = false
        guard writes else { return }
        if !blocked { write(withUpdates: true) }
        switch state {
        case .open: checkSoftBound()
        case .flushing where outbox.isEmpty && queuedBytes == 0: flushed()
        default: break
        }
    }

    private func checkSoftBound() {
        let limit = outbox.limits.bytesSoftMax
        if !overSoftBound, queuedBytes > limit {
            overSoftBound = true
            tell(.overSoftBound)
        } else if overSoftBound, queuedBytes <= limit / 2 {
            overSoftBound = false
            tell(.drained)
        }
    }

    /// Writes until everything has left or the socket is full.
    private func write(withUpdates: Bool) {
        // What is encrypted already goes before what is not.
        if let tls, !tls.ciphertext.isEmpty, !writeCiphertext(of: tls) { return }
        guard state != .securing else { return }
        // A handler that marks a subject while encoding it is asked again in another turn, not in this loop.
        var encodings = withUpdates ? outbox.slots.count : 0
        var goesOn = true
        while goesOn {
            goesOn = shard.withUpdateScratch { updates in
                while encodings > 0, outbox.wantsUpdates, updates.count < Outbox.updateBatchBytes,
                    let subject = outbox.takeSubject()
                {
                    encodings -= 1
                    handler?.channelEncodesUpdate(self, subject, into: &updates)
                    guard state == .open else { return false }
                }
                guard outbox.queuedBytes > 0 || !updates.isEmpty else { return false }
                return writeOnce(updates)
            }
        }
    }

    /// One gathered write. True when the socket took all of it, and may take more.
    private func writeOnce(_ updates: [UInt8]) -> Bool {
        if let tls {
            encrypt(updates, with: tls)
            if case .failed(let failure) = tls.phase {
                closeNow(.tlsFailed(failure))
                return false
            }
            return writeCiphertext(of: tls)
        }
        let (transfer, offered) = outbox.withGathered(updates: updates) { pieces, byteCount in
            (network.send(descriptor, pieces), byteCount)
        }
        switch transfer {
        case .bytes(let count): outbox.wrote(count, updates: updates)
        case .wouldBlock:
            if outbox.queuedBytes == 0 { lastWriteProgressAt = shard.now }
            outbox.wrote(0, updates: updates)
        case .failed: break
        }
        return wrote(transfer, of: offered)
    }

    /// What a write came to. True when the socket took all that was offered.
    func wrote(_ transfer: Transfer, of offered: Int) -> Bool {
        switch transfer {
        case .bytes(let count):
            lastWriteProgressAt = shard.now
            blocked = count < offered
        case .wouldBlock:
            blocked = true
        case .failed(let error):
            writingFailed(error)
            return false
        }
        return !blocked
    }

    /// The peer takes nothing any more, but what it sent before it went may still be read: its last words.
    private func writingFailed(_ error: SystemError) {
        outbox.dropAll()
        tls?.dropCiphertext()
        if state == .flushing { return closeNow(closeReason) }
        if paused { return closeNow(CloseReason(error)) }
        writeFailed = true
        readPending = true
        readToEnd = true
        goOnSoon()
    }
}
