import BoxOfficeEngine
import BoxOfficeProtocol
import Testing

@Suite("Arguments")
struct ArgumentTests {
    private let key = OperationKey(Bytes16(high: 0, low: 0))
    private func seats(_ count: Int) -> [SeatIndex] { (0..<count).map { SeatIndex(UInt32($0)) } }

    /// Each with the counts that will do, and the path of the refusal.
    private var counted: [(name: String, allowed: ClosedRange<Int>, path: String, request: (Int) -> Request)] {
        let date = PerformanceID(1)
        return [
            ("hold", 1...100, "seats", { .hold(Hold(operation: key, performance: date, seats: seats($0))) }),
            (
                "blockSeats", 1...5_000, "seats",
                { .blockSeats(BlockSeats(operation: key, performance: date, seats: seats($0))) }
            ),
            (
                "unblockSeats", 1...5_000, "seats",
                { .unblockSeats(UnblockSeats(operation: key, performance: date, seats: seats($0))) }
            ),
            (
                "findSeats", 1...500, "labels",
                { .findSeats(FindSeats(performance: date, labels: Array(repeating: "A-1", count: $0))) }
            ),
            ("getConcerts", 1...500, "limit", { .getConcerts(GetConcerts(after: ConcertID(0), limit: UInt16($0))) }),
            ("getLedger", 1...500, "limit", { .getLedger(GetLedger(before: LedgerEntryID(0), limit: UInt16($0))) }),
            (
                "getReservations", 1...500, "limit",
                { .getReservations(GetReservations(before: ReservationID(0), limit: UInt16($0))) }
            ),
            (
                "getPayments", 1...500, "limit",
                { .getPayments(GetPayments(before: PaymentID(0), limit: UInt16($0))) }
            ),
            (
                "capacity", 0...1_000_000, "capacity",
                { .setRoom(SetRoom(operation: key, concert: ConcertID(1), capacity: UInt32($0))) }
            ),
            (
                "activeSeconds", 10...86_400, "activeSeconds",
                { .setRoom(SetRoom(operation: key, concert: ConcertID(1), activeSeconds: UInt32($0))) }
            ),
            (
                "callWindowSeconds", 0...86_400, "callWindowSeconds",
                { .setRoom(SetRoom(operation: key, concert: ConcertID(1), callWindowSeconds: UInt32($0))) }
            ),
        ]
    }

    @Test("every count at its limits: one less, the limit, one more")
    func limits() {
        for (name, allowed, path, request) in counted {
            let edges = [
                allowed.lowerBound - 1, allowed.lowerBound, allowed.lowerBound + 1, allowed.upperBound - 1,
                allowed.upperBound, allowed.upperBound + 1,
            ]
            for count in edges where count >= 0 {
                let refusal = request(count).argumentRefusal
                #expect((refusal == nil) == allowed.contains(count), "\(name) with \(count)")
                guard let refusal else { continue }
                #expect(refusal.code == .badRequest)
                #expect(refusal.path == path, "\(name)")
            }
        }
    }

    @Test("the same seat twice is told by its number, each once")
    func twice() {
        let seats = [3, 1, 3, 2, 1, 3].map { SeatIndex($0) }
        for request in [
            Request.hold(Hold(operation: key, performance: PerformanceID(1), seats: seats)),
            .blockSeats(BlockSeats(operation: key, performance: PerformanceID(1), seats: seats)),
            .unblockSeats(UnblockSeats(operation: key, performance: PerformanceID(1), seats: seats)),
        ] {
            let refusal = request.argumentRefusal
            #expect(refusal?.code == .badRequest)
            #expect(refusal?.seats == [SeatIndex(1), SeatIndex(3)])
        }
    }

    @Test("seats: the last of the hall, the one after it, the largest number there is")
    func seatNumbers() {
        var sale = Sale()
        sale.member("ann")
        _ = sale.join("ann")
        #expect(sale.hold("ann", 29) == "held 1")
        #expect(sale.hold("ann", 30) == "unknownSeat(30)")
        #expect(sale.hold("ann", 0, .max, 30) == "unknownSeat(30,\(UInt32.max))")
        #expect(sale.block(.max) == "unknownSeat(\(UInt32.max))")
    }

    @Test("the limit of seats: one less, the limit, one more, and a limit of nothing")
    func seatLimit() {
        for (limit, count, word) in [
            (UInt32(4), 3, "held 1"), (4, 4, "held 1"), (4, 5, "seatLimit"), (0, 1, "seatLimit"),
        ] {
            var configuration = EngineConfiguration()
            configuration.seatsPerMemberMax = limit
            var sale = Sale(configuration: configuration)
            sale.member("ann")
            _ = sale.join("ann")
            let hold = Hold(operation: sale.key(), performance: Sale.date, seats: seats(count))
            #expect(sale.word(sale.ask("ann", .hold(hold))) == word, "\(count) of \(limit)")
        }
    }

    @Test("the limit is for each date by itself, and for each member by themselves")
    func seatLimitScope() {
        var sale = Sale()
        var draft = Sale.draft(capacity: 100, now: Instant(seconds: 1_800_000_000))
        draft.dates.append(draft.dates[0])
        draft.dates[1].key = "d2"
        #expect(sale.importConcerts(draft) == "1: 1 2")
        sale.member("ann")
        sale.member("bob")
        _ = sale.join("ann")
        _ = sale.join("bob")
        #expect(sale.hold("ann", 0, 1, 2, 3) == "held 1")
        let there = Hold(operation: sale.key(), performance: PerformanceID(2), seats: seats(4))
        #expect(sale.word(sale.ask("ann", .hold(there))) == "held 2")
        #expect(sale.hold("bob", 4, 5, 6, 7) == "held 3")
        sale.wait(.seconds(300))
        #expect(sale.hold("ann", 0, 1, 2, 3) == "held 4", "ended holds do not count")
    }
}
