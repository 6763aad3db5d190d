import Foundation
import Testing

@testable import BoxOfficeTransport

@Suite struct SlowReaderTests {
    private static let frameBytes = 10_000

    /// Replies are queued to a peer that reads nothing: soft bound, then hard bound, then the last words, which the
    /// peer finds right behind what was on the wire already.
    @Test func aReaderThatStopsIsToldToGoAwayAtTheHardBound() throws {
        let server = try TestServer {
            ScriptedHandler(overflowed: { channel, bound in
                guard bound == .hard else { return }
                #expect(channel.queuedBytes < Self.frameBytes, "what had not begun was dropped")
                #expect(channel.send(Array("go away".utf8)))
            })
        }
        let peer = try BlockingPeer(server.address, receiveBufferBytes: 16 * 1024)
        let (channel, handler) = try server.first()
        let frame = [UInt8](repeating: 0x2E, count: Self.frameBytes)
        let most = Watched(0)
        server.shard.every(seconds: 0.002) { _ in
            for _ in 0..<10 where channel.isOpen {
                channel.send(frame)
                most.change { $0 = max($0, channel.queuedBytes) }
            }
        }
        handler.told.wait("the hard bound") { $0.contains(.overflowed(.hard)) }
        let received = try peer.receiveToEnd()
        // While the kernel's buffer still grows, the soft bound may come and go.
        let told = handler.told.now.filter { $0 != .drained }
        #expect(told.first == .opened && told.dropFirst().first == .overflowed(.soft))
        #expect(told.filter { $0 == .overflowed(.hard) }.count == 1)
        #expect(most.now <= OutboxLimits().bytesHardMax && most.now > OutboxLimits().bytesSoftMax)
        #expect(received.suffix(7) == Array("go away".utf8))
        #expect((received.count - 7) % Self.frameBytes == 0, "no frame was cut")
        peer.finishSending()
        #expect(handler.waitUntilClosed() == .outboxOverflow)
    }

    @Test func aReaderThatCatchesUpIsToldSo() throws {
        let server = try TestServer(limits: .init(bytesSoftMax: 100_000, bytesHardMax: 64 << 20)) { ScriptedHandler() }
        let peer = try BlockingPeer(server.address)
        let (channel, handler) = try server.first()
        let bytes = patterned(16 << 20)
        let mark = Watched<ContinuousClock.Instant?>(nil)
        server.shard.post {
            for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
                channel.send(Array(bytes[start..<start + 1 << 20]))
            }
            mark.change { $0 = channel.lastWriteProgressAt }
        }
        handler.told.wait("the soft bound") { $0.contains(.overflowed(.soft)) }
        #expect(try peer.receive(bytes.count) == bytes)
        handler.told.wait("draining") { $0.contains(.drained) }
        let progress = Watched<(Int, ContinuousClock.Instant)?>(nil)
        server.shard.post { progress.change { $0 = (channel.queuedBytes, channel.lastWriteProgressAt) } }
        progress.wait { $0 != nil }
        #expect(progress.now!.0 == 0 && progress.now!.1 > mark.now!)
        #expect(handler.told.now == [.opened, .overflowed(.soft), .drained])
    }

    /// Ten thousand changes of two subjects while the peer does not read: what it finds afterwards is the newest
    /// of each, and few others.
    @Test func updatesConflateUnderASlowReader() throws {
        let versions = Watched<[UInt64: UInt32]>([:])
        let encoded = Watched(0)
        let subjects = [UpdateSubject(kind: 1, id: 1), UpdateSubject(kind: 1, id: 2)]
        let server = try TestServer {
            ScriptedHandler(encodes: { channel, subject, buffer in
                encoded.change { $0 += 1 }
                let version = versions.now[subject.id] ?? 0
                buffer.append(UInt8(subject.id))
                for shift in [24, 16, 8, 0] { buffer.append(UInt8(truncatingIfNeeded: version >> shift)) }
                // As large as a seat map's update may be.
                buffer.append(contentsOf: [UInt8](repeating: 0, count: 995))
            })
        }
        let peer = try BlockingPeer(server.address, receiveBufferBytes: 16 * 1024)
        let (channel, handler) = try server.first()
        let rounds = 10_000
        let blocked = Watched(false)
        // First the socket is filled, as a slow reader has it filled.
        server.shard.post {
            while !channel.blocked { channel.send([UInt8](repeating: 0xFF, count: 1000)) }
            blocked.change { $0 = true }
        }
        blocked.wait { $0 }
        for round in 1...rounds {
            server.shard.post {
                for subject in subjects {
                    versions.change { $0[subject.id] = UInt32(round) }
                    channel.markUpdate(subject)
                }
            }
        }
        versions.wait { $0[2] == UInt32(rounds) }
        #expect(encoded.now == 0, "nothing is encoded before there is room for it")

        var last: [UInt8: UInt32] = [:]
        var updates = 0
        while last[1] != UInt32(rounds) || last[2] != UInt32(rounds) {
            let frame = try peer.receive(1000)
            guard frame.count == 1000 else { break }
            if frame[0] == 0xFF { continue }
            updates += 1
            last[frame[0]] = frame[1...4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        #expect(last == [1: UInt32(rounds), 2: UInt32(rounds)])
        #expect(updates == 2)
        #expect(!handler.told.now.contains(.overflowed(.hard)))
    }

    @Test func aClearedUpdateIsNotAskedFor() throws {
        let encoded = Watched<[UInt64]>([])
        let server = try TestServer {
            ScriptedHandler(encodes: { _, subject, buffer in
                encoded.change { $0.append(subject.id) }
                buffer.append(UInt8(subject.id))
            })
        }
        let peer = try BlockingPeer(server.address)
        let (channel, _) = try server.first()
        server.shard.post {
            for id in UInt64(1)...3 { channel.markUpdate(UpdateSubject(kind: 1, id: id)) }
            channel.clearUpdate(UpdateSubject(kind: 1, id: 2))
        }
        #expect(try peer.receive(2) == [1, 3])
        #expect(encoded.now == [1, 3])
    }

    /// A handler may mark the subject again while it encodes it: it is asked again, and others are not kept waiting.
    @Test func aSubjectMarkedWhileItIsEncodedComesAgain() throws {
        let count = Watched(UInt8(0))
        let server = try TestServer {
            ScriptedHandler(
                received: { channel, bytes in
                    channel.send([0xFF])
                    return bytes.count
                },
                encodes: { channel, subject, buffer in
                    buffer.append(
                        count.change {
                            $0 += 1
                            return $0
                        })
                    if buffer.last! < 200 { channel.markUpdate(subject) }
                })
        }
        let peer = try BlockingPeer(server.address)
        let (channel, _) = try server.first()
        server.shard.post { channel.markUpdate(UpdateSubject(kind: 1, id: 1)) }
        try peer.send([1])
        let received = try peer.receive(201)
        #expect(received.filter { $0 != 0xFF } == Array(1...200))
    }

    @Test func repliesNoticesAndUpdatesOfOneTurnLeaveInTheirOrder() throws {
        let server = try TestServer { ScriptedHandler(encodes: { _, _, buffer in buffer += Array("update".utf8) }) }
        let peer = try BlockingPeer(server.address)
        let (channel, _) = try server.first()
        server.shard.post {
            channel.markUpdate(UpdateSubject(kind: 1, id: 1))
            channel.sendNotice(Array("notice ".utf8))
            channel.send(Array("reply ".utf8))
            channel.send(shared: SharedBytes(Array("shared ".utf8)))
        }
        #expect(String(decoding: try peer.receive(26), as: UTF8.self) == "reply shared notice update")
    }
}
