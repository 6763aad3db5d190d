// What clients asked and were told, with the times of both: all that the checks afterwards go by.

import BoxOfficeClient
import BoxOfficeProtocol

/// One thing that somebody asked for.
enum Asked: Sendable {
    case hold(PerformanceID, [SeatIndex])
    case pay(ReservationID)
    case release(ReservationID)
    case refund(ReservationID)
    case leave(ConcertID)
    case remove(String)
    case block(PerformanceID, [SeatIndex])
    case unblock(PerformanceID, [SeatIndex])
    case charge(Int64)
    case balance
    case map(PerformanceID)
    case join, signUp
}

/// What became of it.
enum Told: Sendable {
    case held(Reservation)
    case paid(balance: Int64, Reservation)
    case released, refunded, left, removed, blocked, unblocked, joined, signedUp
    case charged(balance: Int64)
    case balance(Int64)
    case map([SeatStatus])
    case refused(RefusalCode, [SeatIndex])
}

struct Operation: Sendable {
    let who: String
    let asked: Asked
    let calledAt: Int
    var answeredAt = Int.max
    /// Nil: nobody knows.
    var told: Told?
    /// It was certainly not carried out.
    var isVoid = false
}

/// What a member has at the end, by asking.
struct FinalState: Sendable {
    var reservations: [Reservation] = []
    var payments: [Payment] = []
    var ledger: [LedgerEntry] = []
    var balance: Int64 = 0
}

final class History: @unchecked Sendable {
    private(set) var operations: [Operation] = []
    /// Hears of each answer.
    var listen: ((Operation) -> Void)?
    var notices: [String: [ReceivedNotice]] = [:]
    var places: [String: [(at: Int, place: Place)]] = [:]
    var finals: [String: FinalState] = [:]

    func called(by who: String, _ asked: Asked, at time: Int) -> Int {
        operations.append(Operation(who: who, asked: asked, calledAt: time))
        return operations.count - 1
    }

    func answered(_ index: Int, _ told: Told, at time: Int) {
        operations[index].told = told
        operations[index].answeredAt = time
        listen?(operations[index])
    }

    func void(_ index: Int) {
        operations[index].isVoid = true
        listen?(operations[index])
    }
}
