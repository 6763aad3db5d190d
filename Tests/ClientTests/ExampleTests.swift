// The examples run against a scripted server, and the guide and the README say what the examples say.

import Foundation
import Testing

@testable import BoxOfficeClient

@Suite struct ExampleTests {
    @Test func theReadmeBuysTwoSeats() async throws {
        let seats = [12, 13].map { BookedSeat(seat: SeatIndex($0), label: "A-\($0)", price: Points(100)) }
        let reservation = Reservation(
            reservation: ReservationID(8), concert: ConcertID(3), performance: PerformanceID(5), status: .held,
            seats: seats, total: Points(200), heldAt: FakeServer.now, expiresAt: FakeServer.now)
        let server = try FakeServer { connection, frame in
            switch Opcode(rawValue: frame.opcode) {
            case .getConcerts:
                let concert = Concert(
                    concert: ConcertID(3), title: "봄밤", artists: [], description: "", performances: 1)
                connection.answer(frame, .concertPage(ConcertPage(concerts: [concert], more: false)))
            case .getPerformances:
                let performance = Performance(
                    performance: PerformanceID(5), concert: ConcertID(3), plan: PlanID(1), hall: "Hall",
                    hallDigest: HallTests.digest, startsAt: FakeServer.now, timeZone: "Asia/Seoul",
                    saleOpensAt: .distantPast, saleClosesAt: .distantFuture, available: 2, categories: [])
                let list = PerformanceList(performances: [performance], now: FakeServer.now)
                connection.answer(frame, .performanceList(list))
            case .joinQueue: connection.answer(frame, .place(PlaceTests.place(.active)))
            case .findSeats:
                connection.answer(frame, .seatsFound(SeatsFound(seats: [SeatIndex(12), SeatIndex(13)])))
            case .hold:
                let state = ReservationState(
                    reservation: reservation, now: FakeServer.now, remainingMilliseconds: 300_000)
                connection.answer(frame, .reservationState(state))
            case .charge:
                let charged = Charged(
                    entry: LedgerEntryID(1), amount: Points(200), balance: Points(200), at: FakeServer.now)
                connection.answer(frame, .charged(charged))
            case .pay:
                let payment = Payment(
                    payment: PaymentID(1), reservation: ReservationID(8), entry: LedgerEntryID(2),
                    amount: Points(200), at: FakeServer.now)
                connection.answer(
                    frame, .paid(Paid(payment: payment, reservation: reservation, balance: Points(0))))
            default: connection.answersBasics(frame)
            }
        }
        try await buyTwoSeats(at: server.server, as: annByPassword)
        #expect(server.requests(.pay).count == 1)
    }

    @Test("every Swift example that uses the client in the guide and the README is one that compiles here")
    func pagesSayWhatCompiles() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let root = tests.deletingLastPathComponent().deletingLastPathComponent()
        let compiled = try ["ReadmeExample.swift", "GuideExamples.swift"].map {
            try String(contentsOf: tests.appendingPathComponent($0), encoding: .utf8)
        }.joined(separator: "\n")
        let guide = root.appendingPathComponent("Sources/ClientLib/BoxOfficeClient.docc")
        let pages = [
            guide.appendingPathComponent("BoxOfficeClient.md"), guide.appendingPathComponent("GettingStarted.md"),
            root.appendingPathComponent("README.md"),
        ]
        var examples = 0
        for page in pages {
            guard let text = try? String(contentsOf: page, encoding: .utf8) else { continue }
            for block in text.components(separatedBy: "```swift\n").dropFirst() {
                let example = block.components(separatedBy: "```")[0]
                guard example.contains("office") else { continue }
                examples += 1
                let code = example.replacingOccurrences(of: "import BoxOfficeClient\n", with: "")
                    .trimmingCharacters(in: .newlines)
                #expect(compiled.contains(code), "\(page.lastPathComponent): \(code.prefix(80))")
            }
        }
        #expect(examples >= 4)
    }
}
