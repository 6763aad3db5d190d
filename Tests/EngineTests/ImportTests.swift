import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

@Suite("Imports")
struct ImportTests {
    /// The hall of the harness with other seats, or under another name.
    private func hall(name: String = "Club", rows: Int = 3, digest: UInt64 = 1) -> Hall {
        var hall = Sale.hall
        hall.name = name
        hall.rows = Array(hall.rows.prefix(rows))
        hall.digest = Digest(
            Bytes32(first: Bytes16(high: digest, low: 2), second: Bytes16(high: 3, low: 4)))
        return hall
    }

    private func draft(_ sale: Sale, _ change: (inout ConcertDraft) -> Void = { _ in }) -> ConcertDraft {
        var draft = Sale.draft(capacity: 100, now: Instant(seconds: 1_800_000_000))
        change(&draft)
        return draft
    }

    @Test("the same file again changes nothing")
    func idempotent() {
        var sale = Sale()
        let before = sale.facts.count
        #expect(sale.importPlan(hall()) == "plan 1, 30 seats")
        #expect(sale.importConcerts(draft(sale)) == "1: 1")
        let added = sale.facts[before...].filter { if case .operation = $0 { false } else { true } }
        #expect(added == [])
        #expect(sale.engine.catalogue().concerts.count == 1)
        #expect(sale.engine.catalogue().plans.count == 1)
    }

    @Test("the same seats with another file are the same plan; other seats only when no date uses it")
    func plans() {
        var sale = Sale()
        #expect(sale.importPlan(hall(), document: [1, 2]) == "plan 1, 30 seats")
        #expect(sale.engine.catalogue().plans[0].document == [1, 2])
        #expect(sale.importPlan(hall(rows: 2, digest: 9)) == "planInUse")
        #expect(sale.importPlan(hall(name: "Annex", rows: 2, digest: 9)) == "plan 2, 20 seats")
        #expect(sale.importPlan(hall(name: "Annex", rows: 1, digest: 10)) == "plan 2, 10 seats")
        #expect(sale.engine.labels(of: PlanID(2)).count == 10)
        #expect(sale.engine.labels(of: PlanID(1)).first == "A-1")
        #expect(sale.engine.labels(of: PlanID(9)) == [])
    }

    @Test("a seat without zone, row and number is called by its guid")
    func nameless() {
        var sale = Sale()
        var hall = hall(name: "Field", rows: 1, digest: 9)
        hall.rows[0].row = ""
        hall.rows[0].seats[0].number = ""
        _ = sale.importPlan(hall)
        #expect(sale.engine.labels(of: PlanID(2)).prefix(2) == ["g0-1", "2"])
    }

    @Test("what a concert file may not say, with its place; nothing of it is taken")
    func refusals() {
        let cases: [(String, String, (inout ConcertDraft) -> Void)] = [
            ("unknownPlan", "concerts[1].dates[0].plan", { $0.dates[0].plan = "Nowhere" }),
            ("badConcerts", "concerts[1].dates[0].prices", { $0.dates[0].prices["C"] = Points(1) }),
            ("badConcerts", "concerts[1].dates[0].prices", { $0.dates[0].prices["B"] = nil }),
            ("badConcerts", "concerts[1].dates[0].prices[\"B\"]", { $0.dates[0].prices["B"] = Points(-1) }),
            ("badConcerts", "concerts[1].dates[0].prices[\"A\"]", { $0.dates[0].prices["A"] = Points(.max) }),
            ("badConcerts", "concerts[1].room.capacity", { $0.room.capacity = 1_000_001 }),
            ("badConcerts", "concerts[1].room.activeSeconds", { $0.room.activeSeconds = 9 }),
            ("badConcerts", "concerts[1].room.callWindowSeconds", { $0.room.callWindowSeconds = 86_401 }),
        ]
        for (code, path, change) in cases {
            var sale = Sale()
            let before = sale.facts.count
            let good = draft(sale) { $0.key = "new" }
            let reply = sale.decide(.local, .importConcerts(sale.key(), [good, draft(sale, change)]))
            guard case .refused(let refusal) = reply else {
                Issue.record("\(path): \(reply)")
                continue
            }
            #expect(refusal.code.name == code)
            #expect(refusal.path == path)
            #expect(sale.facts.count == before)
        }
    }

    @Test("a price of nothing and the dearest one")
    func priceEdges() {
        var sale = Sale()
        let prices = ["A": Points(0), "B": PerformanceDraft.priceMax]
        #expect(sale.importConcerts(draft(sale) { $0.dates[0].prices = prices }) == "1: 1")
        sale.member("ann")
        _ = sale.join("ann")
        #expect(sale.hold("ann", 0) == "held 1")
        #expect(sale.pay("ann", 1) == "paid 0, left 0")
        _ = sale.join("ann")
        #expect(sale.hold("ann", 10, 11, 12) == "held 2")
        #expect(sale.pay("ann", 2) == "insufficientPoints")
        #expect(sale.engine.brokenInvariant() == nil)
    }

    @Test("what has changed is taken; what a file leaves out stays")
    func changes() {
        var sale = Sale()
        sale.room(capacity: 7, activeSeconds: 60)
        #expect(sale.block(3) == "blocked 1")
        let changed = draft(sale) {
            $0.title = "다른 제목"
            $0.room.capacity = nil
            $0.dates[0].prices["B"] = Points(70)
        }
        #expect(sale.importConcerts(changed) == "1: 1")
        let catalogue = sale.engine.catalogue()
        #expect(catalogue.concerts[0].title == "다른 제목")
        #expect(catalogue.performances[0].prices == [Points(100), Points(70)])
        #expect(catalogue.performances[0].blocked == [SeatIndex(3)])
        let settings = sale.engine.roomFigures(of: Sale.concert, at: sale.now)!.settings
        #expect([settings.capacity, settings.activeSeconds] == [7, 60])
    }

