import Foundation
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Connections that are reset", .serialized)
struct ResetTests {
    /// A source per socket crashed within a few million of these (docs/architecture.md, Dispatch).
    @Test("200,000 resets do not bring the server down")
    func resets() throws {
        let server = try ServerProcess("--demo")
        let port = server.port
        let made = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 4) { lane in
            for index in 0..<50_000 where connectAndReset(port: port, sends: (index + lane) % 4) {
                made.add(1, ordering: .relaxed)
            }
        }
        #expect(made.load(ordering: .relaxed) == 200_000)
        #expect(try server.boxoffice("guest", "concerts").status == 0)
        #expect(server.stop().status == 0)
    }

    /// Connects, says nothing, half a header, a header or rubbish, and resets.
    private func connectAndReset(port: UInt16, sends: Int) -> Bool {
        for _ in 0..<200 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { return false }
            defer { close(descriptor) }
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let connected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            // The backlog may be full for a moment: that is not what is tested here.
            guard connected == 0 else {
                usleep(1_000)
                continue
            }
            let bytes = [[], [0, 0, 0], [UInt8](repeating: 0, count: 16), [UInt8](repeating: 0xFF, count: 40)][sends]
            if !bytes.isEmpty { _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
            return true
        }
        return false
    }
}
