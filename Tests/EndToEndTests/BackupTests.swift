import BoxOfficeClient
import Foundation
import Testing

@Suite("Backup and restore as commands", .serialized)
struct BackupTests {
    private func daemon(_ arguments: String...) throws -> Finished {
        try RunningProcess(Products.directory.appending(path: "boxofficed"), arguments).finish(within: 120)
    }

    @Test("a sale under load is backed up, lost, and goes on from the backup")
    func sale() async throws {
        let server = try ServerProcess("--seats-per-member", "100000", "--joins-per-member", "off")
        _ = try await importHall(rows: 40, seats: 50, on: server, capacity: 10)
        try await signUp(4, on: server)
        let backup = server.folder.path + "/backup.sqlite"

        // Members buy without a pause; what they were told before the backup was asked for has to be in it.
        let before = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 0..<4 {
                group.addTask {
                    try await office(server, as: "member\(number)", timeout: .seconds(120)).running { office in
                        for _ in 0..<40 { try await office.charge(Points(1)) }
                        return 40
                    }
                }
            }
            for try await _ in group.prefix(1) {}
            #expect(try daemon("backup", backup, "--data", server.data).status == 0)
            return try await group.reduce(0, +)
        }
        #expect(before == 120)
        let again = try daemon("backup", backup, "--data", server.data)
        #expect(again.status == 1 && again.errors.contains("is there already"))
        let audit = try RunningProcess(
            Products.directory.appending(path: "boxofficed"), ["audit", "--file", backup]
        ).finish()
        #expect(audit.status == 0 && audit.output.contains("sound: every invariant holds"))

        // Not while the server runs, and not over what is there.
        let running = try daemon("restore", backup, "--data", server.data, "--replace")
        #expect(running.status == 1 && running.errors.contains("another server uses this data directory"))
        server.killNow()
        let unasked = try daemon("restore", backup, "--data", server.data)
        #expect(unasked.status == 1 && unasked.errors.contains("there is a box office in"))

        // The disaster: the data file is damaged, and a server does not start on it.
        let file = try FileHandle(forUpdating: URL(filePath: server.data + "/boxoffice.sqlite"))
        try file.seek(toOffset: 8_192)
        try file.write(contentsOf: Data(repeating: 0x55, count: 40_000))
        try file.close()
        do {
            try server.startAgain()
            Issue.record("a damaged file was served")
        } catch let failure as ServerProcess.DidNotStart {
            #expect(failure.log.contains("the data file is damaged"))
        }
        let restored = try daemon("restore", backup, "--data", server.data, "--replace")
        #expect(restored.status == 0 && restored.output.contains("restored: commit"), "\(restored.errors)")
        try server.startAgain()
        for number in 0..<4 {
            let balance = try await office(server, as: "member\(number)").running {
                try await $0.balance().balance.rawValue
            }
            #expect((0...40).contains(balance))
        }
        #expect(server.stop().status == 0)
        #expect(try server.audit().status == 0)

        // Stopped, the file is copied by the command itself.
        let stopped = try daemon("backup", server.folder.path + "/stopped.sqlite", "--data", server.data)
        #expect(stopped.status == 0 && stopped.output.hasPrefix("backed up: commit "), "\(stopped.errors)")
        let trial = server.folder.path + "/trial"
        #expect(try daemon("restore", server.folder.path + "/stopped.sqlite", "--data", trial, "--as-new").status == 0)
        #expect(try daemon("audit", "--data", trial).status == 0)
        #expect(try daemon("backup", trial + "/x", "--data", server.folder.path + "/nowhere").status == 1)
    }

    @Test("a file that is not the newest is refused with what is missing, and accepted by command only")
    func yesterday() async throws {
        let server = try ServerProcess()
        try await signUp(1, on: server)
        #expect(server.stop().status == 0)
        let kept = server.folder.path + "/yesterday"
        try FileManager.default.copyItem(atPath: server.data + "/boxoffice.sqlite", toPath: kept)
        try server.startAgain()
        _ = try await office(server, as: "member0").running { try await $0.charge(Points(5)) }
        #expect(server.stop().status == 0)
        try FileManager.default.removeItem(atPath: server.data + "/boxoffice.sqlite")
        try FileManager.default.copyItem(atPath: kept, toPath: server.data + "/boxoffice.sqlite")
        let audit = try server.audit()
        #expect(audit.status == 1 && audit.output.contains("witness: the data file ends with commit"))
        do {
            try server.startAgain()
            Issue.record("yesterday's file was served")
        } catch let failure as ServerProcess.DidNotStart {
            #expect(failure.log.contains("missing; it ends with commit"), "\(failure.log)")
        }
        let accepted = try daemon("accept", "--data", server.data)
        #expect(accepted.status == 0 && accepted.output.contains("; lost are commits "), "\(accepted)")
        try server.startAgain()
        let balance = try await office(server, as: "member0").running { try await $0.balance().balance }
        #expect(balance == Points(0))
    }
}
