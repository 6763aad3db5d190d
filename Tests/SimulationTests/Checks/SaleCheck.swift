// Looks at a whole sale afterwards: is there an explanation for everything that was said?

import BoxOfficeClient
import BoxOfficeProtocol

struct SaleCheck {
    let history: History
    let server: SimulatedServer
    let world: World

    func run() {
        for (who, final) in history.finals.sorted(by: { $0.key < $1.key }) {
            checkAccount(of: who, final)
            checkNotices(of: who, final)
            checkPlaces(of: who)
        }
        checkSeats()
    }

    // MARK: Points

    private func checkAccount(of who: String, _ final: FinalState) {
        var spans: [Span<AccountModel.Action>] = []
        func add(_ action: AccountModel.Action, _ operation: Operation) {
            spans.append(
                Span(
                    action: action, called: operation.calledAt, answered: operation.answeredAt,
                    words: "\(operation.asked) → \(operation.told.map { "\($0)" } ?? "?")"))
        }
        let own = Dictionary(final.reservations.map { ($0.reservation, $0) }) { first, _ in first }
        for operation in history.operations where !operation.isVoid {
            if case .refund(let id) = operation.asked, let reservation = own[id] {
                if case .refunded? = operation.told {
                    add(.moved(reservation.total.rawValue, balance: nil), operation)
                } else if operation.told == nil, reservation.status == .refunded {
                    add(.moved(reservation.total.rawValue, balance: nil), operation)
                }
            }
            guard operation.who == who else { continue }
            switch (operation.asked, operation.told) {
            case (.charge(let points), .charged(let balance)?): add(.moved(points, balance: balance), operation)
            case (.charge(let points), nil): add(.moved(points, balance: nil), operation)
            case (.balance, .balance(let balance)?): add(.seen(balance), operation)
            case (.pay(let id), .paid(let balance, let reservation)?):
                if own[id] == nil { world.found("\(who) paid reservation \(id), which is not there at the end") }
                add(.moved(-reservation.total.rawValue, balance: balance), operation)
            case (.pay(let id), nil):
                if let reservation = own[id] { add(.moved(-reservation.total.rawValue, balance: nil), operation) }
            case (.pay(let id), .refused(.insufficientPoints, _)?):
                if let reservation = own[id] { add(.lacking(reservation.total.rawValue), operation) }
            default: break
            }
        }
        let end = (spans.map(\.called) + spans.map { $0.answered == .max ? 0 : $0.answered }).max() ?? 0
        spans.append(Span(action: .seen(final.balance), called: end + 1, answered: end + 2, words: "the end"))
        verdict(Linearizability.check(AccountModel.self, spans), "the balance of \(who)")
        let ledger = final.ledger.reduce(Int64(0)) {
            $0 + ($1.credit.hasPrefix("member:") ? $1.amount.rawValue : -$1.amount.rawValue)
        }
        if ledger != final.balance { world.found("\(who) has \(final.balance), and the ledger says \(ledger)") }
        let paid = final.reservations.filter { $0.payment != nil }.count
        if paid != final.payments.count { world.found("I4: \(who) has \(paid) paid, \(final.payments.count) payments") }
    }

    private func verdict(_ verdict: Linearizability.Verdict, _ what: String) {
        switch verdict {
        case .explained: break
        case .impossible(let words): world.found("no explanation for \(what): \(words)")
        case .undecided: world.say("\(what): too much at once to say")
        }
    }

    // MARK: Seats

    /// A reservation, and what is known about how its hold was asked for.
    private struct Booked {
        let who: String
        let reservation: Reservation
    }

