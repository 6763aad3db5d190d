import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

@Suite("Operators")
struct OperatorTests {
    @Test("blocking takes free seats out of the sale, all of them or none; what is so stays so")
    func blocking() {
        var sale = Sale()
        sale.member("ann", points: 100)
        _ = sale.join("ann")
        _ = sale.hold("ann", 5)
        #expect(sale.block(0, 1) == "blocked 2")
        #expect(sale.block(1, 2) == "blocked 3")
        #expect(sale.seat(2) == .blocked)
        #expect(sale.block(3, 5) == "seatTaken(5)")
        #expect(sale.seat(3) == .available)
        _ = sale.pay("ann", 1)
        #expect(sale.block(5) == "seatTaken(5)")
        #expect(sale.block(4, 30) == "unknownSeat(30)")
        #expect(sale.unblock(1, 5, 7) == "blocked 2")
        #expect(sale.seat(1) == .available)
        #expect(sale.seat(5) == .sold, "unblocking a sold seat changes nothing")
        #expect(sale.unblock(0, 2) == "blocked 0")
        let unknown = BlockSeats(operation: sale.key(), performance: PerformanceID(9), seats: [SeatIndex(99)])
        #expect(sale.operate(.blockSeats(unknown)) == "unknownPerformance")
        #expect(sale.engine.brokenInvariant() == nil)
    }

    @Test("a room's settings at their edges")
    func roomLimits() {
        var sale = Sale()
        for (capacity, word) in [(UInt32(0), "open 0"), (1_000_000, "open 1000000"), (1_000_001, "badRequest")] {
            #expect(sale.room(capacity: capacity) == word)
        }
        for (seconds, isTaken) in [(UInt32(9), false), (10, true), (86_400, true), (86_401, false), (.max, false)] {
            #expect((sale.room(activeSeconds: seconds) != "badRequest") == isTaken, "active \(seconds)")
        }
        for (seconds, isTaken) in [(UInt32(0), true), (86_400, true), (86_401, false), (.max, false)] {
            #expect((sale.room(callWindowSeconds: seconds) != "badRequest") == isTaken, "window \(seconds)")
        }
        #expect(sale.room(mode: .unknown(7)) == "badRequest")
        let unknown = SetRoom(operation: sale.key(), concert: ConcertID(9), mode: .paused)
        #expect(sale.operate(.setRoom(unknown)) == "unknownConcert")
        #expect(sale.operate(.getRoom(GetRoom(concert: ConcertID(9)))) == "unknownConcert")
    }

    @Test("a room's figures")
    func figures() {
        var sale = Sale(capacity: 2)
        for name in ["ann", "bob", "cid", "dan"] { sale.member(name, points: 100) }
        for name in ["ann", "bob", "cid", "dan"] { _ = sale.join(name) }
        _ = sale.hold("ann", 0)
        _ = sale.pay("ann", 1)
        _ = sale.hold("bob", 1, 2)
        let figures = sale.engine.roomFigures(of: Sale.concert, at: sale.now)!
        #expect([figures.waiting, figures.called, figures.active] == [1, 0, 2])
        #expect([figures.completed, figures.expired] == [1, 0])
        #expect([figures.seatsAvailable, figures.seatsHeld, figures.seatsSold] == [27, 2, 1])
        sale.wait(.seconds(2_000))
        let later = sale.engine.roomFigures(of: Sale.concert, at: sale.now)!
        #expect([later.completed, later.expired] == [1, 3])
    }

    @Test("only what is paid can be refunded, once; the ledger says where the points came from")
    func refund() {
        var sale = Sale()
        sale.member("ann", points: 300)
        _ = sale.join("ann")
        _ = sale.hold("ann", 0)
        _ = sale.hold("ann", 1)
        #expect(sale.refund(1) == "notConfirmed")
        #expect(sale.refund(9) == "unknownReservation")
        _ = sale.pay("ann", 1)
        #expect(sale.refund(1) == "refunded 100")
        #expect(sale.refund(1) == "notConfirmed")
        #expect(sale.balance("ann") == 300)
        #expect(sale.engine.balance(of: .sales(Sale.concert)) == Points(100))
        #expect(sale.engine.balance(of: .refunds) == Points(-100))
        #expect(sale.place("ann") == "active", "the other hold lives on")
        #expect(sale.engine.brokenInvariant() == nil)
    }

