import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

@Suite("Notices")
struct NoticeTests {
    /// A member with so many notices: charges of one point.
    private func sale(notices count: Int) -> Sale {
        var sale = Sale()
        sale.member("ann")
        charge(&sale, count)
        return sale
    }

    private func charge(_ sale: inout Sale, _ count: Int) {
        for _ in 0..<count { sale.ask("ann", .charge(Charge(operation: sale.key(), amount: Points(1)))) }
    }

    private func kept(_ sale: Sale, after sequence: UInt64 = 0, limit: Int = .max) -> (UInt64, Int) {
        let (firstKept, rows) = sale.engine.noticeRows(of: sale.members["ann"]!, after: sequence, limit: limit)
        return (firstKept, rows.count)
    }

    @Test("numbered from 1 without a gap, each member's for themselves")
    func numbering() {
        var sale = sale(notices: 3)
        sale.member("bob", points: 5)
        charge(&sale, 2)
        let ann = sale.notices.filter { $0.member == sale.members["ann"] }
        #expect(ann.map(\.sequence) == [1, 2, 3, 4, 5])
        #expect(sale.notices.filter { $0.member == sale.members["bob"] }.map(\.sequence) == [1])
        #expect(sale.notices.map(\.id) == Array(1...6))
        #expect(sale.engine.newestNotice(of: sale.members["ann"]!) == 5)
        #expect(sale.engine.newestNotice(of: MemberID(99)) == 0)
    }

    @Test("the notice of a hold is made from its reservation, and stays as it was whatever becomes of that")
    func held() {
        var sale = Sale()
        sale.member("ann", points: 1_000)
        _ = sale.join("ann")
        let hold = Request.hold(
            Hold(operation: sale.key(), performance: Sale.date, seats: [SeatIndex(0), SeatIndex(10)]))
        guard case .response(.reservationState(let state), _) = sale.ask("ann", hold),
            let row = sale.notices.last, row.opcode == .held
        else {
            Issue.record("no notice of a hold")
            return
        }
        let notice = Held(at: sale.now, reservation: state.reservation).encoded
        #expect(row.body.isEmpty && sale.engine.body(of: row) == notice)
        sale.wait(.seconds(10))
        #expect(sale.pay("ann", 1) == "paid 150, left 850")
        #expect(sale.engine.body(of: row) == notice)
        sale.restart()
        #expect(sale.engine.body(of: row) == notice)
        // Others have bodies of their own.
        #expect(sale.notices.filter { $0.body.isEmpty }.count == 1)
        #expect(sale.notices.allSatisfy { $0.body.isEmpty || sale.engine.body(of: $0) == $0.body })
    }

    @Test("where notices are: after a sequence, so many, at every edge")
    func rows() {
        let sale = sale(notices: 5)
        for (after, limit, expected) in [
            (UInt64(0), Int.max, [UInt64(1), 2, 3, 4, 5]), (0, 2, [1, 2]), (3, 10, [4, 5]), (4, 1, [5]), (5, 10, []),
            (6, 10, []), (.max, .max, []), (.max - 1, 1, []), (0, 0, []), (0, -1, []),
        ] {
            let rows = sale.engine.noticeRows(of: sale.members["ann"]!, after: after, limit: limit)
            #expect(rows.rows == expected, "after \(after), \(limit)")
            #expect(rows.firstKept == 1)
        }
        #expect(sale.engine.noticeRows(of: MemberID(99), after: 0, limit: 1).rows == [])
    }

    @Test("a session's cursor starts at now, and goes on where it was")
    func cursor() {
        var sale = sale(notices: 3)
        let session = sale.sessions["ann"]!
        #expect(sale.subscribe(session) == Subscribed(acknowledged: 3, newest: 3))
        charge(&sale, 2)
        #expect(sale.subscribe(session) == Subscribed(acknowledged: 3, newest: 5))
        sale.acknowledge(session, through: 4)
        #expect(sale.subscribe(session) == Subscribed(acknowledged: 4, newest: 5))
        // Another device begins at its own now.
        let other = sale.logIn("ann", token: 1)!
        #expect(sale.subscribe(other) == Subscribed(acknowledged: 5, newest: 5))
        sale.restart()
        #expect(sale.subscribe(session) == Subscribed(acknowledged: 4, newest: 5))
        #expect(sale.subscribe(SessionID(99)) == nil)
    }

    @Test("an acknowledgement of what was acknowledged, of what does not exist, or without a cursor changes nothing")
    func uselessAcknowledgements() {
        var sale = sale(notices: 3)
        let session = sale.sessions["ann"]!
        let before = sale.facts.count
        sale.acknowledge(session, through: 2)
        #expect(sale.facts.count == before, "it never subscribed")
        _ = sale.subscribe(session)
        charge(&sale, 1)
        let facts = sale.facts.count
        for sequence in [UInt64(0), 3, 5, .max] { sale.acknowledge(session, through: sequence) }
        sale.acknowledge(SessionID(99), through: 4)
        #expect(sale.facts.count == facts)
        sale.acknowledge(session, through: 4)
        #expect(sale.facts.count == facts + 1)
    }

