import BoxOfficeEngine
import BoxOfficeProtocol

/// A small box office to test rules on: members by name, time in the test's hand, seats by label.
struct Sale {
    var engine: Engine
    var now = Instant(seconds: 1_800_000_000)
    var members: [String: MemberID] = [:]
    var sessions: [String: SessionID] = [:]
    var facts: [Fact] = []
    var notices: [NoticeRow] = []
    var endedSessions: [SessionID] = []
    private var keys: UInt64 = 0

    static let seed = DrawSeed(Bytes32(first: Bytes16(high: 7, low: 7), second: Bytes16(high: 7, low: 7)))
    static let concert = ConcertID(1)
    static let date = PerformanceID(1)
    static let hall = Hall(
        name: "Club", categories: ["A", "B"],
        rows: (0..<3).map { row in
            HallRow(
                zone: "", row: ["A", "B", "C"][row],
                seats: (1...10).map { number in
                    HallSeat(
                        number: "\(number)", guid: "g\(row)-\(number)", category: row == 0 ? 0 : 1,
                        x: Int32(number * 100),
                        y: Int32(row * 100))
                })
        }, digest: Digest(Bytes32(first: Bytes16(high: 1, low: 2), second: Bytes16(high: 3, low: 4))))

    init(
        capacity: UInt32 = 100, opensIn: Int64? = nil, seed: DrawSeed = seed,
        configuration: EngineConfiguration = EngineConfiguration()
    ) {
        engine = Engine(configuration: configuration)
        var effects = Effects()
        engine.loadedAndWoken(at: now, into: &effects)
        collect(effects)
        _ = decide(.local, .importPlan(key(), hall: Self.hall, document: []))
        _ = decide(
            .local, .importConcerts(key(), [Self.draft(capacity: capacity, now: now, opensIn: opensIn, seed: seed)]))
        // Past the time in which everybody counts as present.
        now = now + .seconds(configuration.presenceSeconds + 1)
    }

    static func draft(
        capacity: UInt32, now: Instant, opensIn: Int64? = nil, prices: [String: Points]? = nil, seed: DrawSeed = seed
    ) -> ConcertDraft {
        ConcertDraft(
            key: "c1", title: "Concert", artists: ["Band"], description: "", room: RoomDraft(capacity: capacity),
            seed: seed,
            dates: [
                PerformanceDraft(
                    key: "d1", plan: "Club", startsAt: now + .seconds(30 * 86_400), timeZone: "Asia/Seoul",
                    saleOpensAt: opensIn.map { now + .seconds($0) }, saleClosesAt: now + .seconds(20 * 86_400),
                    prices: prices ?? ["A": Points(100), "B": Points(50)])
            ])
    }

    mutating func key() -> OperationKey {
        keys += 1
        return OperationKey(at: now, random: Bytes16(high: keys, low: keys))
    }

    mutating func collect(_ effects: Effects) {
        facts += effects.facts
        notices += effects.notices
        endedSessions += effects.endedSessions
    }

    @discardableResult
    mutating func decide(_ actor: Actor, _ action: Command.Action, digest: UInt64 = 1) -> Reply {
        var effects = Effects()
        let reply = engine.decide(
            Command(actor: actor, action: action, digest: Bytes16(high: 0, low: digest)), at: now, into: &effects)
        collect(effects)
        return reply
    }

    /// Does something to the engine beside commands, and keeps what follows.
    @discardableResult
    mutating func withEngine<Result>(_ body: (inout Engine, Instant, inout Effects) -> Result) -> Result {
        var effects = Effects()
        let result = body(&engine, now, &effects)
        collect(effects)
        return result
    }

    /// Time passes, and what is due on the way is done.
    mutating func wait(_ span: Microseconds) {
        let end = now + span
        while let next = engine.nextDeadline, next <= end {
            now = max(now, next)
            wake()
        }
        now = end
        wake()
    }

    mutating func wake() {
        var effects = Effects()
        engine.wake(at: now, into: &effects)
        collect(effects)
    }

    /// Signs up and logs in on one device; connected unless told otherwise.
    mutating func member(_ name: String, points: Int64 = 0, connected: Bool = true) {
        guard
            case .response(.account(let account), _) = decide(
                .guest,
                .signUp(
                    SignUp(operation: key(), name: name, password: Secret("x")), nameKey: name, passwordHash: "hash"))
        else { preconditionFailure("sign-up of \(name)") }
        members[name] = account.member
        var effects = Effects()
        let digest = Digest(
            Bytes32(first: Bytes16(high: account.member.rawValue, low: 1), second: Bytes16(high: 0, low: 0)))
        let session = engine.logIn(
            member: account.member, verifiedHash: "hash", tokenDigest: digest, device: "", at: now, into: &effects)!
            .session
        sessions[name] = session.id
        collect(effects)
        if connected { connect(name) }
        if points > 0 { ask(name, .charge(Charge(operation: key(), amount: Points(points)))) }
    }

