import BoxOfficeProtocol
import DequeModule

/// The rules of the box office: a state machine in memory, of which the store is the durable truth.
///
/// `decide` takes a command and the time and returns the answer; what became true and what is to be told goes into
/// `Effects`. Facts are applied to memory as they are decided, by the same `apply` that a start uses, so a batch is
/// decided in one go and committed in one transaction; when the commit fails, this memory is thrown away and read anew.
///
/// No sockets, no clock, no disk, no randomness: time, digests and fresh identifiers come in as arguments. An engine is
/// a value; nothing in it knows how many of it there are.
///
/// - `Decide/` has the rules, one file a subject; `State/` has what they look at; `Facts/` has what they produce.
public struct Engine: Sendable {
    /// What the engine was told at its start.
    public let configuration: EngineConfiguration

    var members = Numbered<MemberID, MemberState>()
    var memberByNameKey: [String: MemberID] = [:]
    var sessions = Numbered<SessionID, SessionState>()
    /// By the digest of its token, shortened.
    var sessionByDigest: [UInt64: SessionID] = [:]
    var accounts: [LedgerAccount: Points] = [:]
    var plans = Numbered<PlanID, PlanState>()
    var planByName: [String: PlanID] = [:]
    var concerts = Numbered<ConcertID, ConcertRow>()
    var concertByKey: [String: ConcertID] = [:]
    var performances = Numbered<PerformanceID, PerformanceState>()
    var performanceByKey: [PerformanceKey: PerformanceID] = [:]
    var performancesOfConcert: [ConcertID: [PerformanceID]] = [:]
    var rooms = Numbered<ConcertID, RoomState>()
    var tokens = Numbered<TokenID, TokenRow>()
    var reservations = Numbered<ReservationID, ReservationRow>()
    var payments = Numbered<PaymentID, PaymentRow>()
    var operations = OperationTable()
    var operationFloor = Instant.distantPast
    /// Operation rows through this one are gone.
    var operationsPrunedThrough: UInt64 = 0
    var deadlines = Deadlines()
    var identifiers = Identifiers()
    /// The first notice of each hour in which there were any, for pruning by age.
    var noticeHours: Deque<(row: UInt64, at: Instant)> = []

    /// The newest instant that was used: time never goes back.
    var latest = Instant.distantPast
    /// Until when everybody counts as present, after a start.
    var allPresentUntil = Instant.distantPast
    /// When this memory was loaded: signs of life before it are not known.
    var startedAt = Instant.distantPast
    /// The newest time in a row that was read at the start. What was due by then was done then: due deadlines come
    /// before whatever is stored with a later time.
    var doneThrough = Instant.distantPast

    /// An empty box office.
    public init(configuration: EngineConfiguration) {
        self.configuration = configuration
    }

    /// When `wake` is to be called next, unless a command comes first.
    public var nextDeadline: Instant? { deadlines.next }

    /// Members signed up.
    public var memberCount: Int { members.count }

    /// Decides a command. Deadlines that are due are carried out first. What came before wins: a payment at its
    /// deadline finds the hold expired (I7).
    public mutating func decide(_ command: Command, at instant: Instant, into effects: inout Effects) -> Reply {
        wake(at: instant, into: &effects)
        return answer(command, at: latest, into: &effects)
    }

    /// The answer to a question from what is on disk, when nothing can be written: what is due is left for later.
    ///
    /// - Returns: nil when the answer is none without a change.
    public func answerWithoutChange(to command: Command, at instant: Instant) -> Reply? {
        var scratch = self
        var effects = Effects()
        let reply = scratch.answer(command, at: max(latest, instant), into: &effects)
        return effects.facts.isEmpty ? reply : nil
    }

    private mutating func answer(_ command: Command, at now: Instant, into effects: inout Effects) -> Reply {
        // A session may have ended earlier in the same batch: who asks by it is a guest.
        if case .member(let member, let session) = command.actor, sessions[session]?.row.member != member {
            return answer(
                Command(actor: .guest, action: command.action, digest: command.digest), at: now, into: &effects)
        }
        if let refusal = command.action.argumentRefusal { return .refused(refusal) }
        if let refusal = Authorization.refusal(
            for: command.action.opcode, by: command.actor, isOperator: isOperator(command.actor))
        {
            return .refused(refusal)
        }
        if let member = command.actor.member { seen(member, at: now, into: &effects) }
        if let reply = settled(command, at: now) { return reply }
        do {
            let response = try perform(command, at: now, into: &effects)
            if let operation = command.action.operation {
                record(operation, of: command, response: response, at: now, into: &effects)
            }
            return .response(response)
        } catch {
            return .refused(error)
        }
    }

    /// Asked with each command: no member is copied for it, as `members[member]?` would.
    func isOperator(_ actor: Actor) -> Bool {
        guard let member = actor.member, members[member] != nil else { return false }
        return members[member]!.isOperator
    }

