// What ChannelTests, ClosingTests and SlowReaderTests show of a plain channel, through TLS, and what only TLS has.

import Foundation
import Testing

@testable import BoxOfficeTransport

@Suite struct TLSChannelTests {
    private let files: TLSFiles

    init() throws { files = try TLSFiles() }

    private func server(
        handshakeSeconds: Double = 60, limits: OutboxLimits = .init(),
        _ makeHandler: @escaping @Sendable () -> ScriptedHandler
    ) throws -> TestServer {
        try TestServer(tls: files.identity(), handshakeSeconds: handshakeSeconds, limits: limits, makeHandler)
    }

    private func client(host: String = "localhost") throws -> TLSClient { TLSClient(try files.client(), host: host) }

    // MARK: Bytes both ways

    @Test func bytesThatDripAreEchoedInOrder() throws {
        let server = try server { .echo() }
        let peer = try SecurePeer(server.address, files)
        for byte in UInt8(0)...255 {
            try peer.send([byte])
            #expect(try peer.receive(1) == [byte])
        }
    }

    /// The bytes on the wire one by one, the handshake too.
    @Test func recordsMayDrip() throws {
        let server = try server { .echo() }
        let peer = try BlockingPeer(server.address)
        let end = try TLSEnd(TLSFilter.client(try files.client(), host: "localhost"))
        for byte in end.take() { try peer.send([byte]) }
        while end.phase == .handshaking { end.receive(try peer.receiveSome(100)) }
        end.write([1, 2, 3])
        for byte in end.take() { try peer.send([byte]) }
        while end.plaintext.count < 3 { end.receive(try peer.receiveSome(7)) }
        #expect(end.plaintext == [1, 2, 3])
    }

    @Test func largeTransfersGoBothWaysAtOnce() throws {
        let server = try server { BackpressuredEcho.handler() }
        let shard = try Shard(label: "test.client")
        defer { shard.stop() }
        let bytes = patterned(16 << 20)
        let parts = stride(from: 0, to: bytes.count, by: 100_000).map {
            Array(bytes[$0..<min($0 + 100_000, bytes.count)])
        }
        let handler = ScriptedHandler(opened: { channel in for part in parts { channel.send(part) } })
        let (address, tls) = (server.address, try client())
        shard.post {
            Channel.connect(
                to: address, on: shard, tls: tls, limits: .init(bytesSoftMax: 32 << 20, bytesHardMax: 32 << 20),
                handler: handler)
        }
        handler.received.wait("the echo") { $0.count >= bytes.count }
        #expect(handler.received.now == bytes)
        let (_, echoing) = try server.first()
        #expect(!echoing.told.now.contains(.overflowed(.hard)))
    }

    @Test func whatIsSentBeforeItIsSecureLeavesAfterwards() throws {
        let server = try server { .echo() }
        let shard = try Shard(label: "test.client")
        defer { shard.stop() }
        let handler = ScriptedHandler()
        let (address, tls) = (server.address, try client())
        shard.post {
            let channel = Channel.connect(to: address, on: shard, tls: tls, handler: handler)
            channel.send([1, 2, 3])
            #expect(!channel.isOpen)
        }
        handler.received.wait("the echo") { $0 == [1, 2, 3] }
        #expect(handler.told.now == [.opened])
    }

    @Test func repliesNoticesAndUpdatesOfOneTurnLeaveInTheirOrder() throws {
        let server = try server { ScriptedHandler(encodes: { _, _, buffer in buffer += Array("update".utf8) }) }
        let peer = try SecurePeer(server.address, files)
        let (channel, handler) = try server.first()
        handler.told.wait { $0 == [.opened] }
        server.shard.post {
            channel.markUpdate(UpdateSubject(kind: 1, id: 1))
            channel.sendNotice(Array("notice ".utf8))
            channel.send(Array("reply ".utf8))
            channel.send(shared: SharedBytes(Array("shared ".utf8)))
        }
        #expect(String(decoding: try peer.receive(26), as: UTF8.self) == "reply shared notice update")
    }

    /// One wake, one record: as little as goes.
    @Test func whatLeavesTogetherIsOneRecord() throws {
        let server = try server { ScriptedHandler() }
        let peer = try SecurePeer(server.address, files)
        let (channel, handler) = try server.first()
        handler.told.wait { $0 == [.opened] }
        server.shard.post { for number in UInt8(0)..<50 { channel.send([number]) } }
        let bytes = try peer.peer.receive(50 + 22)
        peer.end.receive(bytes)
        #expect(peer.end.plaintext == Array(0..<50))
    }

    // MARK: Pausing

    @Test func whatCameBehindTheHandshakeWaitsForAPausedHandler() throws {
        let seen = Watched<[UInt8]>([])
        let server = try server {
            ScriptedHandler(
                opened: { channel in
                    channel.pauseReading()
                    channel.shard.after(seconds: 0.05) { channel.resumeReading() }
                },
                received: { _, bytes in
                    seen.change { $0 += bytes }
                    return bytes.count
                })
        }
        let peer = try BlockingPeer(server.address)
        let end = try TLSEnd(TLSFilter.client(try files.client(), host: "localhost"))
        try peer.send(end.take())
        while end.phase == .handshaking { end.receive(try peer.receiveSome()) }
        end.write([1, 2, 3])
        try peer.send(end.take())
        seen.wait("what came with the last flight") { $0 == [1, 2, 3] }
    }

