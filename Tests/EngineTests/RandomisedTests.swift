import BoxOfficeEngine
import BoxOfficeProtocol
import Testing

/// SplitMix64: small, seeded, the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite("Randomised")
struct RandomisedTests {
    /// 25 seeds of 4,400 commands: 110,000, with I1–I7 checked after every one, and now and then a restart from the
    /// facts alone that has to come out the same.
    @Test("I1–I7 hold after every step", arguments: 1...25)
    func invariants(seed: Int) {
        var generator = SeededGenerator(state: UInt64(seed))
        var configuration = EngineConfiguration()
        configuration.seatsPerMemberMax = 3
        var sale = Sale(capacity: UInt32.random(in: 1...5, using: &generator), configuration: configuration)
        let names = (0..<12).map { "member\($0)" }
        for name in names { sale.member(name, points: Int64.random(in: 1...2_000, using: &generator)) }
        var connected = Set(names)
        var answers: [String: Int] = [:]
        for step in 0..<4_400 {
            sale.now = sale.now + Microseconds(jump(&generator))
            let name = names.randomElement(using: &generator)!
            let word: String
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<20: word = sale.join(name)
            case 20..<24: word = sale.leave(name)
            case 24..<54:
                let seats = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                    UInt32.random(in: 0...30, using: &generator)
                }
                word = sale.word(
                    sale.ask(
                        name,
                        .hold(Hold(operation: sale.key(), performance: Sale.date, seats: seats.map { SeatIndex($0) }))))
            case 54..<72:
                let reservation = recent(sale, &generator)
                word = sale.pay(owner(of: reservation, in: sale, or: name, &generator), reservation)
            case 72..<76:
                let reservation = recent(sale, &generator)
                word = sale.release(owner(of: reservation, in: sale, or: name, &generator), reservation)
            case 76..<80:
                word = sale.word(
                    sale.ask(
                        name,
                        .charge(
                            Charge(operation: sale.key(), amount: Points(Int64.random(in: -5...300, using: &generator)))
                        )))
            case 80..<86:
                word = "presence"
                if connected.remove(name) != nil {
                    sale.disconnect(name)
                } else {
                    connected.insert(name)
                    sale.connect(name)
                }
            case 86..<92:
                let reservation = ReservationID(
                    UInt64.random(in: 1...sale.engine.reservationNumbers, using: &generator))
                word = sale.word(
                    sale.decide(.local, .request(.refund(Refund(operation: sale.key(), reservation: reservation)))))
            case 92..<95:
                word = "room"
                sale.decide(
                    .local,
                    .request(
                        .setRoom(
                            SetRoom(
                                operation: sale.key(), concert: Sale.concert,
                                mode: Int.random(in: 0..<4, using: &generator) > 0 ? .open : .paused,
                                capacity: UInt32.random(in: 0...5, using: &generator)))))
            case 95..<97:
                let seat = SeatIndex(UInt32.random(in: 0..<30, using: &generator))
                let key = sale.key()
                word = sale.word(
                    sale.decide(
                        .local,
                        .request(
                            Bool.random(using: &generator)
                                ? .blockSeats(BlockSeats(operation: key, performance: Sale.date, seats: [seat]))
                                : .unblockSeats(UnblockSeats(operation: key, performance: Sale.date, seats: [seat])))))
            default: word = sale.place(name)
            }
            answers[String(word.prefix { $0.isLetter }), default: 0] += 1
            if let broken = sale.engine.brokenInvariant() {
                Issue.record("seed \(seed), step \(step): \(broken)")
                return
            }
            // Nothing that is due is left undone, and nothing that is over stays pending.
            #expect(sale.engine.nextDeadline! > sale.now)
            if step % 500 == 499 { restart(&sale, connected: &connected, &generator) }
        }
        for word in ["held", "paid", "seatTaken", "queueRequired", "waiting", "holdExpired", "released"] {
            #expect(answers[word, default: 0] > 0, "seed \(seed) never saw \(word): \(answers)")
        }
        checkNumbering(sale.notices)
    }

    /// Mostly one of the newest reservations: those that may still be held.
    private func recent(_ sale: Sale, _ generator: inout SeededGenerator) -> UInt64 {
        let next = sale.engine.reservationNumbers
        let oldest = Int.random(in: 0..<4, using: &generator) == 0 ? 1 : next - min(next - 1, 6)
        return UInt64.random(in: oldest...next, using: &generator)
    }

    /// Mostly whose it is, now and then somebody else.
    private func owner(
        of reservation: UInt64, in sale: Sale, or other: String, _ generator: inout SeededGenerator
    ) -> String {
        guard Int.random(in: 0..<5, using: &generator) > 0 else { return other }
        let owner = sale.facts.lazy.reversed().compactMap { fact -> MemberID? in
            guard case .reservation(let row) = fact, row.id.rawValue == reservation else { return nil }
            return row.member
        }.first
        return sale.members.first { $0.value == owner }?.key ?? other
    }

    /// Mostly a few milliseconds to seconds, now and then minutes or hours.
    private func jump(_ generator: inout SeededGenerator) -> Int64 {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<80: Int64.random(in: 0...500_000, using: &generator)
        case 80..<99: Int64.random(in: 0...40_000_000, using: &generator)
        default: Int64.random(in: 0...3_600_000_000, using: &generator)
        }
    }

    /// A new engine from the facts alone has the same seats, balances and places.
    private func restart(
        _ sale: inout Sale, connected: inout Set<String>, _ generator: inout SeededGenerator
    ) {
        var engine = StoredRows(sale.facts).engine(sale.engine.configuration)
        #expect(engine.seatMap(of: Sale.date)?.statuses == sale.engine.seatMap(of: Sale.date)?.statuses)
        for member in sale.members.values {
            #expect(engine.newestNotice(of: member) == sale.engine.newestNotice(of: member))
            let before = sale.engine.place(of: member, in: Sale.concert, at: sale.now)
            let after = engine.place(of: member, in: Sale.concert, at: sale.now)
            #expect(before?.status == after?.status && before?.position == after?.position)
        }
        #expect(
            engine.roomFigures(of: Sale.concert, at: sale.now)?.lasting
                == sale.engine.roomFigures(of: Sale.concert, at: sale.now)?.lasting)
        // Away for a moment, or so long that everything has run out.
        sale.now = sale.now + Microseconds(jump(&generator) * 5)
        var effects = Effects()
        engine.loadedAndWoken(at: sale.now, into: &effects)
        sale.engine = engine
        sale.collect(effects)
        connected = []
    }

    /// I6 over all that was ever sent.
    private func checkNumbering(_ notices: [NoticeRow]) {
        var newest: [MemberID: UInt64] = [:]
        for notice in notices {
            #expect(notice.sequence == newest[notice.member, default: 0] + 1)
            newest[notice.member] = notice.sequence
        }
    }
}
