import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

/// A start reads the rows and is where the last run was (docs/architecture.md, The engine).
@Suite("Load")
struct LoadTests {
    /// Everything that can be asked of an engine, as text by question. Presence, measured rates and versions of maps
    /// are of the run.
    private func observed(_ engine: Engine, at now: Instant) -> [String: String] {
        var told: [String: String] = [:]
        let catalogue = engine.catalogue()
        told["catalogue"] = "\(catalogue)"
        told["members"] = "\(engine.memberCount)"
        for plan in catalogue.plans { told["labels \(plan.id)"] = "\(engine.labels(of: plan.id))" }
        for date in catalogue.performances {
            told["map \(date.id)"] = "\(engine.seatMap(of: date.id)!.statuses)"
            told["availability \(date.id)"] = "\(engine.availability(of: date.id))"
        }
        for concert in catalogue.concerts {
            told["room \(concert.id)"] = "\(engine.roomFigures(of: concert.id, at: Instant(0))!.lasting)"
            let gate = engine.gate(of: concert.id)
            told["gate \(concert.id)"] = "\(gate.isFull) \(gate.active.sorted())"
        }
        for (member, state) in engine.members {
            told["account \(member)"] =
                "\(engine.account(of: member)!) \(engine.credentials(nameKey: state.row.nameKey)!)"
            told["balance \(member)"] = "\(engine.balance(of: .member(member)))"
            told["notices \(member)"] = "\(engine.noticeRows(of: member, after: 0, limit: .max))"
            told["newest \(member)"] = "\(engine.newestNotice(of: member))"
            told["sessions \(member)"] = "\(state.sessions.map { engine.sessions[$0]!.row })"
            var seats: [PerformanceID: UInt32] = [:]
            state.seats.visit { seats[$0] = $1 }
            told["holds \(member)"] = "\(state.holds) \(seats.sorted { $0.key < $1.key })"
            for concert in catalogue.concerts {
                guard var place = engine.place(of: member, in: concert.id, at: now) else { continue }
                (place.waitSecondsMin, place.waitSeconds, place.waitSecondsMax) = (nil, nil, nil)
                told["place \(member) \(concert.id)"] = "\(place)"
            }
        }
        for reservation in engine.reservations.values {
            told["reservation \(reservation.id)"] = "\(engine.told(reservation))"
        }
        told["payments"] = "\(engine.payments.values.sorted { $0.id < $1.id })"
        told["operations"] = "\(engine.operations.values.sorted { $0.id < $1.id })"
        told["floor"] = "\(engine.operationFloor)"
        // Numbers of sessions are never told, and may be given again once all newer ones have ended.
        var next = engine.identifiers
        next.session = 0
        told["next"] = "\(next)"
        told["tickets"] = "\(engine.rooms.sorted { $0.key < $1.key }.map(\.value.nextTicket))"
        return told
    }

    private func expectSame(_ sale: Sale, _ what: String) {
        let loaded = StoredRows(sale.facts).engine(sale.engine.configuration)
        let (before, after) = (observed(sale.engine, at: sale.now), observed(loaded, at: sale.now))
        for question in Set(before.keys).union(after.keys).sorted() {
            #expect(before[question] == after[question], "\(what): \(question)")
        }
        #expect(loaded.brokenInvariant() == nil)
    }

    @Test("a new engine answers everything as the old one, after each step of a sale")
    func everyStep() {
        var sale = Sale(capacity: 2)
        expectSame(sale, "imported")
        let names = ["ann", "bob", "cid", "dan", "eva"]
        for name in names { sale.member(name, points: 1_000) }
        for name in names { _ = sale.join(name) }
        expectSame(sale, "joined")
        sale.disconnect("cid")
        sale.wait(.seconds(61))
        _ = sale.hold("ann", 0, 1)
        _ = sale.hold("bob", 2)
        _ = sale.hold("bob", 3, 4)
        expectSame(sale, "held")
        _ = sale.pay("ann", 1)
        #expect(sale.place("dan") == "active")
        expectSame(sale, "paid, cid called")
        _ = sale.release("bob", 2)
        _ = sale.leave("eva")
        _ = sale.block(20, 21)
        expectSame(sale, "released, left, blocked")
        sale.wait(.seconds(400))
        _ = sale.refund(1)
        expectSame(sale, "expired, refunded")
        _ = sale.join("ann")
        sale.room(capacity: 9, mode: .paused, activeSeconds: 77, callWindowSeconds: 5)
        _ = sale.importConcerts(
            Sale.draft(capacity: 4, now: sale.now, opensIn: 99, prices: ["A": Points(7), "B": Points(8)]))
        expectSame(sale, "tuned and imported anew")
        _ = sale.subscribe(sale.sessions["ann"]!)
        for _ in 0..<100 { sale.ask("ann", .charge(Charge(operation: sale.key(), amount: Points(1)))) }
        sale.acknowledge(sale.sessions["ann"]!, through: sale.engine.newestNotice(of: sale.members["ann"]!))
        expectSame(sale, "notices pruned")
        sale.wait(.seconds(4 * 86_400))
        expectSame(sale, "operations pruned, windows and sessions over")
        sale.wait(.seconds(40 * 86_400))
        expectSame(sale, "old notices pruned")
    }

