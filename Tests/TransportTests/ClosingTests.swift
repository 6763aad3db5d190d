import Foundation
import Testing

@testable import BoxOfficeTransport

@Suite struct ClosingTests {
    // MARK: Connecting

    @Test func aRefusedConnectionIsReportedOnce() throws {
        // A port that was free a moment ago.
        let gone = try TestServer { .echo() }
        let address = gone.address
        let stopped = Watched(false)
        gone.listener.stop { stopped.change { $0 = true } }
        stopped.wait { $0 }
        let shard = try Shard(label: "test.client")
        for _ in 0..<50 {
            let client = ScriptedHandler()
            shard.post { Channel.connect(to: address, on: shard, handler: client) }
            #expect(client.waitUntilClosed() == .connectFailed(SystemError(ECONNREFUSED, in: "connect")))
            #expect(client.told.now.count == 1)
        }
        shard.stop()
    }

    @Test func aConnectionThatIsNotMadeInTimeIsReported() throws {
        // A listener whose backlog is full answers nobody: what a host behind a silent firewall looks like.
        let listening = try Sockets.open(family: AF_INET)
        defer { Sockets.close(listening) }
        _ = SocketAddress.loopback(port: 0).withSockaddr { Sockets.bind(listening, $0, $1) }
        listen(listening, 0)
        let address = try #require(Sockets.localAddress(listening))
        let shard = try Shard(label: "test.client")
        let clients = (0..<4).map { _ in ScriptedHandler() }
        for client in clients {
            shard.post { Channel.connect(to: address, on: shard, timeoutSeconds: 0.3, handler: client) }
        }
        #expect(clients[3].waitUntilClosed() == .connectTimedOut)
        shard.stop()
    }

    @Test func aPathThatDoesNotFitIsAFailedConnection() throws {
        let shard = try Shard(label: "test.client")
        for path in ["", String(repeating: "x", count: 200), "/no/such/socket"] {
            let client = ScriptedHandler()
            shard.post { Channel.connect(to: .unix(path: path), on: shard, handler: client) }
            guard case .connectFailed = client.waitUntilClosed() else {
                Issue.record("\(path): \(client.told.now)")
                continue
            }
        }
        shard.stop()
    }

    @Test func whatIsSentWhileConnectingLeavesOnceConnected() throws {
        let server = try TestServer { .echo() }
        let shard = try Shard(label: "test.client")
        let client = ScriptedHandler()
        let address = server.address
        shard.post {
            let channel = Channel.connect(to: address, on: shard, handler: client)
            channel.send([1, 2, 3])
        }
        client.received.wait("the echo") { $0 == [1, 2, 3] }
        #expect(client.told.now == [.opened])
        shard.stop()
    }

    // MARK: The peer ends it

