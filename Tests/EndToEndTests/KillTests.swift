import BoxOfficeClient
import Foundation
import Synchronization
import Testing

@Suite("The server is killed", .serialized)
struct KillTests {
    /// What the members' tasks and the killer share.
    final class Shared: Sendable {
        private let over = Atomic<Bool>(false)
        private let sequences = Mutex<[UInt64]>([])
        private let payments = Atomic<Int>(0)
        var isOver: Bool { over.load(ordering: .relaxed) }
        func end() { over.store(true, ordering: .relaxed) }
        func heard(_ sequence: UInt64) { sequences.withLock { $0.append(sequence) } }
        var paidCount: Int { payments.load(ordering: .relaxed) }
        func paid() { payments.add(1, ordering: .relaxed) }
        var heard: [UInt64] { sequences.withLock { $0 } }
    }

    /// `scripts/soak kill` asks for more.
    static let kills = ProcessInfo.processInfo.environment["BOXOFFICE_KILLS"].flatMap { Int($0) } ?? 100
    /// Of one server, before a new one with an empty hall takes its place: there must be seats left to sell.
    static let killsOfAServerMax = 100
    /// How long a server lives. Under a sanitizer it takes ten times as long to start and to let sixteen members in.
    static let lifeMilliseconds = isSanitized ? 200...2_000 : 20...200

    /// Every answer is kept by who got it; retries carry the same keys, so in the end the server's history is exactly
    /// what was answered: nothing lost, nothing twice.
    @Test("kill -9 at 100 random moments under load: all that was answered is there, once")
    func kills() async throws {
        for first in stride(from: 0, to: Self.kills, by: Self.killsOfAServerMax) {
            try await killOneServer(times: min(Self.killsOfAServerMax, Self.kills - first), seed: UInt64(first) + 7)
        }
    }

    private func killOneServer(times kills: Int, seed: UInt64) async throws {
        let members = 16
        let server = try ServerProcess("--seats-per-member", "100000", "--joins-per-member", "off")
        let concert = try await importHall(rows: 200, seats: 100, on: server, capacity: members)
        try await signUp(members, on: server)
        let shared = Shared()

        let told = try await withThrowingTaskGroup(of: (Int, Told).self) { group in
            for number in 0..<members {
                group.addTask {
                    let told = try await office(server, as: "member\(number)", timeout: .seconds(120)).running {
                        office in
                        let listener = number == 0 ? try await listen(office, shared) : nil
                        let told = try await buy(office, concert: concert, seed: seed + UInt64(number), shared)
                        if listener != nil { await waitForAll(of: told, shared) }
                        listener?.cancel()
                        return told
                    }
                    return (number, told)
                }
            }
            var random = SeededGenerator(state: seed)
            for number in 0..<kills {
                let before = shared.paidCount
                try await Task.sleep(for: .milliseconds(Int.random(in: Self.lifeMilliseconds, using: &random)))
                // Every other one has done some business first, on a machine as busy as may be.
                if number.isMultiple(of: 2) { await waitUntil { shared.paidCount > before } }
                server.killNow()
                try server.startAgain()
            }
            shared.end()
            return try await group.reduce(into: [Int: Told]()) { $0[$1.0] = $1.1 }
        }

        for (number, told) in told {
            try await office(server, as: "member\(number)").running { office in
                let reservations = try await office.reservations().all()
                #expect(Set(reservations.map(\.reservation)) == told.held, "member\(number)")
                #expect(Set(reservations.filter { $0.status == .confirmed }.map(\.reservation)) == told.paid)
                #expect(Set(try await office.payments().all().map(\.reservation)) == told.paid)
                #expect(try await office.balance().balance.rawValue == told.charged - Int64(told.paid.count))
            }
        }
        // So many restarts, and still some business was done in between.
        #expect(told.values.reduce(0) { $0 + $1.paid.count } >= kills / 2)
        let sequences = shared.heard
        #expect(
            !sequences.isEmpty && sequences == Array(1...UInt64(sequences.count)),
            "notices are missing, doubled or out of order")
        let audit = try server.audit()
        #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
        #expect(server.stop().status == 0)
    }

    @Test("a server that was down past a hold's deadline starts, frees the seats and says so")
    func downPastADeadline() async throws {
        let server = try ServerProcess("--hold-seconds", "1", "--hold-warning-seconds", "0")
        let concert = try await importHall(rows: 1, seats: 5, on: server, capacity: 5)
        try await signUp(1, on: server)
        try await office(server, as: "member0").running { office in
            let notices = try await office.subscribedNotices()
            let date = try await office.performances(of: concert)[0].performance
            _ = try await office.waitingRoom(of: concert)
            let held = try await office.hold(.seats(["R0-1"]), at: date)
            server.killNow()
            try await Task.sleep(for: .milliseconds(1_500))
            try server.startAgain()
            for await notice in notices {
                guard case .holdExpired(let expired) = notice.notice else { continue }
                #expect(expired.reservation.reservation == held.reservation.reservation)
                #expect(expired.at == held.reservation.expiresAt)
                break
            }
            #expect(try await office.seatMap(of: date).available == 5)
        }
        #expect(try server.audit().status == 0)
        #expect(server.stop().status == 0)
    }

    private func buy(
        _ office: BoxOffice, concert: ConcertID, seed: UInt64, _ shared: Shared
    ) async throws -> Told {
        var random = SeededGenerator(state: seed)
        var told = Told()
        let date = try await office.performances(of: concert)[0].performance
        while !shared.isOver {
            do {
                let seat = SeatIndex(UInt32.random(in: 0..<20_000, using: &random))
                try await told.buy(seat, at: date, of: concert, in: office)
                shared.paid()
            } catch {
                // Lost the race, or the token was passed over while everybody was away: both are answers.
                guard error.code == .seatTaken || error.code == .queueRequired else { throw error }
            }
        }
        return told
    }

    /// Looks every few milliseconds, for a minute at most.
    private func waitUntil(_ holds: () -> Bool) async {
        for _ in 0..<12_000 where !holds() { try? await Task.sleep(for: .milliseconds(5)) }
    }

    /// Hears the notices for as long as the task runs, through all the reconnects.
    private func listen(_ office: BoxOffice, _ shared: Shared) async throws -> Task<Void, Never> {
        let notices = try await office.subscribedNotices()
        return Task {
            for await notice in notices { shared.heard(notice.sequence) }
        }
    }

    /// A charge, a hold and a payment are a notice each, admissions come on top; waits until so many are there.
    private func waitForAll(of told: Told, _ shared: Shared) async {
        let expected = Int(told.charged) + told.held.count + told.paid.count
        for _ in 0..<1_000 where shared.heard.count < expected {
            try? await Task.sleep(for: .milliseconds(10))
        }
        #expect(shared.heard.count >= expected)
    }
}
