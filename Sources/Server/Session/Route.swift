import BoxOfficeEngine
import BoxOfficeProtocol

/// Where a request is answered.
enum Route: Equatable {
    /// Here and now, from what was published after the last commit.
    case published
    /// Here and now: it is about this connection only.
    case connection
    /// By the engine, in its order.
    case engine
    /// By the engine, once a password is hashed or verified.
    case password
    /// By the engine: the connection's session ends.
    case logOut
    /// By the store, from the member's past.
    case history
    /// By the engine: the connection begins or ends to get notices.
    case notices
    /// Here, once the engine has said that an operator asks.
    case operators
    /// By the engine, once the upload is read.
    case upload

    /// Whether the requests behind it on the same connection wait for its answer: either what they may do depends on
    /// it, or it takes a way round that they could overtake.
    var holdsUpOthers: Bool {
        switch self {
        case .password, .logOut, .upload: true
        case .published, .connection, .engine, .history, .notices, .operators: false
        }
    }
}

extension Request {
    /// Where this request is answered.
    var route: Route {
        switch self {
        case .getConcerts, .getPerformances, .getPerformance, .getHall, .findSeats, .getSeatMap, .watchSeats,
            .unwatchSeats:
            .published
        case .uploadPart: .connection
        case .charge, .getBalance, .joinQueue, .getPlace, .leaveQueue, .watchPlace, .hold, .release, .pay,
            .getReservation, .blockSeats, .unblockSeats, .refund, .setRoom, .getRoom, .getDraw, .removeMember,
            .allowMember:
            .engine
        case .signUp, .logIn, .changePassword, .setPassword, .makeOperator: .password
        case .logOut: .logOut
        case .getLedger, .getReservations, .getPayments: .history
        case .subscribeNotices, .unsubscribeNotices: .notices
        case .whoAmI, .beginUpload, .getPlans, .exportPlan, .getFigures, .getRoomChanges, .backup,
            .makeRehearsalMembers:
            .operators
        case .commitUpload: .upload
        }
    }
}

extension Request {
    /// The request as the engine decides it: names of members are looked up by their keys.
    var action: Command.Action {
        // A name that nobody can have belongs to no member.
        switch self {
        case .removeMember(let remove): .removeMember(remove, nameKey: MemberName(remove.name)?.key ?? "")
        case .allowMember(let allow): .allowMember(allow, nameKey: MemberName(allow.name)?.key ?? "")
        default: .request(self)
        }
    }
}