    private func checkSeats() {
        var booked: [ReservationID: Booked] = [:]
        for (who, final) in history.finals {
            for reservation in final.reservations {
                booked[reservation.reservation] = Booked(who: who, reservation: reservation)
            }
        }
        var spans: [PerformanceID: [SeatIndex: [Span<SeatModel.Action>]]] = [:]
        func add(
            _ action: SeatModel.Action, _ seats: some Sequence<SeatIndex>, of performance: PerformanceID,
            _ called: Int, _ answered: Int, _ words: @autoclosure () -> String
        ) {
            for seat in seats {
                spans[performance, default: [:]][seat, default: []].append(
                    Span(action: action, called: called, answered: answered, words: words()))
            }
        }
        func seats(of id: ReservationID) -> [SeatIndex] { booked[id]?.reservation.seats.map(\.seat) ?? [] }

        var explained: Set<ReservationID> = []
        for operation in history.operations where !operation.isVoid {
            let (called, answered) = (operation.calledAt, operation.answeredAt)
            let words = { "\(operation.who) \(operation.asked) → \(operation.told.map { "\($0)" } ?? "?")" }
            switch (operation.asked, operation.told) {
            case (.hold(let performance, let asked), .held(let reservation)?):
                explained.insert(reservation.reservation)
                guard let row = booked[reservation.reservation], row.who == operation.who else {
                    world.found("\(operation.who) was told of reservation \(reservation.reservation), which is gone")
                    continue
                }
                add(.held(reservation.reservation), asked, of: performance, called, answered, words())
            case (.hold(let performance, let asked), .refused(.seatTaken, let taken)?):
                add(.foundTaken, taken, of: performance, called, answered, words())
                add(.foundFree, asked.filter { !taken.contains($0) }, of: performance, called, answered, words())
            case (.hold(let performance, _), .refused(.seatBlocked, let blocked)?):
                add(.foundBlocked, blocked, of: performance, called, answered, words())
            case (.pay(let id), .paid?):
                add(.paid(id), seats(of: id), of: performance(of: id, booked), called, answered, words())
            case (.pay(let id), nil) where booked[id]?.reservation.payment != nil:
                add(.paid(id), seats(of: id), of: performance(of: id, booked), called, answered, words())
            case (.pay(let id), .refused(.holdExpired, _)?), (.release(let id), .refused(.holdExpired, _)?):
                add(.over(id), seats(of: id), of: performance(of: id, booked), called, answered, words())
            case (.pay(let id), .refused(.notHeld, _)?), (.release(let id), .refused(.notHeld, _)?):
                add(.notHeld(id), seats(of: id), of: performance(of: id, booked), called, answered, words())
            case (.release(let id), .released?), (.release(let id), nil):
                add(.released(id), seats(of: id), of: performance(of: id, booked), called, answered, words())
            case (.refund(let id), .refunded?), (.refund(let id), nil):
                add(.refunded(id), seats(of: id), of: performance(of: id, booked), called, answered, words())
            case (.leave, .left?), (.leave, nil), (.remove, .removed?), (.remove, nil):
                var who = operation.who
                if case .remove(let name) = operation.asked { who = name }
                let theirs = booked.values.filter { $0.who == who }.map(\.reservation)
                for reservation in theirs {
                    let ids = theirs.map(\.reservation)
                    add(
                        .left(ids), reservation.seats.map(\.seat), of: reservation.performance, called, answered,
                        words())
                }
            case (.block(let performance, let seats), .blocked?), (.block(let performance, let seats), nil):
                add(.blocked, seats, of: performance, called, answered, words())
            case (.unblock(let performance, let seats), .unblocked?), (.unblock(let performance, let seats), nil):
                add(.unblocked, seats, of: performance, called, answered, words())
            case (.map(let performance), .map(let statuses)?):
                for (index, status) in statuses.enumerated() {
                    let seat = SeatIndex(UInt32(index))
                    let isOver = booked.values.contains {
                        $0.reservation.performance == performance && $0.reservation.seats.contains { $0.seat == seat }
                            && server.passedForAWhile($0.reservation.expiresAt, called, answered)
                    }
                    if !isOver { add(.seen(status), [seat], of: performance, called, answered, words()) }
                }
            default: break
            }
        }
        for (id, row) in booked {
            let reservation = row.reservation
            let seats = reservation.seats.map(\.seat)
            if !explained.contains(id) {
                // Held by a request of which nobody heard any more.
                let asked = history.operations.first {
                    guard case .hold(let performance, let asked) = $0.asked, $0.told == nil, !$0.isVoid else {
                        return false
                    }
                    return $0.who == row.who && performance == reservation.performance && Set(asked) == Set(seats)
                }
                guard let asked else {
                    world.found("\(row.who) has reservation \(id), and never asked for it")
                    continue
                }
                add(.held(id), seats, of: reservation.performance, asked.calledAt, .max, "\(row.who) held, unheard")
            }
            // What comes before the deadline wins, and at the deadline it is over: to the instant.
            let deadline = server.time(of: reservation.expiresAt)
            if deadline != .max {
                add(.deadline(id), seats, of: reservation.performance, deadline, deadline, "the deadline of \(id)")
            }
        }
        for (performance, seats) in spans {
            for (seat, spans) in seats {
                verdict(Linearizability.check(SeatModel.self, spans), "seat \(seat) of date \(performance)")
            }
        }
    }

    private func performance(of id: ReservationID, _ booked: [ReservationID: Booked]) -> PerformanceID {
        booked[id]?.reservation.performance ?? PerformanceID(0)
    }
}