    @Test("forgotten when every session that subscribed has acknowledged, many at a time, but never the newest")
    func pruning() {
        var sale = sale(notices: 1)
        let (first, second) = (sale.sessions["ann"]!, sale.logIn("ann", token: 1)!)
        let never = sale.logIn("ann", token: 2)!
        _ = sale.subscribe(first)
        _ = sale.subscribe(second)
        charge(&sale, 199)
        sale.acknowledge(first, through: 200)
        #expect(kept(sale) == (1, 200))
        sale.acknowledge(second, through: 50)
        #expect(kept(sale) == (1, 200), "too few to be worth it")
        sale.acknowledge(second, through: 100)
        #expect(kept(sale) == (101, 100))
        sale.acknowledge(second, through: 200)
        #expect(kept(sale) == (200, 1))
        charge(&sale, 1)
        #expect(sale.notices.last?.sequence == 201)
        sale.restart()
        #expect(kept(sale) == (200, 2))
        // Who subscribes now starts at now; nothing is owed to it.
        #expect(sale.subscribe(never) == Subscribed(acknowledged: 201, newest: 201))
    }

    @Test("a session that ends holds back no notice any more")
    func endedSession() {
        var sale = sale(notices: 1)
        let (first, second) = (sale.sessions["ann"]!, sale.logIn("ann", token: 1)!)
        _ = sale.subscribe(first)
        _ = sale.subscribe(second)
        charge(&sale, 100)
        sale.acknowledge(first, through: 101)
        #expect(kept(sale) == (1, 101))
        sale.withEngine { $0.logOut(session: second, at: $1, into: &$2) }
        #expect(kept(sale) == (101, 1))
    }

    @Test("kept for thirty days and no longer, however quiet the box office is")
    func thirtyDays() {
        var sale = sale(notices: 10)
        _ = sale.subscribe(sale.sessions["ann"]!)
        let day: Int64 = 86_400
        sale.wait(.seconds(30 * day - 3 * 3_600))
        #expect(kept(sale) == (1, 10))
        sale.wait(.seconds(3 * 3_600))
        // The newest stays, so that the numbering goes on.
        #expect(kept(sale) == (10, 1))
        // Those of one busy hour go although the next came much later.
        sale.sessions["ann"] = sale.logIn("ann", token: 1)
        charge(&sale, 1)
        #expect(kept(sale) == (10, 2))
        sale.wait(.seconds(29 * day))
        sale.sessions["ann"] = sale.logIn("ann", token: 2)
        charge(&sale, 1)
        sale.wait(.seconds(2 * day))
        #expect(kept(sale) == (12, 1))
        sale.restart()
        #expect(kept(sale) == (12, 1))
    }

    @Test("what a session missed and is no longer kept shows as a gap before the first kept")
    func gap() {
        var sale = sale(notices: 1)
        let session = sale.sessions["ann"]!
        _ = sale.subscribe(session)
        charge(&sale, 5)
        sale.wait(.seconds(20 * 86_400))
        charge(&sale, 5)
        sale.wait(.seconds(11 * 86_400))
        #expect(sale.subscribe(session) == nil, "ended a day ago")
        let (firstKept, rows) = sale.engine.noticeRows(of: sale.members["ann"]!, after: 1, limit: 100)
        #expect(firstKept == 7)
        #expect(rows.count == 5)
    }

    @Test("each step has its notice")
    func eachStep() {
        var sale = Sale(capacity: 1)
        sale.member("ann", points: 1_000)
        let start = sale.now
        _ = sale.join("ann")
        _ = sale.hold("ann", 0)
        _ = sale.release("ann", 1)
        _ = sale.hold("ann", 0)
        sale.wait(.seconds(300))
        _ = sale.hold("ann", 0)
        _ = sale.hold("ann", 1)
        _ = sale.pay("ann", 3)
        _ = sale.importConcerts(Sale.draft(capacity: 1, now: sale.now))
        _ = sale.refund(3)
        sale.wait(.seconds(300))
        #expect(
            sale.noticeNames("ann") == [
                "charged", "admitted", "held", "released", "held", "holdEnding", "holdExpired", "held", "held", "paid",
                "concertChanged", "refunded", "activeEnding", "holdEnding", "holdExpired", "tokenExpired",
            ])
        #expect(sale.noticeTimes("ann", .holdEnding, since: start) == [240, 540])
        #expect(sale.noticeTimes("ann", .holdExpired, since: start) == [300, 600])
    }

    @Test("a warning is told once, also when the server starts anew between it and the deadline")
    func warningsOnce() {
        for stop in [Int64(200), 240, 241, 299] {
            var sale = Sale()
            sale.member("ann")
            let start = sale.now
            _ = sale.join("ann")
            _ = sale.hold("ann", 0)
            sale.wait(.seconds(stop))
            sale.restart(after: Microseconds(1))
            sale.wait(.seconds(400))
            #expect(sale.noticeTimes("ann", .holdEnding, since: start) == [240], "stopped at \(stop)")
            #expect(sale.noticeNames("ann").filter { $0 == "holdExpired" }.count == 1)
        }
    }

    @Test("active time's warning likewise; what was missed while the server was away is told late")
    func activeWarningOnce() {
        for (stop, away, told) in [(Int64(530), Int64(1), [540.0]), (545, 1, [540]), (530, 20, [550]), (530, 90, [])] {
            var sale = Sale()
            sale.member("ann")
            let start = sale.now
            _ = sale.join("ann")
            sale.wait(.seconds(stop))
            sale.restart(after: .seconds(away))
            sale.wait(.seconds(200))
            #expect(sale.noticeTimes("ann", .activeEnding, since: start) == told, "stopped at \(stop) for \(away)")
            #expect(sale.noticeNames("ann").last == "tokenExpired")
        }
    }
}
