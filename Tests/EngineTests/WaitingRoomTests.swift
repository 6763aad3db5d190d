import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

@Suite("Waiting room")
struct WaitingRoomTests {
    @Test("first come, first served, as many as there is space for")
    func firstCome() {
        var sale = Sale(capacity: 2)
        for name in ["ann", "bob", "cid", "dan", "eva"] { sale.member(name) }
        #expect(sale.join("ann") == "active")
        #expect(sale.join("bob") == "active")
        #expect(sale.join("cid") == "waiting 1/1")
        #expect(sale.join("dan") == "waiting 2/2")
        #expect(sale.join("eva") == "waiting 3/3")
        #expect(sale.leave("bob") == "left")
        #expect(sale.place("cid") == "active")
        #expect(sale.place("dan") == "waiting 1/2")
        #expect(sale.place("eva") == "waiting 2/2")
        #expect(sale.noticeNames("cid") == ["admitted"])
        #expect(sale.noticeNames("dan") == [])
    }

    @Test("joining twice is one place; joining after the end is a new one at the end")
    func joiningAgain() {
        var sale = Sale(capacity: 1)
        for name in ["ann", "bob", "cid"] { sale.member(name) }
        _ = sale.join("ann")
        _ = sale.join("bob")
        let token = sale.placeOf("bob").token
        _ = sale.join("cid")
        #expect(sale.join("bob") == "waiting 1/2")
        #expect(sale.placeOf("bob").token == token)
        #expect(sale.leave("bob") == "left")
        #expect(sale.leave("bob") == "left")
        #expect(sale.join("bob") == "waiting 2/2")
        #expect(sale.placeOf("bob").token != token)
        #expect(sale.join("ann") == "active")
    }

    @Test("who leaves from the middle moves the rest up")
    func leavingMovesUp() {
        var sale = Sale(capacity: 1)
        let names = ["ann", "bob", "cid", "dan", "eva"]
        for name in names { sale.member(name) }
        for name in names { _ = sale.join(name) }
        _ = sale.leave("cid")
        #expect(names.map { sale.place($0) } == ["active", "waiting 1/3", "left", "waiting 2/3", "waiting 3/3"])
        #expect(sale.placeOf("eva").ahead == 2)
    }

    @Test("nowhere to leave or to look: unknown concert, never joined")
    func notQueued() {
        var sale = Sale()
        sale.member("ann")
        #expect(sale.leave("ann") == "notQueued")
        #expect(sale.place("ann") == "notQueued")
        let unknown = ConcertID(9)
        for request in [
            Request.joinQueue(JoinQueue(operation: sale.key(), concert: unknown)),
            .leaveQueue(LeaveQueue(operation: sale.key(), concert: unknown)),
            .getPlace(GetPlace(concert: unknown)), .watchPlace(WatchPlace(concert: unknown)),
        ] {
            #expect(sale.word(sale.ask("ann", request)) == "unknownConcert")
        }
    }

    @Test("a paused room admits nobody, and goes on where it was")
    func pause() {
        var sale = Sale(capacity: 2)
        for name in ["ann", "bob", "cid"] { sale.member(name) }
        _ = sale.join("ann")
        #expect(sale.room(mode: .paused) == "paused 2")
        #expect(sale.join("bob") == "waiting 1/1")
        #expect(sale.placeOf("bob").reason == .paused)
        #expect(sale.join("cid") == "waiting 2/2")
        #expect(sale.leave("ann") == "left")
        #expect(sale.place("bob") == "waiting 1/2")
        #expect(sale.room(mode: .open) == "open 2")
        #expect(sale.place("bob") == "active")
        #expect(sale.place("cid") == "active")
    }

    @Test("a smaller capacity sends nobody out, and lets nobody in before there is space")
    func lowerCapacity() {
        var sale = Sale(capacity: 3)
        let names = ["ann", "bob", "cid", "dan"]
        for name in names { sale.member(name) }
        for name in names { _ = sale.join(name) }
        #expect(sale.room(capacity: 1) == "open 1")
        #expect(names.map { sale.place($0) } == ["active", "active", "active", "waiting 1/1"])
        #expect(sale.engine.brokenInvariant() == nil)
        _ = sale.leave("ann")
        _ = sale.leave("bob")
        #expect(sale.place("dan") == "waiting 1/1")
        _ = sale.leave("cid")
        #expect(sale.place("dan") == "active")
        #expect(sale.engine.brokenInvariant() == nil)
    }

