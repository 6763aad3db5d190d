import BoxOfficeEngine
import BoxOfficeProtocol
import Testing

/// What is refused from what is published of a member is what the engine would have refused, and nothing else is.
@Suite("Insider")
struct InsiderTests {
    /// The key comes from the test, so that it can be any.
    private static func hold(_ sale: Sale, _ stampedAt: Instant, _ seats: UInt32...) -> Hold {
        let random = Bytes16(high: UInt64(seats[0]), low: 77)
        return Hold(
            operation: OperationKey(at: stampedAt, random: random), performance: Sale.date,
            seats: seats.map { SeatIndex($0) })
    }

    private static func refusal(
        of hold: Hold, by name: String, in sale: Sale, seatsOnTheWay: Int = 0, at now: Instant? = nil
    ) -> Refusal? {
        sale.engine.insider(sale.members[name]!)?.lostRace(
            of: hold, map: sale.engine.seatMap(of: Sale.date)!, on: sale.engine.catalogue().performances[0],
            seatsOnTheWay: seatsOnTheWay, configuration: sale.engine.configuration, at: now ?? sale.now)
    }

    /// Ann has seat 0, bob may hold, and a minute has passed.
    private static func sale(_ configure: (inout EngineConfiguration) -> Void = { _ in }) -> Sale {
        var configuration = EngineConfiguration()
        configuration.seatsPerMemberMax = 3
        configuration.holdSeconds = 86_400
        configuration.activeSeconds = 86_400 * 2
        configure(&configuration)
        var sale = Sale(configuration: configuration)
        for name in ["ann", "bob", "cat"] { sale.member(name, points: 500) }
        for name in ["ann", "bob"] { _ = sale.join(name) }
        _ = sale.hold("ann", 0)
        sale.wait(.seconds(60))
        return sale
    }

