import BoxOfficeEngine
import BoxOfficeProtocol
import Testing

/// Those who join before the opening are drawn (spec/draw.md).
@Suite("The draw")
struct DrawTests {
    private static func waiting(_ count: Int, capacity: UInt32 = 0) -> Sale {
        var sale = Sale(capacity: capacity, opensIn: 600)
        for number in 0..<count {
            sale.member("m\(number)")
            _ = sale.join("m\(number)")
        }
        return sale
    }
    private static func draw(_ sale: Sale) -> Draw { sale.engine.draw(of: Sale.concert, at: sale.now)! }
    private static func positions(_ sale: Sale, _ count: Int) -> [UInt32] {
        (0..<count).map { sale.placeOf("m\($0)").position }
    }

    @Test("before the opening there are tickets and a commitment, and no seed, rank or position")
    func before() {
        var sale = Self.waiting(5)
        let draw = Self.draw(sale)
        #expect(draw.commitment == Sale.seed.commitment)
        #expect(draw.seed == nil && draw.drawnAt == nil && draw.tickets == 5)
        for number in 0..<5 {
            let place = sale.placeOf("m\(number)")
            #expect(place.ticket == UInt64(number) && place.rank == nil && place.position == 0 && place.waiting == 5)
        }
        #expect(sale.leave("m2") == "left")
        #expect(sale.join("m2") == "waiting 0/5")
        #expect(sale.placeOf("m2").ticket == 5, "a new ticket: the old one is drawn and nobody's")
    }

    @Test("at the opening everybody has the place that the seed gives their ticket; leavers move others up")
    func after() {
        var sale = Self.waiting(50)
        _ = sale.leave("m7")
        sale.wait(.seconds(600))
        let draw = Self.draw(sale)
        #expect(draw.seed == Sale.seed && draw.tickets == 50)
        #expect(draw.drawnAt == draw.opensAt)
        let order = DrawOrder(seed: draw.seed!, tickets: draw.tickets)
        for number in 0..<50 where number != 7 {
            let place = sale.placeOf("m\(number)")
            let rank = order.rank(of: UInt64(number))
            #expect(place.rank == rank)
            #expect(UInt64(place.position) == (rank > order.rank(of: 7) ? rank : rank + 1))
        }
        #expect(Self.positions(sale, 50).filter { $0 > 0 }.sorted() == Array(1...49))
        #expect(Self.positions(sale, 7) != Array(1...7), "drawn, and not as they came")
    }

    @Test("who joins later stands behind all of them, first come, first served")
    func later() {
        var sale = Self.waiting(10)
        sale.wait(.seconds(600))
        for name in ["late", "later"] {
            sale.member(name)
            _ = sale.join(name)
        }
        #expect(sale.placeOf("late").position == 11 && sale.placeOf("late").rank == 10)
        #expect(sale.placeOf("later").position == 12)
        _ = sale.leave("m0")
        _ = sale.join("m0")
        #expect(sale.placeOf("m0").position == 12, "leave and join goes to the end")
    }

    @Test("a restart keeps every place, before the draw and after it")
    func restart() {
        var sale = Self.waiting(20)
        sale.restart()
        for number in 0..<20 { sale.connect("m\(number)") }
        #expect(Self.positions(sale, 20) == Array(repeating: 0, count: 20))
        sale.wait(.seconds(600))
        let drawn = Self.positions(sale, 20)
        #expect(Set(drawn).count == 20)
        sale.restart()
        #expect(Self.positions(sale, 20) == drawn)
    }

    @Test("a server that was down at the opening draws when it is back")
    func downAtTheOpening() {
        var sale = Self.waiting(20)
        sale.restart(after: .seconds(3_600))
        let order = DrawOrder(seed: Sale.seed, tickets: 20)
        #expect(Self.positions(sale, 20) == (0..<20).map { UInt32(order.rank(of: $0)) + 1 })
    }

    @Test("it is made once: an opening that moves later afterwards draws nothing anew")
    func once() {
        var sale = Self.waiting(20)
        sale.wait(.seconds(600))
        let drawn = Self.positions(sale, 20)
        sale.room(capacity: 1, opensAt: sale.now + .seconds(600))
        sale.member("late")
        _ = sale.join("late")
        #expect(sale.placeOf("late").reason == .notOpen)
        sale.wait(.seconds(601))
        #expect(Self.draw(sale).tickets == 20)
        #expect(Self.positions(sale, 20) == drawn.map { $0 - 1 }, "one of them is in")
        #expect(sale.placeOf("late").position == 20)
    }

    @Test("a room that was open before anybody came has an empty draw")
    func alwaysOpen() {
        var sale = Sale(capacity: 0)
        #expect(Self.draw(sale).seed == nil, "the opening can still be set")
        sale.member("ann")
        #expect(sale.join("ann") == "waiting 1/1")
        // Drawn with the first to come: one ticket, one order.
        #expect(Self.draw(sale).tickets == 1 && Self.draw(sale).seed != nil)
        sale.member("bob")
        #expect(sale.join("bob") == "waiting 2/2")
    }

    @Test("a crowd at the opening is let in by rank, and absent ones do not hold it up")
    func crowd() {
        var sale = Sale(capacity: 1, opensIn: 600)
        // Present for nobody: they joined and went away more than a minute before the opening.
        for number in 0..<2_500 {
            sale.member("m\(number)", connected: false)
            _ = sale.join("m\(number)")
        }
        sale.wait(.seconds(540))
        sale.member("ann")
        _ = sale.join("ann")
        sale.wait(.seconds(60))
        let figures = sale.engine.roomFigures(of: Sale.concert, at: sale.now)!
        #expect(sale.placeOf("ann").status == .active || figures.called <= 1_000, "a thousand turns at once at most")
        sale.wait(.milliseconds(1))
        #expect(sale.placeOf("ann").status == .active)
    }
}
