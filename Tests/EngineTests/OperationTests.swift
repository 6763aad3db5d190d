import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

/// A retry never acts twice (docs/domain.md, Rules).
@Suite("Operations")
struct OperationTests {
    @Test("a key belongs to its member: the same key of another is another")
    func owners() {
        var sale = Sale()
        sale.member("ann")
        sale.member("bob")
        let charge = Request.charge(Charge(operation: sale.key(), amount: Points(7)))
        for (name, balance) in [("ann", 7), ("bob", 7), ("ann", 7), ("bob", 7)] {
            #expect(sale.word(sale.ask(name, charge)) == "charged 7")
            #expect(sale.balance(name) == Int64(balance))
        }
        // The local socket has keys of its own, too.
        let room = Request.setRoom(SetRoom(operation: sale.key(), concert: Sale.concert, capacity: 5))
        #expect(sale.operate(room) == "open 5")
        sale.room(capacity: 6)
        #expect(sale.operate(room) == "open 5")
        #expect(sale.engine.roomFigures(of: Sale.concert, at: sale.now)!.settings.capacity == 6)
    }

    @Test("a sign-up's key belongs to its name: there is no member yet")
    func signUp() {
        var sale = Sale()
        let key = sale.key()
        func signUp(_ sale: inout Sale, _ name: String, key: OperationKey) -> (String, Bool) {
            let request = SignUp(operation: key, name: name, password: Secret("x"))
            let reply = sale.decide(.guest, .signUp(request, nameKey: name, passwordHash: "hash"))
            if case .response(_, let replayed) = reply { return (sale.word(reply), replayed) }
            return (sale.word(reply), false)
        }
        #expect(signUp(&sale, "ann", key: key) == ("account", false))
        #expect(signUp(&sale, "ann", key: key) == ("account", true))
        #expect(signUp(&sale, "bob", key: key) == ("account", false))
        #expect(signUp(&sale, "ann", key: sale.key()) == ("nameTaken", false))
        #expect(sale.engine.memberCount == 2)
    }

    @Test("what was refused may succeed later under the same key")
    func refusedIsNotStored() {
        var sale = Sale()
        sale.member("ann", points: 10)
        _ = sale.join("ann")
        _ = sale.hold("ann", 0)
        let pay = Request.pay(Pay(operation: sale.key(), reservation: ReservationID(1)))
        #expect(sale.word(sale.ask("ann", pay)) == "insufficientPoints")
        sale.ask("ann", .charge(Charge(operation: sale.key(), amount: Points(90))))
        #expect(sale.word(sale.ask("ann", pay)) == "paid 100, left 0")
        #expect(sale.word(sale.ask("ann", pay)) == "paid 100, left 0")
        #expect(sale.balance("ann") == 0)
    }

    @Test("each change is done once, however often it is asked for", arguments: [false, true])
    func once(restarts: Bool) {
        var sale = Sale(capacity: 1)
        sale.member("ann", points: 1_000)
        let session = sale.sessions["ann"]!
        let seat = [SeatIndex(0)]
        let requests: [Request] = [
            .joinQueue(JoinQueue(operation: sale.key(), concert: Sale.concert)),
            .hold(Hold(operation: sale.key(), performance: Sale.date, seats: seat)),
            .hold(Hold(operation: sale.key(), performance: Sale.date, seats: [SeatIndex(1)])),
            .release(Release(operation: sale.key(), reservation: ReservationID(2))),
            .pay(Pay(operation: sale.key(), reservation: ReservationID(1))),
            .leaveQueue(LeaveQueue(operation: sale.key(), concert: Sale.concert)),
        ]
        var first: [Reply] = []
        for request in requests { first.append(sale.ask("ann", request)) }
        let notices = sale.noticeNames("ann")
        for (request, reply) in zip(requests, first) {
            if restarts {
                sale.restart(after: Microseconds(1))
                sale.connect("ann")
            }
            #expect(sale.sessions["ann"] == session)
            let again = sale.ask("ann", request)
            guard case .response(_, let replayed) = again else {
                Issue.record("\(request.opcode.name): \(again)")
                continue
            }
            #expect(replayed, "\(request.opcode.name)")
            #expect(sale.word(again) == sale.word(reply), "\(request.opcode.name)")
        }
        #expect(sale.noticeNames("ann") == notices)
        #expect(sale.balance("ann") == 900)
    }

    @Test("a hold is answered as it was made, whatever became of it; one from an older version as it was kept")
    func hold() throws {
        var sale = Sale()
        sale.member("ann", points: 1_000)
        _ = sale.join("ann")
        let hold = Request.hold(Hold(operation: sale.key(), performance: Sale.date, seats: [SeatIndex(0)]))
        guard case .response(let first, _) = sale.ask("ann", hold) else { return }
        #expect(sale.pay("ann", 1) == "paid 100, left 900")
        let answers = [sale.engine, StoredRows(sale.facts).engine(sale.engine.configuration)].map {
            $0.settled(sale.command("ann", hold), at: sale.now)
        }
        #expect(answers == [.response(first, replayed: true), .response(first, replayed: true)])

        guard
            case .operation(var row) = sale.facts.last(where: {
                if case .operation(let row) = $0 { row.opcode == .hold } else { false }
            })
        else { return }
        #expect(row.result == .hold(ReservationID(1)) && row.result.bytes.count == 8)
        row.id += 100
        row.key = sale.key()
        var writer = WireWriter()
        first.encode(into: &writer)
        row.result = .response(writer.bytes)
        sale.engine.apply(.operation(row))
        let older = Request.hold(Hold(operation: row.key, performance: Sale.date, seats: [SeatIndex(0)]))
        #expect(sale.engine.settled(sale.command("ann", older), at: sale.now) == .response(first, replayed: true))
    }

