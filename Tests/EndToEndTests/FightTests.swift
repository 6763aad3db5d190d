import BoxOfficeClient
import Foundation
import Testing

@Suite("Sixty-four at once", .serialized)
struct FightTests {
    /// 64 members, 500 seats, a point each: everybody takes seats until none is free.
    @Test("64 clients fight for 500 seats: 500 sold, nobody twice, the ledger sums to zero")
    func fight() async throws {
        let server = try ServerProcess("--seats-per-member", "500", "--joins-per-member", "off")
        let concert = try await importHall(rows: 20, seats: 25, on: server, capacity: 64)
        try await signUp(64, on: server)
        let sold = try await withThrowingTaskGroup(of: [SeatIndex].self) { group in
            for number in 0..<64 {
                group.addTask {
                    try await office(server, as: "member\(number)").running { office in
                        try await takeSeats(office, concert: concert, seed: UInt64(number))
                    }
                }
            }
            return try await group.reduce(into: [SeatIndex]()) { $0 += $1 }
        }
        #expect(sold.count == 500)
        #expect(Set(sold).count == 500)
        let audit = try server.audit()
        #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
        #expect(server.stop().status == 0)
        #expect(try server.audit().status == 0)
    }

    /// Holds and pays single seats, at random, until no seat is free. Returns the seats that were paid.
    private func takeSeats(_ office: BoxOffice, concert: ConcertID, seed: UInt64) async throws -> [SeatIndex] {
        var random = SeededGenerator(state: seed)
        var own: [SeatIndex] = []
        try await office.charge(Points(500))
        let date = try await office.performances(of: concert)[0].performance
        while true {
            // A payment ends the token, so the room is joined again for each seat.
            let room = try await office.waitingRoom(of: concert)
            for await place in room.places where place.status == .active { break }
            let map = try await office.seatMap(of: date)
            let free = map.statuses.indices.filter { map.statuses[$0] == .available }
            guard let seat = free.randomElement(using: &random) else {
                // What is only held may come free again; here everybody pays, so it is soon sold.
                if map.statuses.allSatisfy({ $0 == .sold }) { return own }
                try await Task.sleep(for: .milliseconds(5))
                continue
            }
            do {
                let held = try await office.hold(.indices([SeatIndex(UInt32(seat))]), at: date)
                _ = try await office.pay(held)
                own.append(SeatIndex(UInt32(seat)))
            } catch {
                guard error.code == .seatTaken else { throw error }
                #expect(error.seats == [SeatIndex(UInt32(seat))])
            }
        }
    }
}

/// Members called member0, member1…, signed up over a few connections at once.
func signUp(_ count: Int, on server: ServerProcess) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for lane in 0..<8 {
            group.addTask {
                try await office(server, as: nil).running { office in
                    for number in stride(from: lane, to: count, by: 8) {
                        _ = try await office.signUp(name: "member\(number)", password: "a long password")
                    }
                }
            }
        }
        try await group.waitForAll()
    }
}

/// SplitMix64: small, seeded, the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