    /// Carries out what is due.
    public mutating func wake(at instant: Instant, into effects: inout Effects) {
        latest = max(latest, instant)
        while let due = deadlines.popDue(at: latest) {
            switch due {
            case .holdEnding(let id): holdEnding(id, at: latest, into: &effects)
            case .holdExpiry(let id): holdExpired(id, at: latest, into: &effects)
            case .activeEnding(let id): activeEnding(id, at: latest, into: &effects)
            case .activeExpiry(let id): activeExpired(id, at: latest, into: &effects)
            case .lifeSign(let id): lifeSignMissing(id, at: latest, into: &effects)
            case .callExpiry(let id): callExpired(id, at: latest, into: &effects)
            case .idleExpiry(let id): idleExpired(id, at: latest, into: &effects)
            case .roomOpening(let id): roomOpened(id, at: latest, into: &effects)
            case .admission(let id): admit(in: id, at: latest, into: &effects)
            case .saleClosing(let id): saleClosed(id, at: latest, into: &effects)
            case .sessionEnd(let id): sessionDue(id, at: latest, into: &effects)
            case .housekeeping: housekeep(at: latest, into: &effects)
            }
        }
    }

    /// One rule a case. Throws before anything is changed, or changes everything.
    private mutating func perform(
        _ command: Command, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> Response {
        let actor = command.actor
        switch command.action {
        case .signUp(let request, let nameKey, let hash):
            return .account(try signUp(request, nameKey: nameKey, passwordHash: hash, at: now, into: &effects))
        case .changePassword(_, let verified, let hash):
            try changePassword(of: actor, verifiedHash: verified, to: hash, at: now, into: &effects)
            return .empty(Empty())
        case .setPassword(_, let nameKey, let hash):
            try setPassword(nameKey: nameKey, to: hash, at: now, into: &effects)
            return .empty(Empty())
        case .makeOperator(let request, let nameKey, let hash):
            return .account(try makeOperator(request, nameKey: nameKey, passwordHash: hash, at: now, into: &effects))
        case .importPlan(_, let hall, let document):
            return .imported(try importPlan(hall, document: document, into: &effects))
        case .importConcerts(_, let drafts):
            return .imported(try importConcerts(drafts, by: actor, at: now, into: &effects))
        case .removeMember(let request, let nameKey):
            return .roomChange(try removeMember(request, nameKey: nameKey, by: actor, at: now, into: &effects))
        case .allowMember(let request, let nameKey):
            return .roomChange(try allowMember(request, nameKey: nameKey, by: actor, at: now, into: &effects))
        case .makeRehearsalMembers(let request, let tokens):
            return .rehearsalMembers(try makeRehearsalMembers(request, tokens: tokens, at: now, into: &effects))
        case .request(let request):
            return try perform(request, by: actor, at: now, into: &effects)
        }
    }

    private mutating func perform(
        _ request: Request, by actor: Actor, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> Response {
        if let member = actor.member {
            switch request {
            case .charge(let charge): return .charged(try self.charge(charge, by: member, at: now, into: &effects))
            case .joinQueue(let join): return .place(try joinQueue(join, by: member, at: now, into: &effects))
            case .leaveQueue(let leave): return .place(try leaveQueue(leave, by: member, at: now, into: &effects))
            case .getPlace(let get): return .place(try knownPlace(of: member, in: get.concert, at: now))
            case .watchPlace(let watch): return .place(try knownPlace(of: member, in: watch.concert, at: now))
            case .hold(let hold): return .reservationState(try self.hold(hold, by: member, at: now, into: &effects))
            case .release(let release):
                return .reservationState(try self.release(release, by: member, at: now, into: &effects))
            case .pay(let pay): return .paid(try self.pay(pay, by: member, at: now, into: &effects))
            case .getReservation(let get):
                let row = try ownReservation(get.reservation, of: member)
                return .reservationState(state(of: row, at: now))
            default: break
            }
        }
        switch request {
        case .getBalance(let get): return .balance(try balance(get, by: actor))
        case .blockSeats(let block):
            return .seatsBlocked(try setBlocked(true, block.seats, of: block.performance, into: &effects))
        case .unblockSeats(let unblock):
            return .seatsBlocked(try setBlocked(false, unblock.seats, of: unblock.performance, into: &effects))
        case .refund(let refund): return .refunded(try self.refund(refund, at: now, into: &effects))
        case .setRoom(let set): return .roomSettings(try setRoom(set, by: actor, at: now, into: &effects))
        case .getRoom(let get):
            guard let figures = roomFigures(of: get.concert, at: now) else { throw Refusal(.unknownConcert) }
            return .roomFigures(figures)
        case .getDraw(let get):
            guard let draw = draw(of: get.concert, at: now) else { throw Refusal(.unknownConcert) }
            return .draw(draw)
        default:
            // Answered by the server from snapshots and history, or a member's request from the local socket.
            throw Refusal(.unsupported)
        }
    }

    /// Makes a fact true in memory and has it stored.
    mutating func emit(_ fact: Fact, into effects: inout Effects) {
        apply(fact)
        effects.facts.append(fact)
    }
}

/// The next number of each kind, one above the highest that was ever seen.
struct Identifiers: Sendable {
    var member: UInt64 = 1
    var session: UInt64 = 1
    var plan: UInt64 = 1
    var concert: UInt64 = 1
    var performance: UInt64 = 1
    var token: UInt64 = 1
    var reservation: UInt64 = 1
    var payment: UInt64 = 1
    var ledger: UInt64 = 1
    var notice: UInt64 = 1
    var operation: UInt64 = 1
    var roomChange: UInt64 = 1
}

extension Digest {
    /// Its first eight bytes. Digests of random tokens, of which nobody meets two that begin alike.
    var shortened: UInt64 { rawValue.first.high }
}