    @Test("a larger capacity admits at once; none at all admits nobody")
    func capacityEdges() {
        var sale = Sale(capacity: 1)
        let names = ["ann", "bob", "cid"]
        for name in names { sale.member(name) }
        for name in names { _ = sale.join(name) }
        sale.room(capacity: 2)
        #expect(names.map { sale.place($0) } == ["active", "active", "waiting 1/1"])
        sale.room(capacity: 0)
        _ = sale.leave("ann")
        _ = sale.leave("bob")
        #expect(sale.place("cid") == "waiting 1/1")
        #expect(sale.placeOf("cid").reason == .full)
        sale.room(capacity: 1)
        #expect(sale.place("cid") == "active")
    }

    @Test("before the sale opens everybody waits; at that instant the first are in")
    func opening() {
        var sale = Sale(capacity: 1, opensIn: 3600)
        sale.member("ann")
        sale.member("bob")
        #expect(sale.join("ann") == "waiting 0/1")
        #expect(sale.join("bob") == "waiting 0/2")
        #expect(sale.placeOf("ann").reason == .notOpen)
        let opensAt = sale.engine.catalogue().performances[0].saleOpensAt
        sale.wait(opensAt - sale.now + Microseconds(-1))
        #expect(sale.placeOf("ann").status == .waiting)
        sale.wait(Microseconds(1))
        #expect(sale.placeOf("ann").status == .active)
        #expect(sale.placeOf("ann").activeUntil == opensAt + .seconds(600))
        #expect(sale.placeOf("bob").reason == .full)
    }

    @Test("an opening that is moved is kept to: later, earlier, and forgotten where it was")
    func openingMoved() {
        var sale = Sale(capacity: 1, opensIn: 1_000)
        sale.member("ann")
        _ = sale.join("ann")
        let start = sale.now
        _ = sale.importConcerts(Sale.draft(capacity: 1, now: start, opensIn: 2_000))
        sale.wait(.seconds(1_999))
        #expect(sale.placeOf("ann").status == .waiting)
        _ = sale.importConcerts(Sale.draft(capacity: 1, now: start, opensIn: 1_500))
        #expect(sale.placeOf("ann").status == .active)
    }

    @Test("when the last sale has closed nobody joins any more; who is in stays")
    func closed() {
        var sale = Sale(capacity: 1)
        for name in ["ann", "bob", "cid"] { sale.member(name) }
        let closesAt = sale.engine.catalogue().performances[0].saleClosesAt
        sale.now = closesAt + Microseconds(-1)
        #expect(sale.join("ann") == "active")
        #expect(sale.hold("ann", 0) == "held 1")
        sale.now = closesAt
        #expect(sale.join("bob") == "saleClosed")
        #expect(sale.join("ann") == "active")
        #expect(sale.hold("ann", 1) == "saleClosed")
        #expect(sale.pay("ann", 1) == "insufficientPoints")
    }

    @Test("active time ends on time, is announced a minute before, and lets the next one in")
    func activeTime() {
        var sale = Sale(capacity: 1)
        sale.member("ann")
        sale.member("bob")
        let start = sale.now
        _ = sale.join("ann")
        _ = sale.join("bob")
        sale.wait(.seconds(600) + Microseconds(-1))
        #expect(sale.placeOf("ann").status == .active)
        sale.wait(Microseconds(1))
        #expect(sale.placeOf("ann").status == .expired)
        #expect(sale.placeOf("bob").status == .active)
        #expect(sale.noticeNames("ann") == ["admitted", "activeEnding", "tokenExpired"])
        #expect(sale.noticeTimes("ann", .activeEnding, since: start) == [540])
        #expect(sale.noticeTimes("ann", .tokenExpired, since: start) == [600])
        #expect(sale.noticeTimes("bob", .admitted, since: start) == [600])
    }

    @Test("a change of the active time holds for those who come in after it")
    func activeSeconds() {
        var sale = Sale(capacity: 1)
        sale.member("ann")
        sale.member("bob")
        _ = sale.join("ann")
        _ = sale.join("bob")
        sale.room(activeSeconds: 30)
        sale.wait(.seconds(599))
        #expect(sale.placeOf("ann").status == .active)
        sale.wait(.seconds(1))
        #expect(sale.placeOf("bob").status == .active)
        sale.wait(.seconds(30))
        #expect(sale.placeOf("bob").status == .expired)
        // Shorter than the warning: there is nothing to announce.
        #expect(sale.noticeNames("bob") == ["admitted", "tokenExpired"])
    }

