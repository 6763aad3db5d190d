import BoxOfficeClient
import Foundation
import Synchronization
import Testing

@Suite("The server is killed", .serialized)
struct KillTests {
    /// What one member was told.
    struct Told: Sendable {
        var held: Set<ReservationID> = []
        var paid: Set<ReservationID> = []
        var charged: Int64 = 0
    }

    /// Every answer is kept by who got it; retries carry the same keys, so in the end the server's history is exactly
    /// what was answered: nothing lost, nothing twice.
    @Test("kill -9 at 100 random moments under load: all that was answered is there, once")
    func kills() async throws {
        let members = 16
        let server = try ServerProcess("--seats-per-member", "100000")
        let concert = ConcertID(try importHall(rows: 200, seats: 100, on: server, capacity: members))
        try await signUp(members, on: server)
        let isOver = Atomic<Bool>(false)
        let heard = Mutex<[UInt64]>([])

        let told = try await withThrowingTaskGroup(of: (Int, Told).self) { group in
            for number in 0..<members {
                group.addTask {
                    let told = try await office(server, as: "member\(number)", timeout: .seconds(120)).running {
                        office in
                        let listening =
                            number == 0
                            ? try await office.subscribedNotices() : nil
                        let listener = Task {
                            guard let listening else { return }
                            for await notice in listening { heard.withLock { $0.append(notice.sequence) } }
                        }
                        let told = try await buy(office, concert: concert, seed: UInt64(number)) {
                            isOver.load(ordering: .relaxed)
                        }
                        if number == 0 { try await waitForAll(of: told, heard: heard) }
                        listener.cancel()
                        return told
                    }
                    return (number, told)
                }
            }
            var random = SeededGenerator(state: 7)
            for _ in 0..<100 {
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...200, using: &random)))
                server.killNow()
                try server.startAgain()
            }
            isOver.store(true, ordering: .relaxed)
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
        // A hundred restarts, and still some business was done in between.
        #expect(told.values.reduce(0) { $0 + $1.paid.count } > 100)
        let sequences = heard.withLock { $0 }
        #expect(sequences == Array(1...UInt64(sequences.count)), "notices are missing, doubled or out of order")
        let audit = try server.audit()
        #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
        #expect(server.stop().status == 0)
    }

    private func buy(
        _ office: BoxOffice, concert: ConcertID, seed: UInt64, until isOver: () -> Bool
    ) async throws -> Told {
        var random = SeededGenerator(state: seed)
        var told = Told()
        let date = try await office.performances(of: concert)[0].performance
        while !isOver() {
            do {
                told.charged += try await office.charge(Points(1)).amount.rawValue
                let room = try await office.waitingRoom(of: concert)
                for await place in room.places where place.status == .active { break }
                let seat = SeatIndex(UInt32.random(in: 0..<20_000, using: &random))
                let held = try await office.hold(.indices([seat]), at: date)
                told.held.insert(held.reservation.reservation)
                try await office.pay(held)
                told.paid.insert(held.reservation.reservation)
            } catch let error as BoxOfficeError where error.code == .seatTaken || error.code == .queueRequired {
                // Lost the race, or the token was passed over while everybody was away: both are answers.
            }
        }
        return told
    }

    /// charged, held, paid and admitted notices arrive for each; waits until nothing more comes.
    private func waitForAll(of told: Told, heard: borrowing Mutex<[UInt64]>) async throws {
        let expected = UInt64(told.charged) + UInt64(told.held.count + told.paid.count)
        for _ in 0..<1_000 {
            if heard.withLock({ $0.last ?? 0 }) >= expected { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(heard.withLock { $0.last ?? 0 } >= expected)
    }
}