    @Test func aHalfClosedPeerStillGetsItsAnswers() throws {
        let server = try TestServer { BackpressuredEcho.handler() }
        let peer = try BlockingPeer(server.address)
        let bytes = patterned(3 * 1024 * 1024)
        let sending = Background {
            try peer.send(bytes)
            peer.finishSending()
        }
        // The end of the stream lies behind all the bytes: each is read, answered, and only then is it closed.
        let echoed = try peer.receiveToEnd()
        try sending.value()
        #expect(echoed == bytes)
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .endOfStream)
        #expect(handler.told.now.first == .opened)
    }

    @Test func aPeerThatConnectsAndLeavesIsOpenedAndClosed() throws {
        let server = try TestServer { .echo() }
        for _ in 0..<50 { _ = try BlockingPeer(server.address) }
        server.handlers.wait("fifty connections") { $0.count == 50 }
        for handler in server.handlers.now {
            #expect(handler.waitUntilClosed() == .endOfStream)
            #expect(handler.told.now == [.opened, .closed(.endOfStream)])
        }
    }

    /// A peer says goodbye and is gone before we write: its last words are read although the write fails.
    @Test func lastWordsAreReadAfterAFailedWrite() throws {
        let server = try TestServer {
            ScriptedHandler(opened: { channel in
                channel.pauseReading()
                channel.shard.after(seconds: 0.2) {
                    channel.resumeReading()
                    channel.send([1])
                }
            })
        }
        let peer = Background { try BlockingPeer(server.address).send(Array("goodbye".utf8)) }
        try peer.value()
        let (_, handler) = try server.first()
        _ = handler.waitUntilClosed()
        #expect(handler.received.now == Array("goodbye".utf8))
    }

    /// docs/architecture.md, Dispatch 1: with a source for each socket this ends the process.
    @Test func twentyThousandResetsLeaveTheShardAlive() throws {
        let closed = Watched(0)
        let server = try TestServer(keepsChannels: false) { CountingHandler.make(closed) }
        let threads = 4
        let resets = 5_000
        let resetters = (0..<threads).map { thread in
            Background { [address = server.address] in
                for number in 0..<resets {
                    let peer = try BlockingPeer(address)
                    // With nothing on its way, with bytes that nobody has read, and with an answer under way.
                    if number % 3 != 0 { try peer.send([UInt8](repeating: 1, count: 40)) }
                    if number % 3 == 2 { #expect(try peer.receive(1) == [1]) }
                    peer.resetOnClose()
                }
            }
        }
        for resetter in resetters { try resetter.value() }
        closed.wait("every close") { $0 == threads * resets }
        let peer = try BlockingPeer(server.address)
        try peer.send([9])
        #expect(try peer.receive(1) == [9])
    }

    @Test func aResetUnderAPausedReaderIsNoticed() throws {
        let server = try TestServer { ScriptedHandler(opened: { $0.pauseReading() }) }
        do {
            let peer = try BlockingPeer(server.address)
            _ = try server.first()
            try peer.send([1])
            peer.resetOnClose()
        }
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .reset)
    }

    // MARK: This side ends it

    @Test func closingAfterFlushDeliversEverythingFirst() throws {
        let bytes = patterned(600_000)
        let server = try TestServer {
            ScriptedHandler(opened: { channel in
                channel.send(bytes)
                channel.closeAfterFlush()
                #expect(!channel.send([0]), "a closing channel takes nothing more")
            })
        }
        let peer = try BlockingPeer(server.address)
        // Bytes that nobody reads: closing over them would reset the connection and lose ours.
        try peer.send(patterned(10_000))
        #expect(try peer.receiveToEnd() == bytes)
        peer.finishSending()
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .requested)
    }

    @Test func aPeerThatDoesNotReadIsClosedAtTheDeadline() throws {
        let server = try TestServer(limits: .init(bytesSoftMax: 64 << 20, bytesHardMax: 64 << 20)) {
            ScriptedHandler(opened: { channel in
                channel.send([UInt8](repeating: 1, count: 32 << 20))
                channel.closeAfterFlush(deadlineSeconds: 0.2)
            })
        }
        let peer = try BlockingPeer(server.address)
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .flushTimedOut)
        withExtendedLifetime(peer) {}
    }

    @Test func aPeerThatNeverStopsSendingIsClosedAtTheDeadline() throws {
        let server = try TestServer { ScriptedHandler(opened: { $0.closeAfterFlush(deadlineSeconds: 0.2) }) }
        let peer = try BlockingPeer(server.address)
        let flood = Background { while (try? peer.send([UInt8](repeating: 1, count: 1000))) != nil {} }
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .requested)
        try flood.value()
    }

    @Test func resettingIsSeenAsAReset() throws {
        let server = try TestServer { ScriptedHandler(opened: { $0.reset() }) }
        let peer = try BlockingPeer(server.address)
        #expect { try peer.receiveSome() } throws: { ($0 as? BlockingPeer.Failed)?.number == ECONNRESET }
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .requested)
    }

    /// From inside any of its own callbacks, a channel may be closed, twice, and used afterwards.
    @Test func closingInsideACallbackIsToldOnce() throws {
        let server = try TestServer {
            ScriptedHandler(received: { channel, bytes in
                channel.send(bytes)
                channel.close(.endOfStream)
                channel.close()
                channel.reset()
                #expect(!channel.send(bytes) && !channel.markUpdate(UpdateSubject(kind: 1, id: 1)))
                channel.resumeReading()
                channel.closeAfterFlush()
                return bytes.count
            })
        }
        let peer = try BlockingPeer(server.address)
        try peer.send([1])
        let (channel, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .endOfStream)
        let settled = Watched(false)
        server.shard.post { server.shard.post { settled.change { $0 = true } } }
        settled.wait { $0 }
        #expect(handler.told.now == [.opened, .closed(.endOfStream)])
        #expect(channel.handler == nil, "handler and channel let go of each other")
    }

    @Test func aChannelThatIsNeverStartedClosesItsDescriptor() throws {
        var ends: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Sockets.stream, 0, &ends) == 0)
        let shard = try Shard(label: "test.unstarted")
        let done = Watched(false)
        shard.post { [ours = ends[0]] in
            _ = Channel(adopting: ours, on: shard, handler: ScriptedHandler())
            done.change { $0 = true }
        }
        done.wait { $0 }
        var byte: UInt8 = 0
        #expect(recv(ends[1], &byte, 1, 0) == 0)
        Sockets.close(ends[1])
        shard.stop()
    }
}

/// Echoes and counts closes; keeps no log, for tests with many connections.
enum CountingHandler {
    static func make(_ closed: Watched<Int>) -> ScriptedHandler {
        ScriptedHandler(
            received: { channel, bytes in
                channel.send(bytes)
                return bytes.count
            }, closed: { _ in closed.change { $0 += 1 } })
    }
}
