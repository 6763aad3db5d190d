import Foundation
import Testing

@testable import BoxOfficeTransport

@Suite struct ChannelTests {
    // MARK: Bytes both ways

    @Test func bytesThatDripAreEchoedInOrder() throws {
        let server = try TestServer { .echo() }
        let peer = try BlockingPeer(server.address)
        for byte in UInt8(0)...255 {
            try peer.send([byte])
            #expect(try peer.receive(1) == [byte])
        }
    }

    /// Sixteen MiB there and the same back, while the outbox is a bounded one: the echo stops reading when the peer
    /// does not keep up.
    @Test func largeTransfersGoBothWaysAtOnce() throws {
        let server = try TestServer { BackpressuredEcho.handler() }
        let peer = try BlockingPeer(server.address)
        let bytes = patterned(16 * 1024 * 1024)
        let sending = Background { try peer.send(bytes) }
        let echoed = try peer.receive(bytes.count)
        try sending.value()
        #expect(echoed == bytes)
        let (_, handler) = try server.first()
        #expect(!handler.told.now.contains(.overflowed(.hard)))
    }

    /// The same between two channels: one that `connect` made, and one that a listener accepted.
    @Test func twoChannelsTalkToEachOther() throws {
        let server = try TestServer { BackpressuredEcho.handler() }
        let bytes = patterned(4 * 1024 * 1024, seed: 2)
        let parts = stride(from: 0, to: bytes.count, by: 100_000).map {
            Array(bytes[$0..<min($0 + 100_000, bytes.count)])
        }
        let client = ScriptedHandler(opened: { channel in for part in parts { channel.send(part) } })
        let shard = try Shard(label: "test.client")
        let address = server.address
        shard.post {
            Channel.connect(
                to: address, on: shard, limits: .init(bytesSoftMax: 8 << 20, bytesHardMax: 8 << 20), handler: client)
        }
        client.received.wait("the echo") { $0.count >= bytes.count }
        #expect(client.received.now == bytes)
        shard.stop()
    }