    @Test("a date without sale times sells until it starts, and always did")
    func saleTimes() {
        var sale = Sale()
        _ = sale.importConcerts(
            draft(sale) {
                $0.dates[0].saleOpensAt = nil
                $0.dates[0].saleClosesAt = nil
            })
        let row = sale.engine.catalogue().performances[0]
        #expect(row.saleOpensAt == .distantPast)
        #expect(row.saleClosesAt == row.startsAt)
    }

    @Test("a sale that is over by a file is over with it: who waits is told in the same go, and nothing is left due")
    func closedByFile() {
        var sale = Sale(capacity: 1)
        for name in ["ann", "bob"] { sale.member(name) }
        sale.member("away", connected: false)
        for name in ["ann", "bob", "away"] { _ = sale.join(name) }
        #expect(sale.placeOf("bob").status == .waiting)
        let closed = draft(sale) { $0.dates[0].saleClosesAt = sale.now }
        #expect(sale.importConcerts(closed) == "1: 1")
        #expect(sale.engine.nextDeadline.map { $0 > sale.now } ?? true)
        for name in ["bob", "away"] { #expect(sale.placeOf(name).status == .expired, "\(name)") }
        // The same again, and a room that changes, make nothing due once more.
        #expect(sale.importConcerts(closed) == "1: 1")
        sale.room(capacity: 9)
        #expect(sale.engine.nextDeadline.map { $0 > sale.now } ?? true)
    }

    @Test("a price that was held is kept, whatever the file says later")
    func heldPrice() {
        var sale = Sale()
        sale.member("ann", points: 100)
        _ = sale.join("ann")
        _ = sale.hold("ann", 0)
        _ = sale.importConcerts(draft(sale) { $0.dates[0].prices["A"] = Points(900) })
        #expect(sale.pay("ann", 1) == "paid 100, left 0")
    }

    @Test("a moved date tells those who hold or own seats of it, each once, and nobody else")
    func movedDate() {
        var sale = Sale()
        for name in ["ann", "bob", "cid", "dan"] { sale.member(name, points: 500) }
        for name in ["ann", "bob", "cid"] { _ = sale.join(name) }
        _ = sale.hold("ann", 0, 1)
        _ = sale.pay("ann", 1)
        _ = sale.hold("bob", 2)
        _ = sale.hold("bob", 3)
        _ = sale.hold("cid", 4)
        _ = sale.release("cid", 4)
        _ = sale.importConcerts(draft(sale) { $0.dates[0].startsAt = $0.dates[0].startsAt + .seconds(3_600) })
        let told = ["ann", "bob", "cid", "dan"].map { name in
            sale.noticeNames(name).filter { $0 == "concertChanged" }.count
        }
        #expect(told == [1, 1, 0, 0])
    }

    @Test("a date that has, or ever had, a reservation keeps its plan; another may change it")
    func planOfDate() {
        let other = hall(name: "Annex", rows: 1, digest: 9)
        let moved: (inout ConcertDraft) -> Void = {
            $0.dates[0].plan = "Annex"
            $0.dates[0].prices = ["A": Points(10)]
        }
        var sale = Sale()
        _ = sale.importPlan(other)
        #expect(sale.importConcerts(draft(sale, moved)) == "1: 1")
        #expect(sale.engine.seatMap(of: Sale.date)!.seats == 10)
        #expect(sale.importConcerts(draft(sale)) == "1: 1")
        #expect(sale.engine.seatMap(of: Sale.date)!.seats == 30)

        sale.member("ann")
        _ = sale.join("ann")
        #expect(sale.hold("ann", 29) == "held 1")
        #expect(sale.importConcerts(draft(sale, moved)) == "badConcerts")
        _ = sale.release("ann", 1)
        #expect(sale.importConcerts(draft(sale, moved)) == "badConcerts")
        sale.restart()
        #expect(sale.importConcerts(draft(sale, moved)) == "badConcerts")
        sale.connect("ann")
        let get = Request.getReservation(GetReservation(reservation: ReservationID(1)))
        #expect(sale.word(sale.ask("ann", get)) == "released 1")
    }

    @Test("a map's version rises with the plan, too")
    func version() {
        var sale = Sale()
        let before = sale.engine.seatMap(of: Sale.date)!.version
        _ = sale.importPlan(hall(name: "Annex", rows: 1, digest: 9))
        _ = sale.importConcerts(
            draft(sale) {
                $0.dates[0].plan = "Annex"
                $0.dates[0].prices = ["A": Points(10)]
            })
        #expect(sale.engine.seatMap(of: Sale.date)!.version > before)
    }

    @Test("free seats by category, those without a seat left out")
    func availability() {
        var sale = Sale()
        _ = sale.block(0, 10)
        sale.member("ann")
        _ = sale.join("ann")
        _ = sale.hold("ann", 11, 12)
        let told = sale.engine.availability(of: Sale.date).map {
            "\($0.category) \($0.price): \($0.available)/\($0.seats)"
        }
        #expect(told == ["A 100: 9/9", "B 50: 17/19"])
        #expect(sale.engine.availability(of: PerformanceID(9)) == [])
    }
}
