import Foundation
import Testing

@testable import BoxOfficeTransport

@Suite struct ListenerTests {
    @Test func portZeroBecomesARealPort() throws {
        for text in ["127.0.0.1:0", "[::1]:0"] {
            let server = try TestServer(at: SocketAddress(text)) { .echo() }
            #expect((server.address.port ?? 0) > 0)
            let peer = try BlockingPeer(server.address)
            let (channel, _) = try server.first()
            #expect(channel.peer == Sockets.localAddress(peer.descriptor))
        }
    }

    @Test func anAddressInUseIsRefused() throws {
        let server = try TestServer { .echo() }
        #expect(throws: SystemError(EADDRINUSE, in: "bind")) {
            try Listener(on: server.shard, address: server.address) { _ in }
        }
    }

    @Test func aStoppedListenerRefusesAndItsConnectionsLiveOn() throws {
        let server = try TestServer { .echo() }
        let peer = try BlockingPeer(server.address)
        _ = try server.first()
        let stopped = Watched(false)
        server.listener.stop { stopped.change { $0 = true } }
        stopped.wait { $0 }
        server.listener.stop()
        #expect(throws: BlockingPeer.Failed.self) { try BlockingPeer(server.address) }
        try peer.send([1])
        #expect(try peer.receive(1) == [1])
    }

    /// More connections than one turn accepts, from several threads at once.
    @Test func manyConnectionsAreAllAccepted() throws {
        let server = try TestServer { .echo() }
        let dialling = (0..<4).map { _ in
            Background { [address = server.address] in try (0..<100).map { _ in try BlockingPeer(address) } }
        }
        let peers = try dialling.flatMap { try $0.value() }
        server.channels.wait("every connection") { $0.count == peers.count }
        for (number, peer) in peers.enumerated() {
            try peer.send([UInt8(truncatingIfNeeded: number)])
            #expect(try peer.receive(1) == [UInt8(truncatingIfNeeded: number)])
        }
    }

    // MARK: Unix paths

    private func temporaryPath() -> String { NSTemporaryDirectory() + "boxoffice-\(UUID().uuidString.prefix(8)).sock" }

    @Test func onlyTheOwnerMayConnectAndTheFileGoesWithTheListener() throws {
        let path = temporaryPath()
        let server = try TestServer(at: .unix(path: path)) { .echo() }
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let stopped = Watched(false)
        server.listener.stop { stopped.change { $0 = true } }
        stopped.wait { $0 }
        #expect(lstat(path, &status) == -1 && errno == ENOENT)
    }

    @Test func aSocketThatADeadProcessLeftIsReplaced() throws {
        let path = temporaryPath()
        let dead = try Sockets.open(family: AF_UNIX)
        #expect(SocketAddress.unix(path: path).withSockaddr { Sockets.bind(dead, $0, $1) } == 0)
        Sockets.close(dead)
        let server = try TestServer(at: .unix(path: path)) { .echo() }
        let peer = try BlockingPeer(server.address)
        try peer.send([5])
        #expect(try peer.receive(1) == [5])
    }

    @Test func aSocketThatAnswersAndAFileThatIsNoneAreLeftAlone() throws {
        let path = temporaryPath()
        let server = try TestServer(at: .unix(path: path)) { .echo() }
        #expect(throws: SystemError(EADDRINUSE, in: "bind")) {
            try Listener(on: server.shard, address: .unix(path: path)) { _ in }
        }
        _ = try BlockingPeer(server.address)

        let file = temporaryPath()
        try "somebody's".write(toFile: file, atomically: true, encoding: .utf8)
        defer { unlink(file) }
        #expect(throws: SystemError(EADDRINUSE, in: "bind")) {
            try Listener(on: server.shard, address: .unix(path: file)) { _ in }
        }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "somebody's")
        #expect(throws: SystemError(ENAMETOOLONG, in: "bind")) {
            try Listener(on: server.shard, address: .unix(path: "/" + String(repeating: "x", count: 200))) { _ in }
        }
    }

    // MARK: Out of descriptors

    /// In a process of its own, whose limit is lowered to just above what it has open. Accepting pauses, says so, and
    /// goes on by itself when descriptors are free again; the connections that were waiting are all served.
    @Test func acceptingPausesWhileDescriptorsAreExhausted() async {
        await #expect(processExitsWith: .success) {
            let server = try TestServer { .echo() }
            // The shard's own start is over: it sets a timer, which needs a descriptor.
            try await Task.sleep(for: .milliseconds(200))
            // The peers' sockets are made before the limit falls: only accepting needs new ones then.
            let peers = (0..<8).map { _ in socket(AF_INET, Sockets.stream, 0) }
            let spare = (0..<4).map { _ in dup(0) }
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            limit.rlim_cur = rlim_t(spare.last! + 1)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)

            for peer in peers {
                try #require(server.address.withSockaddr { Sockets.connect(peer, $0, $1) } == 0)
            }
            server.pauses.wait("two pauses") { $0.count >= 2 }
            #expect(server.pauses.now.allSatisfy { $0.number == EMFILE })
            #expect(server.channels.now.isEmpty)
            // It waits in between: five times in half a second, and not as often as the processor can.
            let before = server.pauses.now.count
            try await Task.sleep(for: .milliseconds(500))
            #expect(server.pauses.now.count - before <= 50)

            for descriptor in spare { Sockets.close(descriptor) }
            server.channels.wait("as many as are free") { $0.count == spare.count }
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            server.channels.wait("all of them") { $0.count == peers.count }
        }
    }
}