    @Test("deadlines go on from where they were, to the microsecond")
    func deadlines() {
        var sale = Sale(capacity: 1)
        sale.member("ann", points: 100)
        sale.member("bob")
        let start = sale.now
        _ = sale.join("ann")
        _ = sale.join("bob")
        sale.wait(.seconds(400))
        _ = sale.hold("ann", 0)
        sale.restart(after: .seconds(100))
        sale.connect("ann")
        sale.connect("bob")
        sale.wait(.seconds(200) + Microseconds(-1))
        #expect(sale.seat(0) == .held)
        sale.wait(Microseconds(1))
        #expect(sale.seat(0) == .available)
        #expect(sale.noticeTimes("ann", .activeEnding, since: start) == [540])
        #expect(sale.noticeTimes("ann", .holdEnding, since: start) == [640])
        #expect(sale.noticeTimes("ann", .holdExpired, since: start) == [700])
        #expect(sale.noticeTimes("ann", .tokenExpired, since: start) == [700])
        #expect(sale.noticeTimes("bob", .admitted, since: start) == [700])
    }

    @Test("what came due while the server was away is done at the start, with the deadline as its time")
    func dueMeanwhile() {
        var sale = Sale(capacity: 1, opensIn: 100)
        sale.member("ann", points: 100)
        sale.member("bob")
        _ = sale.join("ann")
        _ = sale.join("bob")
        sale.restart(after: .seconds(1_000))
        #expect(sale.placeOf("ann").status == .active)
        #expect(sale.placeOf("bob").status == .waiting)
        sale.connect("ann")
        _ = sale.hold("ann", 0)
        let deadline = sale.now + .seconds(300)
        sale.restart(after: .seconds(2_000))
        #expect(sale.placeOf("ann").status == .expired)
        #expect(sale.seat(0) == .available)
        #expect(sale.engine.reservations[ReservationID(1)]!.endedAt == deadline)
        #expect(sale.noticeNames("ann") == ["charged", "admitted", "held", "holdExpired", "tokenExpired"])
        #expect(sale.placeOf("bob").status == .active)
    }

    @Test("time does not go back over a restart, whatever the wall clock says")
    func clockSetBack() {
        var sale = Sale()
        sale.member("ann")
        _ = sale.join("ann")
        _ = sale.hold("ann", 0)
        let heldAt = sale.now
        sale.engine = StoredRows(sale.facts).engine(sale.engine.configuration)
        sale.now = sale.now + -.seconds(10_000)
        sale.withEngine { $0.loadedAndWoken(at: $1, into: &$2) }
        sale.connect("ann")
        guard
            case .response(.reservationState(let state), _) = sale.ask(
                "ann", .getReservation(GetReservation(reservation: ReservationID(1))))
        else {
            Issue.record("no reservation")
            return
        }
        #expect(state.now == heldAt)
        #expect(state.remainingMilliseconds == 300_000)
    }

    @Test("a map's version goes on rising over a restart")
    func versions() {
        var sale = Sale()
        sale.member("ann")
        _ = sale.join("ann")
        for _ in 0..<5 {
            _ = sale.hold("ann", 0)
            _ = sale.release("ann", sale.engine.reservationNumbers - 1)
        }
        let before = sale.engine.seatMap(of: Sale.date)!.version
        sale.restart(after: .milliseconds(1))
        #expect(sale.engine.seatMap(of: Sale.date)!.version > before)
    }

    @Test("memory says what the rows say, until what came due meanwhile is carried out")
    func dueAfterALoad() {
        var sale = Sale()
        sale.member("ann")
        _ = sale.join("ann")
        _ = sale.hold("ann", 0)
        let id = ReservationID(sale.engine.reservationNumbers - 1)
        sale.now = sale.now + .seconds(400)
        sale.reload()
        sale.engine.loaded(at: sale.now)
        #expect(sale.engine.brokenInvariant() == nil)
        #expect(sale.seat(0) == .held)
        #expect(sale.engine.nextDeadline! <= sale.now)
        let ann = Actor.member(sale.members["ann"]!, session: sale.sessions["ann"]!)
        let question = Command(
            actor: ann, action: .request(.getReservation(GetReservation(reservation: id))),
            digest: Bytes16(high: 0, low: 1))
        func status(_ reply: Reply?) -> ReservationStatus? {
            if case .response(.reservationState(let state), _) = reply { state.reservation.status } else { nil }
        }
        // Asked while nothing can be written, and then in the usual way.
        #expect(status(sale.engine.answerWithoutChange(to: question, at: sale.now)) == .held)
        var effects = Effects()
        #expect(status(sale.engine.decide(question, at: sale.now, into: &effects)) == .expired)
        #expect(sale.seat(0) == .available)
        let charge = Charge(operation: sale.key(), amount: Points(5))
        let change = Command(actor: ann, action: .request(.charge(charge)), digest: Bytes16(high: 0, low: 2))
        #expect(sale.engine.answerWithoutChange(to: change, at: sale.now) == nil)
    }

    @Test("a start on an empty file, twice")
    func empty() {
        var engine = Engine(configuration: EngineConfiguration())
        var effects = Effects()
        engine.loadedAndWoken(at: Instant(seconds: 1_800_000_000), into: &effects)
        #expect(effects.facts.allSatisfy { if case .operationsPruned = $0 { true } else { false } })
        #expect(engine.nextDeadline == Instant(seconds: 1_800_003_600))
        #expect(engine.catalogue().concerts.isEmpty)
        #expect(engine.seatMap(of: PerformanceID(1)) == nil)
        #expect(engine.roomFigures(of: ConcertID(1), at: Instant(0)) == nil)
        #expect(engine.gate(of: ConcertID(1)) == RoomGate(isFull: false, active: []))
        #expect(engine.place(of: MemberID(1), in: ConcertID(1), at: .distantPast) == nil)
    }
}
