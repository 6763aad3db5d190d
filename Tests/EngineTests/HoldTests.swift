import BoxOfficeEngine
import BoxOfficeProtocol
import Testing

@Suite("Holds and payments")
struct HoldTests {
    @Test("a seat is held for one member and nobody else, and free at the deadline")
    func holdExpires() {
        var sale = Sale()
        sale.member("ann", points: 500)
        sale.member("bob", points: 500)
        #expect(sale.join("ann") == "active")
        #expect(sale.join("bob") == "active")
        #expect(sale.hold("ann", 0, 1) == "held 1")
        #expect(sale.hold("bob", 1, 2) == "seatTaken(1)")
        #expect(sale.seat(2) == .available)
        sale.wait(.seconds(299))
        #expect(sale.seat(0) == .held)
        sale.wait(.seconds(1))
        #expect(sale.seat(0) == .available)
        #expect(sale.hold("bob", 1, 2) == "held 2")
        #expect(sale.pay("ann", 1) == "holdExpired")
        #expect(sale.noticeNames("ann") == ["charged", "admitted", "held", "holdEnding", "holdExpired"])
    }

    @Test("a payment at the deadline is too late, a microsecond before it is not")
    func deadlineEdge() {
        for (early, word) in [(Int64(1), "paid 100, left 400"), (0, "holdExpired")] {
            var sale = Sale()
            sale.member("ann", points: 500)
            _ = sale.join("ann")
            _ = sale.hold("ann", 0)
            sale.now = sale.now + .seconds(300) + Microseconds(-early)
            #expect(sale.pay("ann", 1) == word)
        }
    }

    @Test("the sale is over at its close, and a microsecond before it is not")
    func saleEdge() {
        for (early, word) in [(Int64(1), "held 1"), (0, "saleClosed")] {
            // Active for as long as that takes, so that it is the sale which says no.
            var configuration = EngineConfiguration()
            configuration.activeSeconds = 86_400
            var sale = Sale(configuration: configuration)
            sale.member("ann", points: 500)
            sale.now = sale.engine.catalogue().performances[0].saleClosesAt + -.seconds(3_600)
            #expect(sale.join("ann") == "active")
            sale.now = sale.engine.catalogue().performances[0].saleClosesAt + Microseconds(-early)
            #expect(sale.hold("ann", 0) == word)
        }
    }

    @Test("paying moves points, records the payment, sells the seats and ends the token")
    func paying() {
        var sale = Sale()
        sale.member("ann", points: 120)
        _ = sale.join("ann")
        #expect(sale.hold("ann", 0) == "held 1")
        #expect(sale.hold("ann", 10) == "held 2")
        #expect(sale.pay("ann", 1) == "paid 100, left 20")
        #expect(sale.place("ann") == "active")
        #expect(sale.pay("ann", 2) == "insufficientPoints")
        #expect(sale.pay("ann", 1) == "notHeld")
        #expect(sale.release("ann", 2) == "released 2")
        #expect(sale.seat(0) == .sold)
        #expect(sale.seat(10) == .available)
        #expect(sale.balance("ann") == 20)
    }

    @Test("the token completes when after a payment no live hold is left")
    func completion() {
        var sale = Sale(capacity: 1)
        sale.member("ann", points: 1000)
        sale.member("bob")
        #expect(sale.join("ann") == "active")
        #expect(sale.join("bob") == "waiting 1/1")
        _ = sale.hold("ann", 0)
        _ = sale.hold("ann", 1)
        _ = sale.pay("ann", 1)
        #expect(sale.place("bob") == "waiting 1/1")
        _ = sale.pay("ann", 2)
        #expect(sale.place("ann") == "completed")
        #expect(sale.place("bob") == "active")
        #expect(sale.hold("ann", 5) == "queueRequired")
    }

    @Test("precedence: arguments, existence, sale, token, limit, blocked, taken")
    func precedence() {
        var sale = Sale()
        sale.member("ann", points: 500)
        sale.member("bob", points: 500)
        let unknownDate = Request.hold(Hold(operation: sale.key(), performance: PerformanceID(9), seats: []))
        #expect(sale.word(sale.ask("ann", unknownDate)) == "badRequest")
        #expect(sale.hold("ann", 3, 3) == "badRequest(3)")
        #expect(sale.hold("ann", 99) == "unknownSeat(99)")
        #expect(sale.hold("ann", 1) == "queueRequired")
        _ = sale.join("ann")
        _ = sale.join("bob")
        _ = sale.hold("bob", 1)
        sale.decide(
            .local,
            .request(.blockSeats(BlockSeats(operation: sale.key(), performance: Sale.date, seats: [SeatIndex(2)]))))
        #expect(sale.hold("ann", 1, 2, 3, 4, 5) == "seatLimit")
        #expect(sale.hold("ann", 1, 2) == "seatBlocked(2)")
        #expect(sale.hold("ann", 1) == "seatTaken(1)")
        #expect(sale.pay("ann", 1) == "unknownReservation")
        sale.wait(.seconds(20 * 86_400))
        #expect(sale.hold("ann", 1) == "saleClosed")
    }

