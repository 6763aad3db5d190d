import BoxOfficeClient
import Foundation
import Testing

@Suite("A client in another language", .serialized)
struct PythonTests {
    @Test("the Python client under spec/ signs up, queues, holds and pays by the specification alone")
    func buys() throws {
        let server = try ServerProcess("--demo")
        let run = try python("buy.py", server)
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.contains("\"done\""))
        #expect(try server.audit().status == 0)
        #expect(server.stop().status == 0)
    }

    @Test("members who joined before the opening find the drawn order right, by two clients, and a changed one wrong")
    func verifies() async throws {
        let server = try ServerProcess()
        try await signUp(6, on: server)
        let concert = try await importHall(
            rows: 1, seats: 10, on: server, capacity: 2, room: ["opensAt": "2098-01-01T00:00:00Z"],
            date: ["saleOpensAt": "2020-01-01T00:00:00Z"])

        // Before the opening: tickets by joining, a commitment to note, and nothing to check yet.
        for number in 0..<5 {
            let place = try await joined("member\(number)", server, concert)
            #expect(place.ticket == UInt64(number) && place.rank == nil)
            #expect(place.position == 0 && place.reason == .notOpen && place.opensAt != nil)
        }
        let before = try await draw(of: concert, on: server)
        #expect(before.tickets == 5 && before.seed == nil && before.drawnAt == nil)
        let noted = "\(before.commitment)"
        let early = try python("verify.py", server, "\(concert)", "--ticket", "0", "--rank", "0")
        #expect(early.status == 2, "\(early.output)\(early.errors)")

        try await open(concert, on: server)
        let drawn = try await drawn(concert, on: server)
        #expect(drawn.commitment == before.commitment && drawn.tickets == 5)
        let late = try await joined("member5", server, concert)
        #expect(late.ticket == 5 && late.rank == 5 && late.position == 4, "first come, first served: \(late)")

        // By the Swift client: public data, and one's own place.
        let seed = try #require(drawn.seed)
        #expect(Digest(hashing: seed.rawValue.bytes) == before.commitment)
        let order = DrawOrder(seed: seed, tickets: drawn.tickets)
        for number in 0..<5 {
            let place = try await joined("member\(number)", server, concert)
            let rank = order.rank(of: UInt64(number))
            #expect(place.ticket == UInt64(number) && place.rank == rank)
            #expect(place.status == (rank < 2 ? .active : .waiting), "two are let in: \(place)")
            #expect(place.position == (rank < 2 ? 0 : UInt32(rank) - 1))
        }
        // By the Python client: each with what was noted.
        for number in 0..<6 {
            let run = try python(
                "verify.py", server, "\(concert)", "member\(number)", "--commitment", noted, "--ticket", "\(number)")
            #expect(run.status == 0, "\(run.output)\(run.errors)")
            #expect(run.object["isDrawn"] as? Bool == (number < 5))
        }
        let rank = "\(order.rank(of: 0))"
        let other = "\((order.rank(of: 0) + 1) % 5)"
        let cases: [([String], Int32)] = [
            (["--ticket", "0", "--rank", rank, "--commitment", noted], 0),
            (["--ticket", "0", "--rank", rank], 0),
            (["--ticket", "0", "--rank", other, "--commitment", noted], 1),
            (["--ticket", "0", "--rank", rank, "--commitment", String(repeating: "0", count: 64)], 1),
            (["member0", "--ticket", "1", "--commitment", noted], 1),
            (["member0", "--rank", rank], 2),
            (["nobody"], 2),
            ([], 2),
        ]
        for (arguments, status) in cases {
            let run = try python("verify.py", server, ["\(concert)"] + arguments)
            #expect(run.status == status, "\(arguments): \(run.output)\(run.errors)")
        }
        #expect(try server.audit().status == 0)
        #expect(server.stop().status == 0)
    }

    private func python(_ script: String, _ server: ServerProcess, _ arguments: String...) throws -> Finished {
        try python(script, server, arguments)
    }

    private func python(_ script: String, _ server: ServerProcess, _ arguments: [String]) throws -> Finished {
        let path = Products.root.appending(path: "spec/python/\(script)").path()
        return try RunningProcess(
            URL(filePath: "/usr/bin/env"), ["python3", "-B", path, "127.0.0.1", "\(server.port)"] + arguments,
            environment: ["BOXOFFICE_PASSWORD": "a long password"]
        ).finish()
    }

    /// The member's place, which joining again does not change.
    private func joined(_ name: String, _ server: ServerProcess, _ concert: ConcertID) async throws -> Place {
        try await office(server, as: name).running { office in
            try await office.perform(JoinQueue(operation: try await office.newOperationKey(), concert: concert))
        }
    }

    private func draw(of concert: ConcertID, on server: ServerProcess) async throws -> Draw {
        try await office(server, as: nil).running { try await $0.perform(GetDraw(concert: concert)) }
    }

    /// The operator lets the room open in a second, as if that had been the time all along.
    private func open(_ concert: ConcertID, on server: ServerProcess) async throws {
        _ = try await office(server, as: "boss").running { boss in
            let key = try await boss.newOperationKey()
            let now = try #require(boss.serverNow)
            return try await boss.perform(SetRoom(operation: key, concert: concert, opensAt: now + .seconds(1)))
        }
    }

    /// The draw, once it is made: by time alone, nobody asks for it.
    private func drawn(_ concert: ConcertID, on server: ServerProcess) async throws -> Draw {
        try await office(server, as: nil).running { guest in
            while true {
                let draw = try await guest.perform(GetDraw(concert: concert))
                if draw.seed != nil || draw.now > draw.opensAt! + .seconds(30) { return draw }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