    @Test("what a balance cannot hold is refused, not trapped on")
    func overflow() {
        var configuration = EngineConfiguration()
        configuration.chargeMax = Points(.max)
        var sale = Sale(configuration: configuration)
        sale.member("ann")
        sale.member("bob")
        func charge(_ sale: inout Sale, _ name: String, _ amount: Int64) -> String {
            sale.word(sale.ask(name, .charge(Charge(operation: sale.key(), amount: Points(amount)))))
        }
        #expect(charge(&sale, "ann", .max - 50) == "charged \(Int64.max - 50)")
        #expect(charge(&sale, "ann", 51) == "badAmount")
        #expect(charge(&sale, "bob", 100) == "badAmount", "more than all accounts together can have sold")
        #expect(charge(&sale, "ann", 50) == "charged 50")
        #expect(sale.engine.brokenInvariant() == nil)
        // A refund that the balance has no room for any more.
        _ = sale.join("ann")
        _ = sale.hold("ann", 0)
        _ = sale.pay("ann", 1)
        #expect(charge(&sale, "ann", 2) == "badAmount", "all that can be bought was")
        sale.engine.apply(
            .ledger(
                LedgerRow(
                    id: LedgerEntryID(99), at: sale.now, debit: .sales(Sale.concert),
                    credit: .member(sale.members["ann"]!),
                    amount: Points(1), reservation: nil)))
        #expect(sale.refund(1) == "badAmount")
        #expect(sale.seat(0) == .sold)
    }

    @Test("an operator is made of a member or anew, through the local socket only")
    func makeOperator() {
        var sale = Sale()
        sale.member("ann")
        func make(_ sale: inout Sale, _ name: String, hash: String?, by actor: Actor = .local) -> String {
            let request = MakeOperator(operation: sale.key(), name: name)
            return sale.word(sale.decide(actor, .makeOperator(request, nameKey: name, passwordHash: hash)))
        }
        let ann = Actor.member(sale.members["ann"]!, session: sale.sessions["ann"]!)
        #expect(make(&sale, "ann", hash: nil, by: ann) == "notAllowed")
        #expect(make(&sale, "ann", hash: nil, by: .guest) == "loginRequired")
        #expect(make(&sale, "bob", hash: nil) == "unknownMember")
        #expect(make(&sale, "ann", hash: "not used") == "operator")
        #expect(sale.engine.credentials(nameKey: "ann")?.passwordHash == "hash")
        #expect(make(&sale, "bob", hash: "new") == "operator")
        #expect(sale.engine.credentials(nameKey: "bob")?.passwordHash == "new")
        #expect(make(&sale, "ann", hash: nil, by: ann) == "notAllowed", "operators make no operators")
        #expect(sale.word(sale.ask("ann", .getRoom(GetRoom(concert: Sale.concert)))) != "notAllowed")
        let set = SetPassword(operation: sale.key(), name: "eva", password: Secret("x"))
        #expect(sale.word(sale.decide(ann, .setPassword(set, nameKey: "eva", passwordHash: "h"))) == "unknownMember")
    }

    @Test("a balance: one's own, anyone's for operators, by number on the local socket")
    func balances() {
        var sale = Sale()
        sale.member("ann", points: 5)
        sale.member("bob", points: 7)
        let (ann, nobody) = (sale.members["ann"]!, MemberID(99))
        let cases: [(String, MemberID?, String)] = [
            ("bob", nil, "balance 7"), ("ann", ann, "balance 5"), ("bob", ann, "notAllowed"),
            ("bob", nobody, "notAllowed"),
        ]
        for (name, member, word) in cases {
            #expect(sale.word(sale.ask(name, .getBalance(GetBalance(member: member)))) == word)
        }
        #expect(sale.operate(.getBalance(GetBalance())) == "badRequest")
        #expect(sale.operate(.getBalance(GetBalance(member: ann))) == "balance 5")
        #expect(sale.operate(.getBalance(GetBalance(member: nobody))) == "unknownMember")
        let request = MakeOperator(operation: sale.key(), name: "bob")
        sale.decide(.local, .makeOperator(request, nameKey: "bob", passwordHash: nil))
        #expect(sale.word(sale.ask("bob", .getBalance(GetBalance(member: ann)))) == "balance 5")
        #expect(sale.word(sale.ask("bob", .getBalance(GetBalance(member: nobody)))) == "unknownMember")
    }

    @Test("somebody else's reservation is unknown, whatever one wants of it")
    func othersReservations() {
        var sale = Sale()
        sale.member("ann", points: 100)
        sale.member("bob", points: 100)
        _ = sale.join("ann")
        _ = sale.join("bob")
        _ = sale.hold("ann", 0)
        for reservation in [UInt64(1), 2, 0, .max] {
            #expect(sale.pay("bob", reservation) == "unknownReservation")
            #expect(sale.release("bob", reservation) == "unknownReservation")
            let get = Request.getReservation(GetReservation(reservation: ReservationID(reservation)))
            #expect(sale.word(sale.ask("bob", get)) == "unknownReservation")
        }
        #expect(sale.pay("ann", 1) == "paid 100, left 0")
    }
}
