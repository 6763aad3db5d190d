import BoxOfficeEngine
import BoxOfficeProtocol
import Testing

@Suite("Rows that somebody has edited")
struct FactCheckTests {
    /// A held, a sold and a lost seat, somebody inside and somebody waiting, as a store would read them back.
    private static func rows() -> [Fact] {
        var sale = Sale(capacity: 1)
        sale.member("ann", points: 500)
        sale.member("bob", points: 500)
        _ = sale.join("ann")
        _ = sale.join("bob")
        _ = sale.hold("ann", 0)
        sale.wait(.seconds(301))
        _ = sale.hold("ann", 1)
        _ = sale.hold("ann", 2)
        _ = sale.pay("ann", 2)
        return StoredRows(sale.facts).facts
    }

    private static func problem(in facts: [Fact]) -> String? {
        var check = FactCheck()
        for fact in facts {
            if let problem = check.problem(with: fact) { return problem }
        }
        return nil
    }

    @Test("what an engine has decided is never called damaged")
    func sound() {
        #expect(Self.problem(in: Self.rows()) == nil)
    }

    struct Edit: Sendable, CustomTestStringConvertible {
        var named: String
        var make: @Sendable (Fact) -> Fact?
        var testDescription: String { named }
    }

    static let edits: [Edit] = [
        Edit(named: "seats that the hall does not have") {
            guard case .reservation(var row) = $0 else { return $0 }
            row.seats = [SeatIndex(9_999)]
            return .reservation(row)
        },
        Edit(named: "prices for") {
            guard case .performance(var row) = $0 else { return $0 }
            row.prices.removeLast()
            return .performance(row)
        },
        Edit(named: "blocked seats that the hall does not have") {
            guard case .performance(var row) = $0 else { return $0 }
            row.blocked = [SeatIndex(99_999)]
            return .performance(row)
        },
        Edit(named: "is of category") {
            guard case .plan(var row) = $0 else { return $0 }
            row.hall.rows[0].seats[0].category = 99
            return .plan(row)
        },
        Edit(named: "until when is missing") {
            guard case .token(var row) = $0, row.status == .active else { return $0 }
            row.activeUntil = nil
            return .token(row)
        },
        Edit(named: "its member or its performance is not there") {
            guard case .reservation(var row) = $0 else { return $0 }
            row.member = MemberID(77)
            return .reservation(row)
        },
        Edit(named: "I6: notice") {
            guard case .notice(let row) = $0, row.sequence == 2 else { return $0 }
            return nil
        },
        Edit(named: "I1: seat") {
            guard case .reservation(var row) = $0 else { return $0 }
            row.seats = [SeatIndex(1)]
            row.status = .confirmed
            return .reservation(row)
        },
        Edit(named: "its number is out of range") {
            guard case .member(var row) = $0 else { return $0 }
            row.id = MemberID(.max)
            return .member(row)
        },
        Edit(named: "a number is out of range") {
            guard case .token(var row) = $0 else { return $0 }
            row.ticket = .max
            return .token(row)
        },
        Edit(named: "a number is out of range") {
            guard case .token(var row) = $0 else { return $0 }
            row.id = TokenID(1 << 40)
            return .token(row)
        },
        Edit(named: "is another's too") {
            guard case .token(var row) = $0 else { return $0 }
            row.ticket = 1
            return .token(row)
        },
    ]

    @Test("a row that cannot be is named", arguments: edits)
    func damaged(edit: Edit) throws {
        let problem = try #require(Self.problem(in: Self.rows().compactMap(edit.make)))
        #expect(problem.contains(edit.named), "\(problem)")
    }
}