    @Test func unixSocketsCarryBytes() throws {
        let path = NSTemporaryDirectory() + "boxoffice-\(UUID().uuidString.prefix(8)).sock"
        let server = try TestServer(at: .unix(path: path)) { .echo() }
        let client = ScriptedHandler(opened: { $0.send(Array("over a path".utf8)) })
        let shard = try Shard(label: "test.client")
        shard.post { Channel.connect(to: .unix(path: path), on: shard, handler: client) }
        client.received.wait("the echo") { $0 == Array("over a path".utf8) }
        shard.stop()
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .endOfStream)
    }

    // MARK: Consuming

    /// A handler that takes frames of ten bytes gets every cut of the stream, and always sees what it left.
    @Test(arguments: [1, 3, 9, 10, 11, 25, 60])
    func whatIsNotConsumedIsOfferedAgain(cut: Int) throws {
        let frames = Watched<[[UInt8]]>([])
        let server = try TestServer {
            ScriptedHandler(received: { channel, bytes in
                let whole = bytes.count / 10
                for frame in 0..<whole { frames.change { $0.append(Array(bytes[frame * 10..<frame * 10 + 10])) } }
                return whole * 10
            })
        }
        let peer = try BlockingPeer(server.address)
        let bytes = patterned(60, seed: UInt64(cut))
        for start in stride(from: 0, to: bytes.count, by: cut) {
            try peer.send(Array(bytes[start..<min(start + cut, bytes.count)]))
        }
        frames.wait("six frames") { $0.count == 6 }
        #expect(frames.now.flatMap { $0 } == bytes)
    }

    @Test func aHandlerIsNotCalledBeforeItHasTheBytesItWants() throws {
        let offers = Watched<[Int]>([])
        let server = try TestServer {
            ScriptedHandler(received: { channel, bytes in
                offers.change { $0.append(bytes.count) }
                guard bytes.count >= 1000 else {
                    channel.bytesWanted = 1000
                    return 0
                }
                channel.send([1])
                return bytes.count
            })
        }
        let peer = try BlockingPeer(server.address)
        for byte in patterned(1000) { try peer.send([byte]) }
        #expect(try peer.receive(1) == [1])
        // One offer when all bytes were there at the first read, two otherwise; never one with some more.
        #expect(offers.now.count <= 2 && offers.now.last == 1000)
    }

    @Test func bytesThatNobodyConsumesCloseTheChannel() throws {
        let server = try TestServer { ScriptedHandler(received: { _, _ in 0 }) }
        let peer = try BlockingPeer(server.address)
        let flood = Background { try? peer.send([UInt8](repeating: 7, count: Channel.unconsumedBytesMax * 4)) }
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .unconsumedOverflow)
        try flood.value()
    }

    @Test func pausedReadingHoldsThePeerBackAndLosesNothing() throws {
        let total = Watched(0)
        let server = try TestServer {
            ScriptedHandler(
                opened: { $0.pauseReading() },
                received: { channel, bytes in
                    total.change { $0 += bytes.count }
                    return bytes.count
                })
        }
        let peer = try BlockingPeer(server.address)
        let count = 8 * 1024 * 1024
        let sending = Background { try peer.send(patterned(count)) }
        let (channel, _) = try server.first()
        Thread.sleep(forTimeInterval: 0.1)
        #expect(total.now == 0)
        server.shard.post { channel.resumeReading() }
        try sending.value()
        total.wait("every byte") { $0 == count }
    }

    /// A handler may pause in the middle of what it was offered; the rest comes after resuming, without a new byte.
    @Test func whatWasKeptWhilePausedIsOfferedOnResuming() throws {
        let seen = Watched<[UInt8]>([])
        let server = try TestServer {
            ScriptedHandler(received: { channel, bytes in
                seen.change { $0.append(bytes[0]) }
                channel.pauseReading()
                channel.shard.after(seconds: 0.001) { channel.resumeReading() }
                return 1
            })
        }
        let peer = try BlockingPeer(server.address)
        try peer.send([1, 2, 3, 4, 5])
        seen.wait("all five") { $0 == [1, 2, 3, 4, 5] }
    }

    // MARK: Fairness

    /// One byte a turn: all of them come without anybody resuming, and posts run in between.
    @Test func aPauseForATurnEndsByItself() throws {
        let seen = Watched<[UInt8]>([])
        let between = Watched(0)
        let server = try TestServer {
            ScriptedHandler(received: { channel, bytes in
                seen.change { $0.append(bytes[0]) }
                channel.shard.post { between.change { $0 += 1 } }
                channel.pauseReadingForTurn()
                return 1
            })
        }
        let peer = try BlockingPeer(server.address)
        try peer.send([1, 2, 3, 4, 5])
        peer.finishSending()
        seen.wait("all five") { $0 == [1, 2, 3, 4, 5] }
        between.wait("a post for each") { $0 == 5 }
        let (_, handler) = try server.first()
        #expect(handler.waitUntilClosed() == .endOfStream)
    }

    /// Who pauses in earnest after that is not resumed by the next turn; who resumes is offered the rest.
    @Test func aPauseInEarnestOutlivesThatOfATurn() throws {
        let seen = Watched<[UInt8]>([])
        let server = try TestServer {
            ScriptedHandler(received: { channel, bytes in
                seen.change { $0.append(bytes[0]) }
                channel.pauseReadingForTurn()
                if bytes[0] == 1 { channel.pauseReading() }
                return 1
            })
        }
        let peer = try BlockingPeer(server.address)
        try peer.send([1, 2, 3])
        let (channel, _) = try server.first()
        seen.wait("the first") { $0 == [1] }
        Thread.sleep(forTimeInterval: 0.05)
        #expect(seen.now == [1])
        server.shard.post { channel.resumeReading() }
        seen.wait("the rest") { $0 == [1, 2, 3] }
    }

    /// A peer that never stops sending does not keep another from being served.
    @Test func aFloodDoesNotStarveOthers() throws {
        let flooded = Watched(0)
        let server = try TestServer {
            ScriptedHandler(received: { channel, bytes in
                if bytes.count == 4 { channel.send(bytes) } else { flooded.change { $0 += bytes.count } }
                return bytes.count
            })
        }
        let flooders = try (0..<3).map { _ in try BlockingPeer(server.address) }
        let over = Watched(false)
        let floods = flooders.map { peer in
            Background {
                let chunk = [UInt8](repeating: 1, count: 1 << 20)
                while !over.now { try peer.send(chunk) }
            }
        }
        let peer = try BlockingPeer(server.address)
        flooded.wait("the flood") { $0 > 1 << 20 }
        for number in UInt8(0)..<100 {
            try peer.send([number, 1, 2, 3])
            #expect(try peer.receive(4) == [number, 1, 2, 3])
        }
        over.change { $0 = true }
        for flood in floods { try flood.value() }
    }
}

/// Echoes, and stops reading while the peer does not take the echo: what `channelOverflowed(.soft)` is for.
enum BackpressuredEcho {
    static func handler() -> ScriptedHandler {
        ScriptedHandler(
            received: { channel, bytes in
                channel.send(bytes)
                return bytes.count
            },
            overflowed: { channel, bound in if bound == .soft { channel.pauseReading() } },
            drained: { $0.resumeReading() })
    }
}
