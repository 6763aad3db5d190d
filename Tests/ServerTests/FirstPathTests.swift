import BoxOfficeProtocol
import Foundation
import Testing

/// From a hello to a paid seat, over a socket.
@Suite struct FirstPathTests {
    @Test func signsUpLogsInAndCharges() async throws {
        let office = try TestOffice()
        let client = try office.guest()
        #expect(client.welcome?.resumed == ResumeResult.none)
        let account = try client.signUp("Ann")
        #expect(account.name == "Ann" && !account.isOperator)
        #expect(try client.refused(WhoAmI()) == .loginRequired)
        let loggedIn = try client.logIn("ANN")
        #expect(loggedIn.account == account)
        #expect(try client.ok(WhoAmI()) == account)
        let charged = try client.ok(Charge(operation: client.key(), amount: Points(500)))
        #expect(charged.balance == Points(500))
        #expect(try client.ok(GetBalance()).balance == Points(500))
        let ledger = try client.ok(GetLedger(before: LedgerEntryID(0), limit: 10))
        #expect(ledger.entries.map(\.amount) == [Points(500)] && !ledger.more)
        await office.stop()
    }

    @Test func queuesHoldsAndPays() async throws {
        let office = try TestOffice()
        try office.operatorClient().importHall()
        let ann = try office.member("ann")
        _ = try ann.ok(Charge(operation: ann.key(), amount: Points(1_000)))
        let concert = try ann.ok(GetConcerts(after: ConcertID(0), limit: 10)).concerts[0]
        let date = try ann.ok(GetPerformances(concert: concert.concert)).performances[0]
        #expect(date.available == 50)
        let seats = try ann.ok(FindSeats(performance: date.performance, labels: ["1-2", "1x3"])).seats
        #expect(seats == [SeatIndex(1), SeatIndex(2)])
        let place = try ann.ok(JoinQueue(operation: ann.key(), concert: concert.concert))
        #expect(place.status == .active)
        let held = try ann.ok(Hold(operation: ann.key(), performance: date.performance, seats: seats))
        #expect(held.reservation.status == .held && held.reservation.total == Points(200))
        let paid = try ann.ok(Pay(operation: ann.key(), reservation: held.reservation.reservation))
        #expect(paid.balance == Points(800) && paid.reservation.status == .confirmed)
        let map = try ann.ok(GetSeatMap(performance: date.performance))
        #expect(map.statuses[0] == 0b0010_1000)
        #expect(try ann.ok(GetPerformance(performance: date.performance)).available == 48)
        let page = try ann.ok(GetReservations(before: ReservationID(0), limit: 10))
        #expect(page.reservations.map(\.status) == [.confirmed])
        #expect(page.reservations[0].seats.map(\.label) == ["1-2", "1-3"])
        #expect(try ann.ok(GetPayments(before: PaymentID(0), limit: 10)).payments.count == 1)
        await office.stop()
    }
}