    @Test("leaving releases the live holds, keeps what is paid, and lets the next one in")
    func leavingWithHolds() {
        var sale = Sale(capacity: 1)
        sale.member("ann", points: 1_000)
        sale.member("bob")
        _ = sale.join("ann")
        _ = sale.join("bob")
        _ = sale.hold("ann", 0)
        _ = sale.hold("ann", 1)
        _ = sale.hold("ann", 2)
        _ = sale.pay("ann", 1)
        #expect(sale.leave("ann") == "left")
        #expect([0, 1, 2].map { sale.seat($0) } == [.sold, .available, .available])
        #expect(sale.noticeNames("ann").suffix(2) == ["released", "released"])
        #expect(sale.place("bob") == "active")
        #expect(sale.pay("ann", 2) == "notHeld")
    }

    @Test("leaving in the time that is only for paying ends that too")
    func leavingWhilePaying() {
        var sale = Sale()
        sale.member("ann", points: 100)
        _ = sale.join("ann")
        sale.wait(.seconds(500))
        _ = sale.hold("ann", 0)
        sale.wait(.seconds(200))
        #expect(sale.place("ann") == "active")
        #expect(sale.placeOf("ann").payUntil == sale.now + .seconds(100))
        #expect(sale.leave("ann") == "left")
        #expect(sale.seat(0) == .available)
    }

    @Test("a token kept by a hold alone expires with it")
    func keptByHold() {
        var sale = Sale(capacity: 1)
        sale.member("ann", points: 1_000)
        sale.member("bob")
        _ = sale.join("ann")
        _ = sale.join("bob")
        sale.wait(.seconds(500))
        _ = sale.hold("ann", 0)
        _ = sale.hold("ann", 1)
        sale.wait(.seconds(200))
        #expect(sale.release("ann", 2) == "released 2")
        #expect(sale.place("ann") == "active")
        sale.wait(.seconds(100))
        #expect(sale.place("ann") == "expired")
        #expect(sale.place("bob") == "active")
        #expect(sale.noticeNames("ann").suffix(2) == ["holdExpired", "tokenExpired"])
    }

    @Test("rooms know nothing of each other")
    func twoRooms() {
        var sale = Sale(capacity: 1)
        var second = Sale.draft(capacity: 1, now: sale.now)
        second.key = "c2"
        #expect(sale.importConcerts(second) == "2: 2")
        sale.member("ann")
        sale.member("bob")
        let other = ConcertID(2)
        _ = sale.join("ann")
        _ = sale.ask("bob", .joinQueue(JoinQueue(operation: sale.key(), concert: other)))
        #expect(
            sale.word(sale.ask("ann", .joinQueue(JoinQueue(operation: sale.key(), concert: other)))) == "waiting 1/1")
        #expect(sale.join("bob") == "waiting 1/1")
        let holdThere = Hold(operation: sale.key(), performance: PerformanceID(2), seats: [SeatIndex(0)])
        #expect(sale.word(sale.ask("ann", .hold(holdThere))) == "queueRequired")
        #expect(sale.leave("ann") == "left")
        #expect(sale.place("bob") == "active")
        #expect(sale.word(sale.ask("ann", .getPlace(GetPlace(concert: other)))) == "waiting 1/1")
        // Joining the first again takes nothing from the second.
        #expect(sale.join("ann") == "waiting 1/1")
        #expect(sale.word(sale.ask("ann", .getPlace(GetPlace(concert: other)))) == "waiting 1/1")
    }

    @Test("the gate: maps are open until somebody waits, then for active tokens")
    func gate() {
        var sale = Sale(capacity: 1)
        sale.member("ann")
        sale.member("bob")
        _ = sale.join("ann")
        #expect(sale.engine.gate(of: Sale.concert) == RoomGate(isFull: false, active: []))
        _ = sale.join("bob")
        #expect(sale.engine.gate(of: Sale.concert) == RoomGate(isFull: true, active: [sale.members["ann"]!]))
        _ = sale.leave("bob")
        #expect(sale.engine.gate(of: Sale.concert).isFull == false)
    }
}
