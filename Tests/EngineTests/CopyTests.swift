import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

/// Arrays are values: whoever has one in hand while it changes pays for a copy. A hall has thousands of seats and a line
/// thousands of members, so the hot paths must change theirs in place.
@Suite("Copies")
struct CopyTests {
    private func addresses(_ engine: Engine) -> [Int] {
        let state = engine.performances[Sale.date]!
        return [
            state.owners.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) },
            state.statuses.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) },
        ] + engine.rooms[Sale.concert]!.line.addresses
    }

    @Test("hold, release, pay, refund, expiry, queueing: nothing large is copied")
    func inPlace() {
        var sale = Sale(capacity: 2)
        let names = ["ann", "bob", "cid", "dan", "eva"]
        for name in names { sale.member(name, points: 1_000) }
        for name in names { _ = sale.join(name) }
        let before = addresses(sale.engine)
        #expect(Set(before).count == 5)
        let steps: [(String, (inout Sale) -> String)] = [
            ("held 1", { $0.hold("ann", 0) }), ("seatTaken(0)", { $0.hold("bob", 0) }),
            ("released 1", { $0.release("ann", 1) }), ("held 2", { $0.hold("ann", 0, 1) }),
            ("paid 200, left 800", { $0.pay("ann", 2) }), ("refunded 200", { $0.refund(2) }),
            ("left", { $0.leave("eva") }), ("blocked 1", { $0.block(9) }), ("paused 2", { $0.room(mode: .paused) }),
            ("open 3", { $0.room(capacity: 3, mode: .open) }), ("held 3", { $0.hold("bob", 3) }),
            (
                "waiting 1/0",
                { sale in
                    sale.wait(.seconds(300))
                    return "waiting \(1)/\(sale.placeOf("bob").waiting)"
                }
            ),
        ]
        for (word, step) in steps {
            #expect(step(&sale) == word)
            let now = addresses(sale.engine)
            #expect(now.prefix(2) == before.prefix(2), "\(word): seats")
            if sale.engine.rooms[Sale.concert]!.line.count > 0 { #expect(now == before, "\(word): line") }
        }
    }

    @Test("an on-sale in the thousands: every step costs a little, not a hall")
    func large() {
        var sale = Sale(capacity: 500)
        let hall = Hall(
            name: "Arena", categories: ["A"],
            rows: (0..<120).map { row in
                HallRow(
                    zone: "", row: "\(row)",
                    seats: (0..<100).map {
                        HallSeat(number: "\($0)", guid: "\(row)-\($0)", category: 0, x: 0, y: 0)
                    })
            }, digest: Digest(Bytes32(first: Bytes16(high: 0, low: 0), second: Bytes16(high: 0, low: 0))))
        _ = sale.importPlan(hall)
        var draft = Sale.draft(capacity: 500, now: sale.now, prices: ["A": Points(1)])
        draft.dates[0].plan = "Arena"
        #expect(sale.importConcerts(draft) == "1: 1")
        for number in 0..<1_000 {
            let name = "m\(number)"
            sale.member(name, points: 10)
            _ = sale.join(name)
        }
        for number in 0..<1_000 {
            let name = "m\(number)"
            #expect(sale.hold(name, UInt32(12 * number), UInt32(12 * number + 1)) == "held \(number + 1)")
            #expect(sale.pay(name, UInt64(number + 1)) == "paid 2, left 8")
        }
        #expect(sale.engine.roomFigures(of: Sale.concert, at: sale.now)!.seatsSold == 2_000)
        #expect(sale.engine.brokenInvariant() == nil)
        // Nothing is pending for what is over: sessions, housekeeping, the opening.
        #expect(sale.engine.deadlines.count <= 1_000 + 2)
        #expect(sale.engine.deadlines.heapCount <= 2 * sale.engine.deadlines.count + 64)
    }
}
