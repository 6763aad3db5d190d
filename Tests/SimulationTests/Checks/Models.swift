import BoxOfficeProtocol

/// One seat of one date.
enum SeatModel: SequentialModel {
    enum State: Hashable {
        case free, blocked
        /// Free, because a deadline has passed. What is published shows that with the commit that says so: a look may still
        /// see a hold, and a hold meets none.
        case lapsed
        case held(ReservationID)
        case sold(ReservationID)
    }

    enum Action {
        case held(ReservationID)
        /// A hold was refused, and this seat was in the way or not.
        case foundTaken
        case foundFree
        case foundBlocked
        case paid(ReservationID)
        /// It was said to be no hold any more.
        case notHeld(ReservationID)
        /// Neither held nor paid.
        case over(ReservationID)
        case released(ReservationID)
        case refunded(ReservationID)
        /// At its deadline: it ends when it is still held.
        case deadline(ReservationID)
        /// The member left the room or was removed, which ends what of these is held.
        case left([ReservationID])
        case blocked, unblocked
        case seen(SeatStatus)
    }

    static let start = State.free

    static func step(_ state: State, _ action: Action) -> State? {
        switch (action, state) {
        case (.held(let id), .free), (.held(let id), .lapsed): .held(id)
        case (.foundTaken, .held), (.foundTaken, .sold): state
        case (.foundFree, .free), (.foundFree, .lapsed): state
        case (.foundBlocked, .blocked): state
        case (.paid(let id), .held(let held)) where id == held: .sold(id)
        case (.notHeld(let id), _) where state != .held(id): state
        case (.over(let id), _) where state != .held(id) && state != .sold(id): state
        case (.released(let id), .held(let held)) where id == held: .free
        case (.refunded(let id), .sold(let sold)) where id == sold: .free
        case (.deadline(let id), _): state == .held(id) ? .lapsed : state
        case (.left(let ids), .held(let held)): ids.contains(held) ? .free : state
        case (.left, _): state
        case (.blocked, .free), (.blocked, .lapsed), (.blocked, .blocked): .blocked
        case (.unblocked, .blocked), (.unblocked, .free): .free
        case (.unblocked, _): state
        case (.seen(.available), .lapsed), (.seen(.held), .lapsed): state
        case (.seen(.available), .free), (.seen(.blocked), .blocked), (.seen(.held), .held), (.seen(.sold), .sold):
            state
        default: nil
        }
    }
}

/// One member's points.
enum AccountModel: SequentialModel {
    enum Action {
        /// By so much, with this balance told when the answer came.
        case moved(Int64, balance: Int64?)
        case seen(Int64)
        /// Refused for want of points: this much was not there.
        case lacking(Int64)
    }

    static let start: Int64 = 0

    static func step(_ state: Int64, _ action: Action) -> Int64? {
        switch action {
        case .moved(let points, let balance):
            guard state + points >= 0, balance == nil || balance == state + points else { return nil }
            return state + points
        case .seen(let balance): return state == balance ? state : nil
        case .lacking(let points): return state < points ? state : nil
        }
    }
}