    @Test("the limit counts held and owned seats of one date")
    func limit() {
        var sale = Sale()
        sale.member("ann", points: 1000)
        _ = sale.join("ann")
        #expect(sale.hold("ann", 0, 1, 2) == "held 1")
        #expect(sale.hold("ann", 3, 4) == "seatLimit")
        #expect(sale.hold("ann", 3) == "held 2")
        _ = sale.pay("ann", 1)
        #expect(sale.hold("ann", 4) == "seatLimit")
    }

    @Test("an expired active time keeps the token for paying while a hold lives")
    func activeTime() {
        var sale = Sale()
        sale.member("ann", points: 1000)
        _ = sale.join("ann")
        sale.wait(.seconds(590))
        #expect(sale.hold("ann", 0) == "held 1")
        sale.wait(.seconds(20))
        #expect(sale.hold("ann", 1) == "queueRequired")
        #expect(sale.place("ann") == "active")
        #expect(sale.pay("ann", 1) == "paid 100, left 900")
        #expect(sale.place("ann") == "completed")
    }

    @Test("a refund gives the points back by the ledger and frees the seats")
    func refund() {
        var sale = Sale()
        sale.member("ann", points: 100)
        _ = sale.join("ann")
        _ = sale.hold("ann", 0)
        _ = sale.pay("ann", 1)
        let refund = Request.refund(Refund(operation: sale.key(), reservation: ReservationID(1)))
        #expect(sale.word(sale.ask("ann", refund)) == "notAllowed")
        guard case .response(.refunded(let refunded), _) = sale.decide(.local, .request(refund)) else {
            Issue.record("not refunded")
            return
        }
        #expect(refunded.amount == Points(100))
        #expect(sale.balance("ann") == 100)
        #expect(sale.seat(0) == .available)
        #expect(sale.noticeNames("ann").last == "refunded")
        let again = Request.refund(Refund(operation: sale.key(), reservation: ReservationID(1)))
        #expect(sale.word(sale.decide(.local, .request(again))) == "notConfirmed")
    }

    @Test("the same key again gives the first answer; with other contents it is refused")
    func operations() {
        var sale = Sale()
        sale.member("ann", points: 100)
        _ = sale.join("ann")
        let key = sale.key()
        let hold = Request.hold(Hold(operation: key, performance: Sale.date, seats: [SeatIndex(0)]))
        #expect(sale.word(sale.ask("ann", hold, digest: 7)) == "held 1")
        sale.wait(.seconds(10))
        guard case .response(.reservationState(let state), let replayed) = sale.ask("ann", hold, digest: 7) else {
            Issue.record("not replayed")
            return
        }
        #expect(replayed)
        #expect(state.remainingMilliseconds == 290_000)
        #expect(sale.word(sale.ask("ann", hold, digest: 8)) == "operationReused")
        let ahead = OperationKey(at: sale.now + .seconds(301), random: Bytes16(high: 1, low: 1))
        #expect(sale.word(sale.ask("ann", .charge(Charge(operation: ahead, amount: Points(1))))) == "badOperationKey")
        let notV7 = OperationKey(Bytes16(high: 0, low: 0))
        #expect(sale.word(sale.ask("ann", .charge(Charge(operation: notV7, amount: Points(1))))) == "badOperationKey")
        sale.wait(.seconds(26 * 3600))
        #expect(sale.word(sale.ask("ann", hold, digest: 7)) == "operationExpired")
    }

    @Test("charges: amounts at their edges")
    func charges() {
        var sale = Sale()
        sale.member("ann")
        for (amount, isTaken) in [
            (Int64.min, false), (-1, false), (0, false), (1, true), (10_000_000, true), (10_000_001, false),
            (.max, false),
        ] {
            let word = sale.word(sale.ask("ann", .charge(Charge(operation: sale.key(), amount: Points(amount)))))
            #expect((word != "badAmount") == isTaken, "\(amount): \(word)")
        }
        #expect(sale.balance("ann") == 10_000_001)
    }
}