    @Test("a replayed hold counts down from now, and never below zero")
    func freshTimes() {
        var sale = Sale()
        sale.member("ann")
        _ = sale.join("ann")
        let hold = Request.hold(Hold(operation: sale.key(), performance: Sale.date, seats: [SeatIndex(0)]))
        for (seconds, left) in [(Int64(0), UInt64(300_000)), (100, 200_000), (199, 1_000), (1, 0), (50, 0)] {
            sale.wait(.seconds(seconds))
            guard case .response(.reservationState(let state), _) = sale.ask("ann", hold) else {
                Issue.record("not held")
                return
            }
            #expect(state.remainingMilliseconds == left)
            #expect(state.now == sale.now)
        }
    }

    @Test("the same key for another kind of request, or another digest, is refused")
    func reused() {
        var sale = Sale()
        sale.member("ann", points: 1)
        let key = sale.key()
        #expect(sale.word(sale.ask("ann", .charge(Charge(operation: key, amount: Points(5))))) == "charged 5")
        let join = Request.joinQueue(JoinQueue(operation: key, concert: Sale.concert))
        #expect(sale.word(sale.ask("ann", join)) == "operationReused")
        let other = Request.charge(Charge(operation: key, amount: Points(6)))
        #expect(sale.word(sale.ask("ann", other, digest: 2)) == "operationReused")
        #expect(sale.balance("ann") == 6)
    }

    @Test("stamps: five minutes ahead at most, a day behind at most")
    func stamps() {
        var sale = Sale()
        sale.member("ann")
        sale.wait(.seconds(100_000))
        let floor = sale.engine.operationFloor
        #expect(floor > sale.now + -.seconds(86_400 + 3_600))
        for (stamp, word) in [
            (sale.now + .seconds(300), "charged 1"), (sale.now + .seconds(301), "badOperationKey"),
            (sale.now, "charged 1"), (floor + .milliseconds(1), "charged 1"),
            (floor + .milliseconds(-1), "operationExpired"), (Instant(0), "operationExpired"),
        ] {
            let key = OperationKey(at: stamp, random: Bytes16(high: 1, low: UInt64(bitPattern: stamp.rawValue)))
            #expect(sale.word(sale.ask("ann", .charge(Charge(operation: key, amount: Points(1))))) == word)
        }
    }

    @Test("the floor moves forward only, across restarts too")
    func floor() {
        var sale = Sale()
        var floors: [Instant] = []
        for step in 0..<30 {
            floors.append(sale.engine.operationFloor)
            if step.isMultiple(of: 5) { sale.restart() } else { sale.wait(.seconds(7_000)) }
        }
        #expect(floors == floors.sorted())
        // A wall clock that was set back does not take it along.
        let floor = sale.engine.operationFloor
        var engine = StoredRows(sale.facts).engine(sale.engine.configuration)
        var effects = Effects()
        engine.loadedAndWoken(at: sale.now + -.seconds(50_000), into: &effects)
        #expect(engine.operationFloor == floor)
    }

    @Test("no key above the floor ever loses its answer", arguments: 1...3)
    func pruning(seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed))
        var sale = Sale()
        sale.member("ann")
        var asked: [(request: Request, stampedAt: Instant)] = []
        for step in 0..<300 {
            let ahead = Int64.random(in: -3_600_000...300_000, using: &generator)
            let stamp = sale.now + .milliseconds(ahead)
            let key = OperationKey(at: stamp, random: Bytes16(high: UInt64(step), low: UInt64(step)))
            let charge = Request.charge(Charge(operation: key, amount: Points(1)))
            if sale.word(sale.ask("ann", charge)) == "charged 1" { asked.append((charge, key.stampedAt!)) }
            sale.wait(.seconds(Int64.random(in: 0...2_000, using: &generator)))
            if step % 60 == 59 {
                sale.restart()
                sale.connect("ann")
            }
        }
        let balance = sale.balance("ann")
        #expect(sale.engine.operations.count < asked.count)
        for (request, stampedAt) in asked {
            // Below the floor the row may be there still, and then it answers; above it must.
            let word = sale.word(sale.ask("ann", request))
            #expect(word == "charged 1" || word == "operationExpired" && stampedAt < sale.engine.operationFloor)
        }
        #expect(sale.balance("ann") == balance)
    }

    @Test("row numbers go on above what was pruned, also when a restart finds no row")
    func numbersGoOn() {
        var sale = Sale()
        sale.member("ann", points: 1)
        sale.wait(.seconds(3 * 86_400))
        #expect(sale.engine.operations.isEmpty)
        let next = sale.engine.identifiers.operation
        sale.restart()
        #expect(sale.engine.identifiers.operation == next)
        sale.wait(.seconds(7_200))
        guard case .operationsPruned(_, let row) = sale.facts.last else {
            Issue.record("not pruned")
            return
        }
        #expect(row == next - 1)
    }
}