    mutating func connect(_ name: String) {
        let (member, session) = (members[name]!, sessions[name]!)
        withEngine { $0.connected(member: member, session: session, at: $1, into: &$2) }
    }

    mutating func disconnect(_ name: String) {
        let (member, session) = (members[name]!, sessions[name]!)
        withEngine { $0.disconnected(member: member, session: session, at: $1, into: &$2) }
    }

    func command(_ name: String, _ request: Request) -> Command {
        Command(
            actor: .member(members[name]!, session: sessions[name]!), action: .request(request),
            digest: Bytes16(high: 0, low: 1))
    }

    @discardableResult
    mutating func ask(_ name: String, _ request: Request, digest: UInt64 = 1) -> Reply {
        decide(.member(members[name]!, session: sessions[name]!), .request(request), digest: digest)
    }

    // MARK: What members do, answered in a word

    mutating func join(_ name: String) -> String {
        Self.word(ask(name, .joinQueue(JoinQueue(operation: key(), concert: Self.concert))))
    }
    mutating func leave(_ name: String) -> String {
        Self.word(ask(name, .leaveQueue(LeaveQueue(operation: key(), concert: Self.concert))))
    }
    mutating func place(_ name: String) -> String {
        Self.word(ask(name, .getPlace(GetPlace(concert: Self.concert))))
    }
    mutating func hold(_ name: String, _ seats: UInt32...) -> String {
        Self.word(ask(name, .hold(Hold(operation: key(), performance: Self.date, seats: seats.map { SeatIndex($0) }))))
    }
    mutating func pay(_ name: String, _ reservation: UInt64) -> String {
        Self.word(ask(name, .pay(Pay(operation: key(), reservation: ReservationID(reservation)))))
    }
    mutating func release(_ name: String, _ reservation: UInt64) -> String {
        Self.word(ask(name, .release(Release(operation: key(), reservation: ReservationID(reservation)))))
    }

    func balance(_ name: String) -> Int64 {
        var copy = self
        guard case .response(.balance(let balance), _) = copy.ask(name, .getBalance(GetBalance())) else { return -1 }
        return balance.balance.rawValue
    }

    func word(_ reply: Reply) -> String { Self.word(reply) }

    /// Static, for use around a call that changes the sale: a method would have a copy of it in hand meanwhile.
    static func word(_ reply: Reply) -> String {
        switch reply {
        case .refused(let refusal):
            let seats = (refusal.seats ?? []).map(\.description).joined(separator: ",")
            return seats.isEmpty ? refusal.code.name : "\(refusal.code.name)(\(seats))"
        case .response(.place(let place), _):
            return place.status == .waiting ? "waiting \(place.position)/\(place.waiting)" : place.status.name
        case .response(.reservationState(let state), _):
            return "\(state.reservation.status.name) \(state.reservation.reservation)"
        case .response(.paid(let paid), _): return "paid \(paid.payment.amount), left \(paid.balance)"
        case .response(.balance(let balance), _): return "balance \(balance.balance)"
        case .response(.charged(let charged), _): return "charged \(charged.amount)"
        case .response(.account(let account), _): return account.isOperator ? "operator" : "account"
        case .response(.imported(let imported), _):
            let concerts = imported.concerts.map {
                "\($0.concert): \($0.performances.map(\.description).joined(separator: " "))"
            }
            return imported.plan.map { "plan \($0), \(imported.seats) seats" } ?? concerts.joined(separator: "; ")
        case .response(.roomSettings(let room), _): return "\(room.mode.name) \(room.capacity)"
        case .response(.seatsBlocked(let blocked), _): return "blocked \(blocked.blocked)"
        case .response(.refunded(let refunded), _): return "refunded \(refunded.amount)"
        case .response(.empty, _): return "done"
        case .response(let response, _): return "\(response)"
        }
    }

    func noticeNames(_ name: String) -> [String] {
        notices.filter { $0.member == members[name] }.map(\.opcode.name)
    }

    func seat(_ index: Int) -> SeatStatus { engine.seatMap(of: Self.date)!.status(of: SeatIndex(UInt32(index))) }
}

extension Engine {
    /// As a server starts: what is due after the load is done at once.
    mutating func loadedAndWoken(at now: Instant, into effects: inout Effects) {
        loaded(at: now)
        wake(at: now, into: &effects)
    }
}
