import CEpoll
import Foundation
import Testing

@testable import BoxOfficeTransport

@Suite struct IdleMemoryTests {
    /// A waiting connection costs its channel and its place in the tables: at most 1 KiB, which leaves as much again
    /// for the session above it. In a process of its own, so that nothing else allocates meanwhile.
    @Test(.disabled(if: isSanitized, "a sanitizer's own allocator would be measured"))
    func anIdleConnectionCostsLessThanOneKiB() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            final class Idle: ChannelHandler {
                func channelReceived(_ channel: Channel, bytes: Span<UInt8>) -> Int {
                    channel.send(shared: SharedBytes([1, 2, 3, 4]))
                    return bytes.count
                }
                func channelClosed(_ channel: Channel, reason: CloseReason) {}
            }
            let shard = try Shard(label: "test.idle")
            let accepted = Watched(0)
            let listener = try Listener(on: shard, address: .loopback(port: 0)) { event in
                guard case .accepted(let descriptor, let peer) = event else { return }
                Channel(adopting: descriptor, peer: peer, on: shard, handler: Idle()).start()
                accepted.change { $0 += 1 }
            }
            // Plain descriptors on the other side: their memory is the kernel's. Each connection is used once, so
            // that what a channel allocates for work, and should give back, would be seen.
            func connect(_ count: Int) throws {
                let before = accepted.now
                for _ in 0..<count {
                    let peer = socket(AF_INET, Sockets.stream, 0)
                    try #require(listener.localAddress.withSockaddr { Sockets.connect(peer, $0, $1) } == 0)
                    var bytes: [UInt8] = [9, 9, 9, 9]
                    try #require(Glibc.send(peer, bytes, bytes.count, 0) == 4)
                    try #require(recv(peer, &bytes, 4, Int32(MSG_WAITALL)) == 4)
                }
                accepted.wait { $0 == before + count }
            }
            // What grows once, in the runtime and in the shard, has grown.
            try connect(100)
            let count = 1_000
            let before = boxoffice_allocated_bytes()
            try connect(count)
            let each = Int(boxoffice_allocated_bytes() - before) / count
            print("an idle connection: \(each) bytes")
            #expect(each <= 1024)
        }
        if let result { print(String(decoding: result.standardOutputContent, as: UTF8.self), terminator: "") }
    }
}
