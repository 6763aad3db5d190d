import BoxOfficeClient
import Foundation
import Testing

@Suite("Rehearsal")
struct RehearsalTests {
    /// Not as a profile: that is the crowd's here.
    private func rehearse(_ server: ServerProcess, _ arguments: [String]) throws -> Finished {
        try RunningProcess(
            Products.directory.appending(path: "boxoffice"),
            ["rehearse", "--json", "--server", server.address, "--concert", "harbour"] + arguments,
            environment: ["XDG_CONFIG_HOME": server.folder.path + "/config"]
        ).finish(within: 150)
    }

    @Test("a small sale is rehearsed, reported and audited", arguments: ["rush", "bots"])
    func wholeSale(profile: String) throws {
        let server = try ServerProcess("--rehearsal", "--demo", "--room-capacity", "20")
        let chart = server.folder.path + "/sale.svg"
        let finished = try rehearse(
            server,
            [
                "--profile", profile, "--members", "120", "--duration", "60s", "--thinking", "0.1",
                "--data", server.data, "--chart", chart,
            ])
        #expect(finished.status == 0, "\(finished.output)\(finished.errors)")
        let report = finished.object
        #expect(report["arrived"] as? Int == 120)
        #expect(report["doubleSales"] as? Int == 0)
        #expect((report["failures"] as? [String: Any])?.isEmpty == true)
        #expect((report["audit"] as? [String: Any])?["sound"] as? Bool == true)
        let ends = try #require(report["ends"] as? [String: Int])
        #expect(ends.values.reduce(0, +) == 120)
        let bought = try #require(ends["bought"])
        let sold = try #require(report["seatsSold"] as? Int)
        #expect(bought > 60 && sold >= bought && sold <= 4 * bought)
        let steps = try #require(report["steps"] as? [[String: Any]])
        let counts = Dictionary(
            uniqueKeysWithValues: steps.map { ($0["step"] as? String ?? "", $0["count"] as? Int ?? 0) })
        #expect(counts["pay"] == bought && counts["connect"] == 120 && counts["hold"] == report["holds"] as? Int)
        let picture = try String(contentsOfFile: chart, encoding: .utf8)
        #expect(picture.hasPrefix("<svg") && picture.hasSuffix("</svg>\n"))
        #expect(picture.components(separatedBy: "<polyline").count == steps.count + 3 + 1)
        #expect(!picture.contains("nan") && !picture.contains("inf"))
        #expect(try server.audit().status == 0)
        #expect(server.stop().status == 0)
    }

    @Test("a server that is none is left alone, and so is what is not one's own")
    func refusals() throws {
        let server = try ServerProcess("--demo")
        let finished = try rehearse(server, ["--data", server.data])
        #expect(finished.status == 1 && finished.refusal == "notRehearsal")
        #expect(server.stop().status == 0)
        let rehearsal = try ServerProcess("--rehearsal", "--demo")
        #expect(try rehearse(rehearsal, []).refusal == "loginRequired")
        #expect(rehearsal.stop().status == 0)
    }

    @Test("a crowd goes nowhere but to the rehearsal that was asked, and a server that dies is no success")
    func otherServers() async throws {
        let real = try ServerProcess("--demo")
        let rehearsal = try ServerProcess("--rehearsal", "--demo")
        let astray = try rehearse(real, ["--data", rehearsal.data])
        #expect(astray.status == 1 && astray.refusal == "wrongDeployment", "\(astray.errors)")
        let guests = try await office(real, as: nil).running { try await $0.concerts().count }
        #expect(guests > 0)
        let played = try RunningProcess(
            Products.directory.appending(path: "boxoffice"),
            [
                "rehearse", "--json", "--server", rehearsal.address, "--concert", "harbour", "--data", rehearsal.data,
                "--members", "50", "--duration", "6s", "--thinking", "1s",
            ], environment: ["XDG_CONFIG_HOME": real.folder.path + "/config"])
        try await Task.sleep(for: .seconds(2))
        rehearsal.killNow()
        let finished = played.finish(within: 120)
        #expect(finished.status == 4, "\(finished.output)\(finished.errors)")
        #expect((finished.object["failures"] as? [String: Any])?["connectionLost"] != nil)
        #expect((finished.object["audit"] as? [String: Any])?["sound"] is NSNull)
        #expect(real.stop().status == 0)
    }

    private func didNotStart(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "it started"
        } catch {
            return (error as? ServerProcess.DidNotStart)?.log ?? "\(error)"
        }
    }

    @Test("neither a rehearsal is served as a box office, nor a box office as a rehearsal")
    func marks() throws {
        let real = try ServerProcess("--demo")
        #expect(real.stop().status == 0)
        #expect(didNotStart { try real.startAgain(flags: ["--rehearsal"]) }.contains("is not a rehearsal"))
        let rehearsal = try ServerProcess("--rehearsal", "--demo")
        #expect(rehearsal.stop().status == 0)
        #expect(didNotStart { try rehearsal.startAgain(flags: []) }.contains("is a rehearsal"))
        try rehearsal.startAgain()
        #expect(rehearsal.stop().status == 0)
        // A copy of the real one.
        let tool = Products.directory.appending(path: "boxofficed")
        let (file, copy) = (real.folder.path + "/backup.sqlite", real.folder.path + "/copy")
        #expect(try RunningProcess(tool, ["backup", file, "--data", real.data]).finish().status == 0)
        #expect(try RunningProcess(tool, ["restore", file, "--data", copy, "--rehearsal"]).finish().status == 0)
        #expect(FileManager.default.fileExists(atPath: copy + "/boxoffice.rehearsal"))
        let refused = try RunningProcess(tool, ["serve", "--data", copy, "--listen", "127.0.0.1:0"]).finish()
        #expect(refused.status != 0 && refused.errors.contains("--rehearsal"))
        let back = try RunningProcess(tool, ["restore", file, "--data", copy, "--replace"]).finish()
        #expect(back.status != 0 && back.errors.contains("is a rehearsal"))
        let onto = try RunningProcess(tool, ["restore", file, "--data", real.data, "--replace", "--rehearsal"]).finish()
        #expect(onto.status != 0 && onto.errors.contains("is not a rehearsal"))
    }
}
