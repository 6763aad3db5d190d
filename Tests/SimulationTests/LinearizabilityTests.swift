import BoxOfficeProtocol
import Testing

/// The search itself, by tables: what has an explanation, and what has none.
@Suite struct LinearizabilityTests {
    typealias Seat = Span<SeatModel.Action>
    typealias Account = Span<AccountModel.Action>

    private static func seat(_ action: SeatModel.Action, _ called: Int, _ answered: Int = .max) -> Seat {
        Seat(action: action, called: called, answered: answered, words: "\(action)")
    }

    private static func account(_ action: AccountModel.Action, _ called: Int, _ answered: Int = .max) -> Account {
        Account(action: action, called: called, answered: answered, words: "\(action)")
    }

    private static let one = ReservationID(1)
    private static let two = ReservationID(2)

    @Test func seats() {
        let table: [(String, [Seat], Bool)] = [
            ("held, then paid", [Self.seat(.held(Self.one), 0, 1), Self.seat(.paid(Self.one), 2, 3)], true),
            ("paid before it was held", [Self.seat(.paid(Self.one), 0, 1), Self.seat(.held(Self.one), 2, 3)], false),
            ("held twice", [Self.seat(.held(Self.one), 0, 1), Self.seat(.held(Self.two), 2, 3)], false),
            ("held twice, at once", [Self.seat(.held(Self.one), 0, 9), Self.seat(.held(Self.two), 1, 8)], false),
            (
                "held again after the deadline",
                [
                    Self.seat(.held(Self.one), 0, 1), Self.seat(.deadline(Self.one), 5, 5),
                    Self.seat(.held(Self.two), 6, 7),
                ], true
            ),
            (
                "held again before the deadline",
                [
                    Self.seat(.held(Self.one), 0, 1), Self.seat(.held(Self.two), 3, 4),
                    Self.seat(.deadline(Self.one), 5, 5),
                ], false
            ),
            (
                "paid at the deadline, called before it",
                [
                    Self.seat(.held(Self.one), 0, 1), Self.seat(.paid(Self.one), 4, 6),
                    Self.seat(.deadline(Self.one), 5, 5),
                ], true
            ),
            (
                "paid after the deadline",
                [
                    Self.seat(.held(Self.one), 0, 1), Self.seat(.deadline(Self.one), 5, 5),
                    Self.seat(.paid(Self.one), 6, 7),
                ], false
            ),
            (
                "taken after the deadline, and nobody has it",
                [
                    Self.seat(.held(Self.one), 0, 1), Self.seat(.deadline(Self.one), 5, 5),
                    Self.seat(.foundTaken, 6, 7),
                ], false
            ),
            ("taken by whom nobody heard of", [Self.seat(.held(Self.one), 0), Self.seat(.foundTaken, 2, 3)], true),
            ("taken before anybody asked", [Self.seat(.foundTaken, 0, 1), Self.seat(.held(Self.one), 2)], false),
            (
                "seen free while it is held", [Self.seat(.held(Self.one), 0, 1), Self.seat(.seen(.available), 2, 3)],
                false
            ),
            (
                "seen free while it is being held",
                [Self.seat(.held(Self.one), 0, 5), Self.seat(.seen(.available), 2, 3)], true
            ),
            (
                "free after a refund",
                [
                    Self.seat(.held(Self.one), 0, 1), Self.seat(.paid(Self.one), 2, 3),
                    Self.seat(.refunded(Self.one), 4, 5), Self.seat(.held(Self.two), 6, 7),
                ], true
            ),
        ]
        for (what, spans, isExplained) in table {
            #expect((Linearizability.check(SeatModel.self, spans) == .explained) == isExplained, "\(what)")
        }
    }

    @Test func accounts() {
        let table: [(String, [Account], Bool)] = [
            ("charged and seen", [Self.account(.moved(50, balance: 50), 0, 1), Self.account(.seen(50), 2, 3)], true),
            (
                "charged twice for one", [Self.account(.moved(50, balance: 50), 0, 1), Self.account(.seen(100), 2, 3)],
                false
            ),
            (
                "the unheard charge is there",
                [Self.account(.moved(50, balance: nil), 0), Self.account(.seen(50), 2, 3)], true
            ),
            (
                "the unheard charge is not there",
                [Self.account(.moved(50, balance: nil), 0), Self.account(.seen(0), 2, 3)], true
            ),
            (
                "the unheard charge comes and goes",
                [
                    Self.account(.moved(50, balance: nil), 0), Self.account(.seen(50), 2, 3),
                    Self.account(.seen(0), 4, 5),
                ], false
            ),
            ("below nothing", [Self.account(.moved(-10, balance: nil), 0, 1)], false),
            (
                "lacking what was there",
                [Self.account(.moved(50, balance: 50), 0, 1), Self.account(.lacking(50), 2, 3)], false
            ),
        ]
        for (what, spans, isExplained) in table {
            #expect((Linearizability.check(AccountModel.self, spans) == .explained) == isExplained, "\(what)")
        }
    }
}
