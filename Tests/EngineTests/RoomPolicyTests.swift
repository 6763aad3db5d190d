import BoxOfficeEngine
import BoxOfficeProtocol
import Testing

/// What operators decide about a room takes effect at once, and is recorded (docs/domain.md, Waiting rooms).
@Suite("Room policies")
struct RoomPolicyTests {
    private static func crowd(_ count: Int, capacity: UInt32 = 100, opensIn: Int64? = nil) -> Sale {
        var sale = Sale(capacity: capacity, opensIn: opensIn)
        for number in 0..<count { sale.member("m\(number)") }
        return sale
    }

    private static func admittedAt(_ sale: Sale, _ count: Int, since start: Instant) -> [Double] {
        (0..<count).flatMap { sale.noticeTimes("m\($0)", .admitted, since: start) }
    }

    // MARK: Pace

    @Test("a pace lets one in each so often, from the first on")
    func pace() {
        var sale = Self.crowd(5)
        sale.room(admissionsPerMinute: 60)
        let start = sale.now
        #expect((0..<5).map { sale.join("m\($0)") } == ["active"] + (1...4).map { "waiting \($0)/\($0)" })
        #expect(sale.placeOf("m1").reason == .moving)
        sale.wait(.seconds(10))
        #expect(Self.admittedAt(sale, 5, since: start) == [0, 0.75, 1.75, 2.75, 3.75])
    }

    @Test("an idle hour buys no burst; a late timer is caught up with")
    func noBurst() {
        var sale = Self.crowd(100)
        sale.room(admissionsPerMinute: 6_000)
        sale.wait(.seconds(3_600))
        let start = sale.now
        for number in 0..<100 { _ = sale.join("m\(number)") }
        #expect(Self.admittedAt(sale, 100, since: start).count == 26, "a quarter of a second's worth at once")
        sale.now = sale.now + .milliseconds(100)
        sale.wake()
        #expect(Self.admittedAt(sale, 100, since: start).count == 36)
        sale.wait(.seconds(1))
        #expect(Self.admittedAt(sale, 100, since: start).count == 100)
    }

    @Test("a changed pace counts from the last admission on, at once")
    func paceChanged() {
        var sale = Self.crowd(4)
        sale.room(admissionsPerMinute: 1)
        let start = sale.now
        for number in 0..<4 { _ = sale.join("m\(number)") }
        sale.wait(.seconds(10))
        #expect(Self.admittedAt(sale, 4, since: start) == [0])
        sale.room(admissionsPerMinute: 6)
        sale.wait(.seconds(5))
        #expect(Self.admittedAt(sale, 4, since: start) == [0, 10])
        sale.room(admissionsPerMinute: 0)
        #expect(Self.admittedAt(sale, 4, since: start).count == 4)
    }

    @Test("a pace goes on across a restart")
    func paceRestarted() {
        var sale = Self.crowd(3)
        sale.room(admissionsPerMinute: 2)
        let start = sale.now
        for number in 0..<3 { _ = sale.join("m\(number)") }
        sale.restart(after: .seconds(5))
        for number in 0..<3 { sale.connect("m\(number)") }
        sale.wait(.seconds(90))
        #expect(Self.admittedAt(sale, 3, since: start) == [0, 30, 60])
    }

    // MARK: Modes

    @Test("a draining room takes nobody and admits nobody; those inside finish")
    func draining() {
        var sale = Self.crowd(3, capacity: 1)
        sale.ask("m0", .charge(Charge(operation: sale.key(), amount: Points(500))))
        #expect(sale.join("m0") == "active")
        #expect(sale.join("m1") == "waiting 1/1")
        sale.room(mode: .draining)
        #expect(sale.join("m2") == "queueClosed")
        #expect(sale.join("m1") == "waiting 1/1", "who has a place keeps it")
        #expect(sale.placeOf("m1").reason == .draining)
        #expect(sale.hold("m0", 0) == "held 1")
        #expect(sale.pay("m0", 1) == "paid 100, left 400")
        #expect(sale.place("m1") == "waiting 1/1")
        sale.room(mode: .open)
        #expect(sale.place("m1") == "active")
    }

    @Test("in the mode queue the maps are for those inside, also while nobody waits")
    func queueMode() {
        var sale = Self.crowd(1)
        #expect(sale.join("m0") == "active")
        #expect(!sale.engine.gate(of: Sale.concert).isFull)
        sale.room(mode: .queue)
        #expect(sale.engine.gate(of: Sale.concert).isFull)
        #expect(sale.engine.gate(of: Sale.concert).active == [sale.members["m0"]!])
        sale.room(mode: .open)
        #expect(!sale.engine.gate(of: Sale.concert).isFull)
    }

    @Test("a paused room says why, in the operator's words")
    func message() {
        var sale = Self.crowd(1)
        sale.room(mode: .paused, message: "We are back at noon.")
        #expect(sale.join("m0") == "waiting 1/1")
        #expect(sale.placeOf("m0").reason == .paused)
        #expect(sale.placeOf("m0").message == "We are back at noon.")
        sale.room(message: "")
        #expect(sale.placeOf("m0").message == nil)
    }

