import CEpoll
import Foundation
import Testing

@testable import BoxOfficeTransport

@Suite struct TLSCostTests {
    /// What a waiting connection costs on the server's side: OpenSSL's state, with its buffers given back. In a process of
    /// its own, so that nothing else allocates meanwhile.
    @Test(.disabled(if: isSanitized, "a sanitizer's own allocator would be measured"))
    func anIdleEncryptedConnectionCostsLessThanTwentyFourKiB() async {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            let files = try TLSFiles()
            let server = try TestServer(tls: files.identity(), keepsChannels: false) { .echo() }
            // Each connection is used in both directions, more than a record's worth, so that what it allocates for work
            // and should give back would be seen. Then the client's side is let go, all but the descriptor.
            let bytes = patterned(100_000)
            func connect(_ count: Int) throws {
                for _ in 0..<count {
                    let peer = try SecurePeer(server.address, files)
                    try peer.send(bytes)
                    try #require(try peer.receive(bytes.count) == bytes)
                    try #require(dup(peer.peer.descriptor) >= 0)
                }
            }
            try connect(20)
            let count = 200
            let before = boxoffice_allocated_bytes()
            try connect(count)
            let each = Int(boxoffice_allocated_bytes() - before) / count
            print("an idle encrypted connection: \(each) bytes")
            #expect(each <= 24 * 1024)
        }
        if let result { print(String(decoding: result.standardOutputContent, as: UTF8.self), terminator: "") }
    }

    /// Told, not asserted: how long a machine takes says nothing about the code. Both ends are on this one.
    @Test func whatAHandshakeCosts() throws {
        let files = try TLSFiles()
        let (encrypted, plain) = (try TestServer(tls: files.identity()) { .echo() }, try TestServer { .echo() })
        let rounds = 100
        var (secure, bare) = (Duration.zero, Duration.zero)
        for _ in 0..<rounds {
            // In turn, so that whatever else the machine does is in both.
            secure += try ContinuousClock().measure {
                let peer = try SecurePeer(encrypted.address, files)
                try peer.send([1])
                #expect(try peer.receive(1) == [1])
            }
            bare += try ContinuousClock().measure {
                let peer = try BlockingPeer(plain.address)
                try peer.send([1])
                #expect(try peer.receive(1) == [1])
            }
        }
        print("connect and one echo: \(secure / rounds) encrypted, \(bare / rounds) plain")

        // Without sockets, each side's work apart, in time of this thread's processor.
        let (client, server) = (try files.client(), try files.server())
        var (spentByClient, spentByServer) = (0.0, 0.0)
        for _ in 0..<rounds {
            let (caller, begun) = try spent { try TLSEnd(TLSFilter.client(client, host: "localhost")) }
            let (callee, answered) = try spent {
                let callee = try TLSEnd(TLSFilter.server(server))
                callee.receive(caller.take())
                return callee
            }
            let (_, finished) = try spent { caller.receive(callee.take()) }
            let (_, opened) = try spent { callee.receive(caller.take()) }
            #expect(caller.phase == .open && callee.phase == .open)
            spentByClient += begun + finished
            spentByServer += answered + opened
        }
        let each = 1e6 / Double(rounds)
        print(
            "a handshake: \(Int(spentByServer * each)) µs of the server, \(Int(spentByClient * each)) µs of the client")
    }

    private func spent<R>(_ body: () throws -> R) throws -> (R, seconds: Double) {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        let began = now()
        let result = try body()
        return (result, now() - began)
    }
}