    /// The peer says goodbye behind requests that are not taken yet: each is answered first.
    @Test func aHalfClosedPeerStillGetsItsAnswers() throws {
        let server = try server { BackpressuredEcho.handler() }
        let bytes = patterned(3 << 20)
        let peer = try SecurePeer(server.address, files)
        peer.end.write(bytes)
        peer.end.filter.finish()
        let ciphertext = peer.end.take()
        let sending = Background { [peer = peer.peer] in
            try peer.send(ciphertext)
            peer.finishSending()
        }
        let echoed = try peer.receiveToEnd()
        try sending.value()
        #expect(echoed == bytes)
        #expect(peer.end.phase == .ended, "the server says goodbye as well")
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .endOfStream)
    }

    /// One frame is taken at a time, and the rest after a pause, with the goodbye already in.
    @Test func theGoodbyeWaitsForWhatIsBeforeIt() throws {
        let seen = Watched<[UInt8]>([])
        let server = try server {
            ScriptedHandler(received: { channel, bytes in
                seen.change { $0.append(bytes[0]) }
                channel.send([bytes[0]])
                channel.pauseReading()
                channel.shard.after(seconds: 0.01) { channel.resumeReading() }
                return 1
            })
        }
        let peer = try SecurePeer(server.address, files)
        peer.end.write([1, 2, 3])
        peer.end.filter.finish()
        try peer.peer.send(peer.end.take())
        #expect(try peer.receiveToEnd() == [1, 2, 3])
        #expect(seen.now == [1, 2, 3])
        #expect(peer.end.phase == .ended)
    }

    // MARK: The end

    @Test func theLastWordsArriveBeforeTheGoodbye() throws {
        let server = try server {
            ScriptedHandler(received: { channel, bytes in
                channel.send([UInt8](repeating: 7, count: 300_000))
                channel.closeAfterFlush()
                return bytes.count
            })
        }
        let peer = try SecurePeer(server.address, files)
        // More behind it, which nobody will read.
        try peer.send([UInt8](repeating: 1, count: 100_000))
        #expect(try peer.receiveToEnd().count == 300_000)
        #expect(peer.end.phase == .ended)
        try peer.finishSending()
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .requested)
    }

    @Test func anEndWithoutAGoodbyeIsNoHonestEnd() throws {
        let server = try server { .echo() }
        let peer = try SecurePeer(server.address, files)
        try peer.send([1])
        #expect(try peer.receive(1) == [1])
        peer.peer.finishSending()
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .tlsFailed(.truncated))
    }

    /// The same on the client's side, where an answer that was cut off must not look like a whole one.
    @Test func aServerThatIsCutOffIsNoHonestEnd() throws {
        let shard = try Shard(label: "test.client")
        defer { shard.stop() }
        let reasons = try [true, false].map { saysGoodbye in
            let server = try server { ScriptedHandler(opened: { $0.send([1]) }) }
            let handler = ScriptedHandler()
            let (address, tls) = (server.address, try client())
            shard.post { Channel.connect(to: address, on: shard, tls: tls, handler: handler) }
            handler.received.wait("the byte") { $0 == [1] }
            let (channel, _) = try server.first()
            server.shard.post { if saysGoodbye { channel.closeAfterFlush() } else { channel.close() } }
            return handler.waitUntilClosed()
        }
        #expect(reasons == [.endOfStream, .tlsFailed(.truncated)])
    }

    @Test func aResetIsAReset() throws {
        let server = try server { .echo() }
        do {
            let peer = try SecurePeer(server.address, files)
            try peer.send([1])
            #expect(try peer.receive(1) == [1])
            peer.peer.resetOnClose()
        }
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .reset)
    }

    // MARK: Slow readers

    /// A peer that does not read has the outbox filled and no more encrypted than one batch.
    @Test func whatIsEncryptedIsBounded() throws {
        let limits = OutboxLimits(bytesSoftMax: 256 * 1024, bytesHardMax: 64 << 20)
        let server = try server(limits: limits) { ScriptedHandler() }
        let peer = try SecurePeer(server.address, files, receiveBufferBytes: 16 * 1024)
        let (channel, handler) = try server.first()
        handler.told.wait { $0 == [.opened] }
        let bytes = patterned(24 << 20)
        let queued = Watched<(encrypted: Int, queued: Int)?>(nil)
        server.shard.post {
            for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
                channel.send(Array(bytes[start..<start + (1 << 20)]))
            }
        }
        handler.told.wait("being slow") { $0.contains(.overflowed(.soft)) }
        server.shard.post {
            queued.change { $0 = (channel.tls?.ciphertext.count ?? 0, channel.queuedBytes) }
        }
        queued.wait { $0 != nil }
        let now = try #require(queued.now)
        try #require(now.encrypted > 0 && now.encrypted <= Channel.encryptedBytesMax + 4 * 22)
        #expect(now.queued == channel.outbox.queuedBytes + now.encrypted)
        #expect(try peer.receive(bytes.count) == bytes)
        handler.told.wait("draining") { $0.contains(.drained) }
    }

    @Test func updatesConflateUnderASlowReader() throws {
        let version = Watched(UInt8(0))
        let encoded = Watched(0)
        let server = try server {
            ScriptedHandler(encodes: { _, _, buffer in
                encoded.change { $0 += 1 }
                buffer += [UInt8](repeating: version.now, count: 1_000)
            })
        }
        let peer = try SecurePeer(server.address, files, receiveBufferBytes: 16 * 1024)
        let (channel, handler) = try server.first()
        handler.told.wait { $0 == [.opened] }
        let filled = Watched(0)
        server.shard.post {
            var count = 0
            while !channel.blocked {
                channel.send([UInt8](repeating: 0xFF, count: 300_000))
                count += 300_000
            }
            filled.change { $0 = count }
        }
        filled.wait { $0 > 0 }
        for round in UInt8(1)...200 {
            server.shard.post {
                version.change { $0 = round }
                channel.markUpdate(UpdateSubject(kind: 1, id: 1))
            }
        }
        version.wait { $0 == 200 }
        #expect(encoded.now == 0, "nothing is encoded before there is room for it")
        #expect(try peer.receive(filled.now).allSatisfy { $0 == 0xFF })
        #expect(try peer.receive(1_000) == [UInt8](repeating: 200, count: 1_000))
        #expect(encoded.now == 1)
    }

    // MARK: Whoever does not belong

    @Test(arguments: [
        Array("GET / HTTP/1.1\r\n\r\n".utf8), [16, 0, 0, 0, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 16),
        [UInt8](repeating: 0, count: 100_000),
    ])
    func plaintextOnATLSPortIsClosed(bytes: [UInt8]) throws {
        let server = try server { .echo() }
        let peer = try BlockingPeer(server.address)
        try? peer.send(bytes)
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .tlsFailed(.notTLS))
        #expect(handler.told.now.count == 1, "it was never open")
    }

    @Test func tlsOnAPlaintextPortFails() throws {
        let server = try TestServer {
            ScriptedHandler(received: { channel, bytes in
                channel.send(Array("what is that?".utf8))
                channel.closeAfterFlush()
                return bytes.count
            })
        }
        let shard = try Shard(label: "test.client")
        defer { shard.stop() }
        let handler = ScriptedHandler()
        let (address, tls) = (server.address, try client())
        shard.post { Channel.connect(to: address, on: shard, tls: tls, handler: handler) }
        #expect(handler.waitUntilClosed() == .tlsFailed(.notTLS))
        #expect(handler.told.now.count == 1)
    }

    @Test func aHandshakeThatIsNotDoneInTimeIsCutOff() throws {
        let server = try server(handshakeSeconds: 0.2) { .echo() }
        let silent = try BlockingPeer(server.address)
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .tlsFailed(.timedOut))
        #expect(try silent.receiveToEnd().isEmpty)
        // Who is done in time has all the time there is.
        let peer = try SecurePeer(server.address, files)
        Thread.sleep(forTimeInterval: 0.5)
        try peer.send([1])
        #expect(try peer.receive(1) == [1])
    }

    @Test func aClientWaitsNoLongerForHandsThanForAConnection() throws {
        let server = try TestServer { ScriptedHandler() }
        let shard = try Shard(label: "test.client")
        defer { shard.stop() }
        let handler = ScriptedHandler()
        let (address, tls) = (server.address, try client())
        shard.post { Channel.connect(to: address, on: shard, tls: tls, timeoutSeconds: 0.2, handler: handler) }
        #expect(handler.waitUntilClosed() == .tlsFailed(.timedOut))
    }

    @Test func aClientLearnsWhyTheCertificateIsNotGood() throws {
        let server = try server { .echo() }
        let other = try TLSFiles()
        let shard = try Shard(label: "test.client")
        defer { shard.stop() }
        let handler = ScriptedHandler()
        let (address, tls) = (server.address, TLSClient(try other.client(), host: "localhost"))
        shard.post { Channel.connect(to: address, on: shard, tls: tls, handler: handler) }
        let refusal = CertificateRefusal(.changed(pinned: other.fingerprint), files.fingerprint)
        #expect(handler.waitUntilClosed() == .tlsFailed(.certificate(refusal)))
        let (_, accepted) = try server.first()
        guard case .tlsFailed(.alert) = accepted.waitUntilClosed() else {
            Issue.record("the server is not told: \(accepted.told.now)")
            return
        }
    }

    @Test func aStoppedShardClosesHandshakesToo() throws {
        let server = try server { .echo() }
        let silent = try BlockingPeer(server.address)
        let (_, handler) = try server.first()
        server.shard.stop()
        #expect(handler.waitUntilClosed() == .shardStopped)
        withExtendedLifetime(silent) {}
    }
}