    // MARK: Idleness

    @Test("an idle token ends; looks and holds keep it")
    func idle() {
        var sale = Self.crowd(4, capacity: 3)
        sale.room(idleSeconds: 60)
        for number in 0..<4 { _ = sale.join("m\(number)") }
        #expect(sale.hold("m2", 0) == "held 1")
        sale.wait(.seconds(50))
        sale.look("m1")
        sale.wait(.seconds(10))
        #expect((0..<4).map { sale.placeOf("m\($0)").status } == [.expired, .active, .active, .active])
        #expect(sale.noticeNames("m0").last == "tokenExpired")
        sale.wait(.seconds(50))
        #expect(sale.placeOf("m1").status == .expired)
        #expect(sale.placeOf("m2").status == .active, "what is held is no idleness")
        sale.room(idleSeconds: 0)
        sale.wait(.seconds(500))
        #expect(sale.placeOf("m3").status == .active, "no limit any more")
    }

    @Test("an idle limit that comes later counts from then; a restart counts as a look")
    func idleLater() {
        var sale = Self.crowd(1)
        _ = sale.join("m0")
        sale.wait(.seconds(100))
        sale.room(idleSeconds: 60)
        sale.wait(.seconds(59))
        #expect(sale.placeOf("m0").status == .active)
        sale.restart()
        sale.connect("m0")
        sale.wait(.seconds(59))
        #expect(sale.placeOf("m0").status == .active)
        sale.wait(.seconds(1))
        #expect(sale.placeOf("m0").status == .expired)
    }

    @Test("idleness is counted from the end of a hold")
    func idleAfterHold() {
        var sale = Self.crowd(1)
        sale.room(idleSeconds: 60)
        _ = sale.join("m0")
        #expect(sale.hold("m0", 0) == "held 1")
        sale.wait(.seconds(179))
        #expect(sale.release("m0", 1) == "released 1")
        sale.wait(.seconds(59))
        #expect(sale.placeOf("m0").status == .active)
        sale.wait(.seconds(61))
        #expect(sale.placeOf("m0").status == .expired)
    }

    // MARK: Opening and closing

    @Test("an opening later than the first sale is waited for, and can be taken back")
    func opening() {
        var sale = Self.crowd(2)
        let opensAt = sale.now + .seconds(600)
        sale.room(opensAt: opensAt)
        #expect(sale.join("m0") == "waiting 0/1")
        #expect(sale.placeOf("m0").reason == .notOpen)
        #expect(sale.placeOf("m0").opensAt == opensAt)
        sale.wait(.seconds(599))
        #expect(sale.placeOf("m0").status == .waiting)
        sale.room(opensAt: sale.now + .seconds(600))
        sale.wait(.seconds(60))
        #expect(sale.placeOf("m0").status == .waiting, "moved later")
        sale.room(opensAt: .distantPast)
        #expect(sale.placeOf("m0").status == .active, "with the first sale again")
    }

    @Test("an opening before the first sale changes nothing")
    func openingTooEarly() {
        var sale = Self.crowd(1, opensIn: 1_000)
        sale.room(opensAt: sale.now + .seconds(5))
        _ = sale.join("m0")
        sale.wait(.seconds(100))
        #expect(sale.placeOf("m0").reason == .notOpen)
    }

    @Test("when the last sale closes nobody waits any longer")
    func closing() {
        var sale = Self.crowd(3, capacity: 1)
        for number in 0..<2 { _ = sale.join("m\(number)") }
        sale.room(capacity: 0)
        sale.member("away", connected: false)
        _ = sale.join("away")
        let closesAt = sale.engine.catalogue().performances[0].saleClosesAt
        sale.wait(closesAt - sale.now + Microseconds(-1))
        #expect(sale.placeOf("m1").status == .waiting)
        sale.wait(Microseconds(1))
        #expect(sale.placeOf("m1").status == .expired)
        #expect(sale.placeOf("away").status == .expired)
        #expect(sale.join("m2") == "saleClosed")
    }

    @Test("after the last close nobody goes in, however many still have to be told")
    func nobodyAfterClosing() {
        var sale = Self.crowd(0, capacity: 0)
        for number in 0..<2_100 {
            sale.member("m\(number)", connected: false)
            _ = sale.join("m\(number)")
        }
        sale.restart(after: .seconds(21 * 86_400))
        sale.room(capacity: 5_000)
        sale.wait(.seconds(1))
        let figures = sale.engine.roomFigures(of: Sale.concert, at: sale.now)!
        #expect([figures.waiting, figures.called, figures.active] == [0, 0, 0])
        #expect(figures.admitted == 0 && figures.abandoned == 2_100)
    }

