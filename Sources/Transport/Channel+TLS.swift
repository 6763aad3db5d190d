// TLS on a channel: the filter stands between the socket calls and everything else.
//
//     socket ─▶ scratch ─▶ filter ─▶ plaintext scratch ─▶ handler           one scratch each for all channels of a shard
//     outbox ─▶ at most `encryptedBytesMax` at a time ─▶ filter ─▶ ciphertext ─▶ socket
//
// What is encrypted has to be sent, in its order, so no more of it is made than the socket is about to take, and it counts
// as queued. While it waits, nothing is encrypted behind it: updates stay slots, replies and notices stay in their lanes.

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What a server needs for an encrypted connection.
public struct TLSServer: Sendable {
    let context: TLSContext
    let handshakeSeconds: Double

    /// - Parameters:
    ///   - identity: what is shown to clients.
    ///   - handshakeSeconds: a client that is not done by then is cut off.
    public init(_ identity: TLSServerIdentity, handshakeSeconds: Double) {
        context = identity.certificate.context
        self.handshakeSeconds = handshakeSeconds
    }
}

/// What a client needs for an encrypted connection.
public struct TLSClient: Sendable {
    let context: TLSContext
    let host: String

    /// - Parameters:
    ///   - context: whom to believe; one for many connections.
    ///   - host: the name or numeric address that the certificate has to be for, unless it is pinned.
    public init(_ context: TLSContext, host: String) {
        self.context = context
        self.host = host
    }
}

extension Channel {
    /// So much is encrypted before it is offered to the socket: four records.
    static let encryptedBytesMax = 64 * 1024

    /// Lets an adopted socket speak TLS, before `start`.
    public func secure(with server: TLSServer) {
        shard.assertCurrent()
        precondition(state == .adopted, "a channel is secured before it starts")
        guard use(TLSFilter.server(server.context)) else { return }
        shard.after(seconds: server.handshakeSeconds) { [weak self] in
            guard let self, self.state == .securing || self.state == .adopted else { return }
            self.closeNow(.tlsFailed(.timedOut))
        }
    }

    /// True unless there is to be TLS and cannot.
    func use(_ client: TLSClient?) -> Bool {
        guard let client else { return true }
        return use(TLSFilter.client(client.context, host: client.host))
    }

    private func use(_ filter: TLSFilter?) -> Bool {
        tls = filter
        if filter == nil { closeNow(.tlsFailed(.broken("it cannot be set up"))) }
        return filter != nil
    }

    // MARK: Reading

    /// Decrypts what came, and offers what it says.
    func received(_ scratch: [UInt8], _ count: Int, through tls: TLSFilter) {
        shard.withPlaintextScratch { plaintext in
            let count = scratch.withUnsafeBytes { bytes in
                plaintext.withUnsafeMutableBytes {
                    tls.received(UnsafeRawBufferPointer(rebasing: bytes[..<count]), into: $0)
                }
            }
            if state == .securing, tls.phase == .open || tls.phase == .ended { opened() }
            guard count > 0, state == .open else { return }
            if paused {
                // By a handler that has only just been told that it is open.
                inbound.append(contentsOf: plaintext[..<count])
                checkUnconsumed()
            } else {
                received(plaintext, count)
            }
        }
        if !tls.ciphertext.isEmpty { flushSoon() }
        heed(tls.phase)
    }

    /// The peer's end comes when everything before it has been offered; a failure comes at once.
    func heed(_ phase: TLSFilter.Phase) {
        switch phase {
        case .ended where state == .open && !paused: endOfStreamReached()
        case .failed(let failure) where state == .open || state == .securing:
            // An alert may be waiting. It is worth one try.
            if let tls, !tls.ciphertext.isEmpty, !blocked { _ = writeCiphertext(of: tls) }
            closeNow(.tlsFailed(failure))
        default: break
        }
    }

    // MARK: Writing

    /// Encrypts from the front of the outbox, and `updates` behind it.
    func encrypt(_ updates: [UInt8], with tls: TLSFilter) {
        if queuedBytes == 0 { lastWriteProgressAt = shard.now }
        let count = outbox.withGathered(updates: updates) { pieces, byteCount in
            let count = min(byteCount, Self.encryptedBytesMax)
            if pieces.count == 1, let start = pieces[0].iov_base {
                tls.write(UnsafeRawBufferPointer(start: start, count: count))
                return count
            }
            // Together, as each record costs 22 bytes and a step of its own.
            withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { together in
                var filled = 0
                for piece in pieces where filled < count {
                    let length = min(piece.iov_len, count - filled)
                    guard let start = piece.iov_base, length > 0 else { continue }
                    (together.baseAddress! + filled).copyMemory(from: start, byteCount: length)
                    filled += length
                }
                tls.write(UnsafeRawBufferPointer(together))
            }
            return count
        }
        outbox.wrote(count, updates: updates)
    }

    /// Writes what is encrypted. True when the socket took all of it.
    func writeCiphertext(of tls: TLSFilter) -> Bool {
        let offered = tls.ciphertext.count
        guard offered > 0 else { return true }
        let transfer = tls.ciphertext.withUnsafeBytes { bytes in
            // The kernel only reads through it; iovec has no const form.
            var piece = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
            return withUnsafeMutablePointer(to: &piece) {
                network.send(descriptor, UnsafeMutableBufferPointer(start: $0, count: 1))
            }
        }
        if case .bytes(let count) = transfer { tls.sent(count) }
        return wrote(transfer, of: offered)
    }
}

extension Shard {
    /// Lends the buffer for what was decrypted: as much as one read may bring, with a record that began before it.
    func withPlaintextScratch<R>(_ body: (inout [UInt8]) -> R) -> R {
        var scratch = plaintextScratch
        plaintextScratch = []
        // Made when the first encrypted connection needs it.
        if scratch.isEmpty { scratch = [UInt8](repeating: 0, count: Self.readScratchBytes + TLSFilter.recordBytesMax) }
        defer { plaintextScratch = scratch }
        return body(&scratch)
    }
}
