import BoxOfficeClient
import Foundation
import Testing

@Suite("Out of descriptors", .serialized)
struct DescriptorTests {
    @Test("accepting pauses, members go on, and whoever waits gets in when there are descriptors again")
    func pauses() async throws {
        // More connections than descriptors: what the limit of connections is there to prevent.
        let server = try ServerProcess("--connections", "10000")
        try await signUp(1, on: server)
        try await office(server, as: "member0").running { member in
            try await member.charge(Points(1))
            let process = server.running.process.processIdentifier
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
            // The limit of the running process, as an operator would set it.
            let lowered = try RunningProcess(
                URL(filePath: "/usr/bin/env"), ["prlimit", "--pid", "\(process)", "--nofile=\(open + 10)"]
            ).finish()
            #expect(lowered.status == 0, "\(lowered.errors)")
            let started = ContinuousClock.now
            let sockets = (0..<60).compactMap { _ in AttackSocket(port: server.port) }
            #expect(sockets.count == 60, "the kernel takes them")
            #expect(server.running.waitForErrors { $0.contains("limit=descriptors") })
            // A second of pauses, of which one line is logged each second.
            try await Task.sleep(for: .milliseconds(1_200))
            for _ in 1...20 { try await member.charge(Points(1)) }
            for socket in sockets { socket.close() }
            #expect(try server.boxoffice("guest", "concerts").status == 0, "\(server.running.errors)")
            let lines = server.running.errors.split(separator: "\n").count { $0.contains("limit=descriptors") }
            #expect(lines <= 2 + Int((ContinuousClock.now - started) / .seconds(1)))
            let balance = try await member.balance().balance
            #expect(balance == Points(21))
        }
        _ = try server.makeOperator("boss")
        #expect(try server.boxoffice("boss", "login", "boss").status == 0)
        let limits = try server.boxoffice("boss", "admin", "stats").object["limits"] as? [String: Any]
        #expect((limits?["descriptors"] as? Int ?? 0) >= 3, "\(limits ?? [:])")
        #expect(limits?["outbox"] as? Int == 0)
        #expect(try server.audit().status == 0)
        #expect(server.stop().status == 0)
    }
}
