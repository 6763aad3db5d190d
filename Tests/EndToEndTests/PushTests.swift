import BoxOfficeClient
import Foundation
import Synchronization
import Testing

@Suite("Told at the time", .serialized)
struct PushTests {
    @Test("an unpaid hold: holder and map hear of it within 100 ms of the deadline, and not before it")
    func expiry() async throws {
        let server = try ServerProcess("--hold-seconds", "1", "--hold-warning-seconds", "0")
        let concert = try await importHall(rows: 2, seats: 10, on: server, capacity: 10)
        try await signUp(2, on: server)
        let late = try await office(server, as: "member0").running { holder in
            try await office(server, as: "member1").running { viewer in
                var notices = try await holder.subscribedNotices().makeAsyncIterator()
                let date = try await holder.performances(of: concert)[0].performance
                _ = try await holder.waitingRoom(of: concert)
                let seen = Seen()
                let watching = Task { try await watch(viewer.seatMapChanges(of: date), viewer, seen) }
                defer { watching.cancel() }
                var late: [(holder: Double, map: Double)] = []
                for seat in 0..<5 {
                    let held = try await holder.hold(.indices([SeatIndex(UInt32(seat))]), at: date)
                    let deadline = held.reservation.expiresAt
                    while let notice = await notices.next() {
                        if case .holdExpired = notice.notice { break }
                    }
                    let told = try #require(holder.serverNow)
                    let freed = try #require(await seen.freed(seat))
                    late.append((Double((told - deadline).count) / 1_000, Double((freed - deadline).count) / 1_000))
                }
                return late
            }
        }
        // The promise is about time, so time is asserted; the median, since the machine is shared with others.
        #expect(late.map(\.holder).sorted()[2] < 100, "milliseconds late: \(late)")
        #expect(late.map(\.map).sorted()[2] < 100, "milliseconds late: \(late)")
        #expect(late.allSatisfy { $0.holder > -20 && $0.map > -20 }, "early: \(late)")
    }

    /// When seats that were held became free, by the server's time.
    private final class Seen: Sendable {
        private let instants = Mutex<[Int: Instant]>([:])
        func note(_ seat: Int, at instant: Instant) { instants.withLock { $0[seat] = instant } }
        func freed(_ seat: Int) async -> Instant? {
            for _ in 0..<500 {
                if let instant = instants.withLock({ $0[seat] }) { return instant }
                try? await Task.sleep(for: .milliseconds(10))
            }
            return nil
        }
    }

    private func watch(_ changes: SeatMapChanges, _ viewer: BoxOffice, _ seen: Seen) async throws {
        var held: Set<Int> = []
        for try await change in changes {
            let now = viewer.serverNow ?? .distantFuture
            for (seat, status) in change.map.statuses.enumerated() {
                if status == .held { held.insert(seat) }
                if status == .available, held.remove(seat) != nil { seen.note(seat, at: now) }
            }
        }
    }

    @Test("a payment that completes lets the next one in within 50 ms")
    func completion() async throws {
        let server = try ServerProcess()
        let concert = try await importHall(rows: 2, seats: 10, on: server, capacity: 1)
        try await signUp(2, on: server)
        let late = try await office(server, as: "member0").running { first in
            try await office(server, as: "member1").running { second in
                let date = try await first.performances(of: concert)[0].performance
                var heard = [
                    try await first.subscribedNotices().makeAsyncIterator(),
                    try await second.subscribedNotices().makeAsyncIterator(),
                ]
                for member in [first, second] { _ = try await member.charge(Points(100)) }
                _ = try await first.waitingRoom(of: concert)
                var late: [Duration] = []
                for round in 0..<5 {
                    let (payer, next) = round.isMultiple(of: 2) ? (first, second) : (second, first)
                    let token = try await next.waitingRoom(of: concert).place.token
                    let held = try await payer.hold(.indices([SeatIndex(UInt32(round))]), at: date)
                    let sent = ContinuousClock.now
                    async let paid = payer.pay(held.reservation.reservation)
                    while let notice = await heard[1 - round % 2].next() {
                        if case .admitted(let admitted) = notice.notice, admitted.token == token { break }
                    }
                    late.append(.now - sent)
                    _ = try await paid
                }
                return late
            }
        }
        // From sending the payment to hearing of the admission, with the commit in between; the median, as above.
        #expect(late.sorted()[2] < .milliseconds(50), "\(late)")
    }

    @Test("two devices of one member hear the same; one that was away during an expiry hears of it when it is back")
    func devices() async throws {
        let server = try ServerProcess("--hold-seconds", "2", "--hold-warning-seconds", "1")
        let concert = try await importHall(rows: 2, seats: 10, on: server, capacity: 10)
        try await signUp(1, on: server)
        let session = try await office(server, as: "member0").running { phone in
            _ = try await phone.subscribedNotices()
            return phone.session!
        }
        // The phone is away now. The laptop does it all.
        let heard = try await office(server, as: "member0").running { laptop in
            let notices = try await laptop.subscribedNotices()
            let date = try await laptop.performances(of: concert)[0].performance
            _ = try await laptop.waitingRoom(of: concert)
            _ = try await laptop.hold(.seats(["R0-1", "R0-2"]), at: date)
            return await untilExpired(notices)
        }
        var configuration = ClientConfiguration(
            address: ServerAddress(host: "127.0.0.1", port: server.port), credentials: .session(session))
        configuration.requestTimeout = .seconds(30)
        let caughtUp = try await BoxOffice(configuration).running { phone in
            await untilExpired(try await phone.subscribedNotices())
        }
        #expect(heard.map(\.0) == ["admitted", "held", "holdEnding", "holdExpired"])
        #expect(caughtUp.map(\.0) == heard.map(\.0))
        #expect(caughtUp.map(\.1) == heard.map(\.1))
    }

    private func untilExpired(_ notices: Notices) async -> [(String, UInt64)] {
        var heard: [(String, UInt64)] = []
        for await notice in notices {
            guard let opcode = notice.notice?.opcode else { continue }
            heard.append((opcode.name, notice.sequence))
            if opcode == .holdExpired { break }
        }
        return heard
    }
}