    @Test("a file that opens the room and postpones the sale lets nobody in by either half")
    func importedTogether() {
        var sale = Self.crowd(2, opensIn: 100)
        let opensAt = sale.now + .seconds(5_000)
        sale.room(opensAt: opensAt)
        _ = sale.join("m0")
        sale.wait(.seconds(200))
        var draft = Sale.draft(capacity: 100, now: sale.now, opensIn: 9_000)
        draft.room.opensAt = sale.now
        #expect(sale.importConcerts(draft) == "1: 1")
        #expect(sale.placeOf("m0").status == .waiting && sale.placeOf("m0").rank == nil)
        #expect(sale.placeOf("m0").opensAt == sale.now + .seconds(9_000))
    }

    @Test("a restart keeps who was called before the line, and the pace of who has paid and gone")
    func restartKeepsOrder() {
        var sale = Self.crowd(3, capacity: 1)
        _ = sale.join("m0")
        sale.member("away", connected: false)
        _ = sale.join("away")
        _ = sale.join("m1")
        sale.wait(.seconds(100))
        _ = sale.leave("m0")
        #expect(sale.placeOf("away").status == .called && sale.placeOf("m1").status == .active)
        _ = sale.join("m2")
        sale.restart(after: .seconds(620))
        #expect(sale.placeOf("away").status == .active, "everybody counts as back, and the called one is next")
        #expect(sale.placeOf("m2").status == .waiting)
        sale.connect("m2")
        sale.wait(.seconds(61))
        #expect(sale.placeOf("away").status == .called, "no sign of life")
        #expect(sale.placeOf("m2").status == .active)

        var paced = Self.crowd(2)
        paced.room(admissionsPerMinute: 1)
        let start = paced.now
        _ = paced.join("m0")
        paced.wait(.seconds(20))
        _ = paced.leave("m0")
        paced.restart(after: .seconds(5))
        paced.connect("m1")
        #expect(paced.join("m1") == "waiting 1/1")
        paced.wait(.seconds(60))
        #expect(paced.noticeTimes("m1", .admitted, since: start) == [60])
    }

    // MARK: Who may be in it

    @Test("who is removed loses the token and what is held, and is told why; barred, they stay out")
    func removal() {
        var sale = Self.crowd(2, capacity: 1)
        #expect(sale.join("m0") == "active")
        #expect(sale.hold("m0", 0) == "held 1")
        _ = sale.join("m1")
        #expect(sale.remove("nobody") == "unknownMember")
        #expect(sale.remove("m0", reason: "") == "badRequest")
        #expect(sale.remove("m0", reason: "two\nlines") == "badRequest")
        #expect(sale.remove("m0", reason: String(repeating: "x", count: 501)) == "badRequest")
        _ = sale.remove("m0", reason: String(repeating: "x", count: 500))
        #expect(sale.placeOf("m0").status == .removed)
        #expect(sale.seat(0) == .available)
        #expect(sale.placeOf("m1").status == .active, "the next is in at once")
        #expect(sale.noticeNames("m0").suffix(2) == ["released", "tokenRemoved"])
        #expect(sale.remove("m0") == "notQueued")
        #expect(sale.join("m0") == "waiting 1/1", "removed is not barred")

        _ = sale.remove("m0", bar: true)
        #expect(sale.join("m0") == "barred")
        sale.restart()
        sale.connect("m0")
        #expect(sale.join("m0") == "barred")
        #expect(sale.allow("m1") == "notBarred")
        _ = sale.allow("m0")
        #expect(sale.join("m0") == "waiting 1/1")
    }

    @Test("every change is recorded: who, when, from, to; what stays is not")
    func recorded() {
        var sale = Self.crowd(2)
        sale.room(capacity: 100)
        sale.room(capacity: 50, mode: .queue, message: "soon")
        _ = sale.join("m1")
        _ = sale.remove("m1", bar: true, reason: "a bot")
        let at = sale.now
        let rows = sale.facts.compactMap { if case .roomChange(let row) = $0 { row } else { nil } }
        #expect(
            rows.map { "\($0.id) \($0.subject.name) \($0.from) > \($0.to) \($0.reason ?? "")" } == [
                "1 mode open > queue ", "2 capacity 100 > 50 ", "3 message  > soon ", "4 barred active > removed a bot",
            ])
        #expect(rows.allSatisfy { $0.by == nil && $0.at == at })
        #expect(rows.map(\.member) == [nil, nil, nil, sale.members["m1"]!])
    }

    @Test("arguments at their bounds")
    func bounds() {
        var sale = Self.crowd(0)
        #expect(sale.room(admissionsPerMinute: 600_000) == "open 100")
        #expect(sale.room(admissionsPerMinute: 600_001) == "badRequest")
        #expect(sale.room(idleSeconds: 9) == "badRequest")
        #expect(sale.room(idleSeconds: 10) == "open 100")
        #expect(sale.room(idleSeconds: 86_401) == "badRequest")
        #expect(sale.room(message: String(repeating: "é", count: 250)) == "open 100")
        #expect(sale.room(message: String(repeating: "é", count: 250) + "x") == "badRequest")
        #expect(sale.room(message: "\u{1B}[2J") == "badRequest")
        #expect(sale.room(mode: .unknown(9)) == "badRequest")
    }
}