    @Test("seats that are taken are refused, one's own too, and all of them named")
    func taken() {
        var sale = Self.sale()
        _ = sale.hold("bob", 1)
        sale.wait(.seconds(1))
        let cases: [(seats: [UInt32], taken: [UInt32])] = [([0], [0]), ([1], [1]), ([1, 0], [0, 1])]
        for (seats, taken) in cases {
            var hold = Self.hold(sale, sale.now, 0)
            hold.seats = seats.map { SeatIndex($0) }
            #expect(
                Self.refusal(of: hold, by: "bob", in: sale) == Refusal(.seatTaken, seats: taken.map { SeatIndex($0) }))
        }
    }

    @Test("what has another answer is the engine's: free, blocked and unknown seats, no turn, too many seats, no sale")
    func othersAnswers() {
        var sale = Self.sale()
        let block = BlockSeats(operation: sale.key(), performance: Sale.date, seats: [SeatIndex(9)])
        _ = sale.decide(.local, .request(.blockSeats(block)))
        let now = sale.now
        #expect(Self.refusal(of: Self.hold(sale, now, 0), by: "bob", in: sale) != nil)
        #expect(Self.refusal(of: Self.hold(sale, now, 2), by: "bob", in: sale) == nil)
        #expect(Self.refusal(of: Self.hold(sale, now, 0, 9), by: "bob", in: sale) == nil)
        #expect(Self.refusal(of: Self.hold(sale, now, 0, 99), by: "bob", in: sale) == nil)
        #expect(Self.refusal(of: Self.hold(sale, now, 0), by: "cat", in: sale) == nil)
        #expect(Self.refusal(of: Self.hold(sale, now, 0, 1, 2), by: "bob", in: sale) != nil)
        #expect(Self.refusal(of: Self.hold(sale, now, 0, 1, 2, 3), by: "bob", in: sale) == nil)
        #expect(Self.refusal(of: Self.hold(sale, now, 0), by: "bob", in: sale, seatsOnTheWay: 2) != nil)
        #expect(Self.refusal(of: Self.hold(sale, now, 0), by: "bob", in: sale, seatsOnTheWay: 3) == nil)
        _ = sale.hold("bob", 4, 5)
        #expect(Self.refusal(of: Self.hold(sale, now + .seconds(1), 0), by: "bob", in: sale) != nil)
        #expect(Self.refusal(of: Self.hold(sale, now + .seconds(1), 0, 1), by: "bob", in: sale) == nil)
        let closesAt = sale.engine.catalogue().performances[0].saleClosesAt
        for (at, isRefused) in [(Microseconds(-1), true), (Microseconds(0), false)] {
            var late = Self.sale { $0.activeSeconds = 86_400 * 30 }
            late.now = closesAt + at
            let refusal = Self.refusal(of: Self.hold(late, late.now, 0), by: "bob", in: late)
            #expect((refusal != nil) == isRefused)
        }
    }

    @Test("the turn is over with the active time, to the microsecond, and with a payment")
    func turn() {
        var sale = Self.sale { $0.activeSeconds = 600 }
        guard let until = sale.engine.place(of: sale.members["bob"]!, in: Sale.concert, at: sale.now)?.activeUntil
        else { return #expect(Bool(false), "bob is not inside") }
        let (hold, before) = (Self.hold(sale, sale.now, 0), until + Microseconds(-1))
        #expect(Self.refusal(of: hold, by: "bob", in: sale, at: before) != nil)
        #expect(Self.refusal(of: hold, by: "bob", in: sale, at: until) == nil)
        _ = sale.hold("bob", 1)
        #expect(sale.pay("bob", 2) == "paid 100, left 400")
        sale.wait(.seconds(1))
        #expect(sale.engine.insider(sale.members["bob"]!) == nil)
        #expect(sale.engine.insiders.keys.sorted() == [sale.members["ann"]!])
    }

    @Test("keys that may have been used, or that are too old or too far ahead, are the engine's")
    func keys() {
        var sale = Self.sale { $0.operationBehindSeconds = 3_600 }
        let usedAt = Instant(sale.now.rawValue / 1_000 * 1_000)
        _ = sale.ask("bob", .charge(Charge(operation: sale.key(), amount: Points(5))))
        sale.wait(.seconds(2))
        let millisecond = Microseconds(1_000)
        let ahead = Microseconds.seconds(sale.engine.configuration.operationAheadSeconds)
        for (stampedAt, isRefused) in [
            (usedAt + Microseconds(-1_000), false), (usedAt, false), (usedAt + millisecond, true),
            (sale.now + ahead, true), (sale.now + ahead + millisecond, false),
        ] {
            let refusal = Self.refusal(of: Self.hold(sale, stampedAt, 0), by: "bob", in: sale)
            #expect((refusal != nil) == isRefused, "stamped \(stampedAt), used \(usedAt)")
        }
        let key = Self.hold(sale, usedAt + millisecond, 0)
        #expect(Self.refusal(of: key, by: "bob", in: sale, at: usedAt + millisecond + .seconds(3_600)) != nil)
        #expect(Self.refusal(of: key, by: "bob", in: sale, at: usedAt + millisecond + .seconds(3_601)) == nil)
        var noKey = key
        noKey.operation = OperationKey(Bytes16(high: .max, low: 0))
        #expect(Self.refusal(of: noKey, by: "bob", in: sale) == nil)
        // It is known after a start as well.
        sale.engine = StoredRows(sale.facts).engine(sale.engine.configuration)
        #expect(Self.refusal(of: Self.hold(sale, usedAt, 0), by: "bob", in: sale) == nil)
        #expect(Self.refusal(of: Self.hold(sale, usedAt + millisecond, 0), by: "bob", in: sale) != nil)
    }

    @Test("a random sale: what is published refuses as the engine does, and most lost races", arguments: 1...10)
    func asTheEngine(seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed))
        var configuration = EngineConfiguration()
        configuration.seatsPerMemberMax = 3
        var sale = Sale(capacity: 4, configuration: configuration)
        let names = (0..<8).map { "member\($0)" }
        for name in names { sale.member(name, points: 5_000) }
        // As the server publishes it: of those whom a fact is about, and all after a start.
        var published: [MemberID: Insider] = [:]
        var factsSeen = sale.facts.count
        var used: [OperationKey] = []
        var counts = (refused: 0, lost: 0, replayed: 0)
        for step in 0..<3_000 {
            sale.wait(Microseconds(Int64.random(in: 0...3_000_000, using: &generator)))
            let name = names.randomElement(using: &generator)!
            let next = sale.engine.reservationNumbers
            let recent = UInt64.random(in: (next - min(next, 4))...next, using: &generator)
            publish(&published, &factsSeen, sale)
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<20: _ = sale.join(name)
            case 20..<23: _ = sale.leave(name)
            case 23..<30: for name in names { _ = sale.pay(name, recent) }
            case 30..<36: for name in names { _ = sale.release(name, recent) }
            case 36: restart(&sale, &published)
            default:
                let isRetry = !used.isEmpty && Int.random(in: 0..<10, using: &generator) == 0
                let key = isRetry ? used.randomElement(using: &generator)! : sale.key()
                let count = Int.random(in: 1...2, using: &generator)
                let seats = (0..<count).map { _ in SeatIndex(UInt32.random(in: 0..<30, using: &generator)) }
                guard Set(seats).count == count else { continue }
                let hold = Hold(operation: key, performance: Sale.date, seats: seats)
                let told = published[sale.members[name]!]?.lostRace(
                    of: hold, map: sale.engine.seatMap(of: Sale.date)!, on: sale.engine.catalogue().performances[0],
                    seatsOnTheWay: 0, configuration: configuration, at: sale.now)
                let reply = sale.ask(name, .hold(hold))
                if let told { #expect(reply == .refused(told), "seed \(seed), step \(step)") }
                switch reply {
                case .refused(let refusal) where refusal.code == .seatTaken:
                    counts.lost += 1
                    counts.refused += told == nil ? 0 : 1
                case .response(_, let replayed):
                    counts.replayed += replayed ? 1 : 0
                    used.append(key)
                default: break
                }
            }
        }
        // A tenth of the keys are old, of another member's mostly: those are the engine's.
        #expect(counts.lost > 40 && counts.replayed > 0, "\(counts)")
        #expect(counts.refused * 10 > counts.lost * 8, "\(counts)")
    }

    private func publish(_ published: inout [MemberID: Insider], _ factsSeen: inout Int, _ sale: Sale) {
        for member in sale.facts[factsSeen...].compactMap(\.changedInsider) {
            published[member] = sale.engine.insider(member)
        }
        factsSeen = sale.facts.count
    }

    private func restart(_ sale: inout Sale, _ published: inout [MemberID: Insider]) {
        var effects = Effects()
        sale.engine = StoredRows(sale.facts).engine(sale.engine.configuration)
        sale.engine.loadedAndWoken(at: sale.now, into: &effects)
        sale.collect(effects)
        published = sale.engine.insiders
    }
}
