import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore

/// A data directory in the middle of an on-sale: dates of a hall of 10,000 seats, members who are admitted, and seats
/// that others have taken.
struct SellingHouse {
    static let seatsPerDate = 10_000
    static let concert = ConcertID(1)

    let dates: Int
    /// How many seats of each hundred are taken, spread evenly.
    let taken: Int
    /// Of those who will ask.
    private(set) var sessions: [SessionToken] = []

    private var engine = Engine(configuration: Self.configuration)
    private var effects = Effects()
    private let now = Wall.now
    private var keys: UInt64 = 0

    static var configuration: EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.seatsPerMemberMax = 10_000
        configuration.activeSeconds = 86_400
        configuration.holdSeconds = 86_400
        return configuration
    }

    /// As that, for the server that is started on it.
    static let options = [
        "--seats-per-member", "10000", "--active-seconds", "86400", "--hold-seconds", "86400",
        "--requests-per-connection", "off", "--frames-per-connection", "1000000/1ms", "--keepalive-seconds", "3600",
    ]

    /// Writes it all.
    /// - Parameter bystanders: Members who do not ask for anything.
    init(
        in directory: String, members: Int, dates: Int, taken: Int = 0,
        seatsPerReservation: Int = WireLimits.holdSeatsMax, bystanders: Int = 0
    ) throws {
        self.dates = dates
        self.taken = taken
        engine.loaded(at: now)
        engine.wake(at: now, into: &effects)
        try openSale()
        for number in 1...members + 1 { try admit(number) }
        sessions.removeLast()
        if taken > 0 { try take(by: members + 1, seatsAtOnce: seatsPerReservation) }
        for number in 0..<bystanders {
            effects.facts += FilledDirectory.member(members + 2 + number, session: .random(), at: now)
        }
        let store = try Store.open(directory: directory)
        defer { store.close() }
        try store.load { _ in }
        try store.commit(effects.facts, at: now)
    }

    /// Reads what a store has, as a start does.
    /// - Returns: What came due meanwhile.
    static func load(_ store: Store, into engine: inout Engine, at now: Instant) throws -> [Fact] {
        try store.load(into: &engine)
        engine.loaded(at: now)
        var effects = Effects()
        engine.wake(at: now, into: &effects)
        return effects.facts
    }

    private mutating func openSale() throws {
        let rows = (1...100).map { row in Self.row(row, seats: Self.seatsPerDate / 100) }
        let hall = Hall(name: "Hall", categories: ["A", "B", "C"], rows: rows, digest: Digest(hashing: [1]))
        try decide(.local, .importPlan(key(), hall: hall, document: []))
        let drafts = (1...dates).map { (number: Int) -> PerformanceDraft in
            PerformanceDraft(
                key: "\(number)", plan: "Hall", startsAt: now + .seconds(60 * 86_400), timeZone: "Asia/Seoul",
                saleOpensAt: now + .seconds(-60), saleClosesAt: now + .seconds(50 * 86_400),
                prices: ["A": Points(150), "B": Points(100), "C": Points(50)])
        }
        let concert = ConcertDraft(
            key: "concert", title: "Concert", artists: ["Band"], description: "", room: RoomDraft(capacity: 1_000),
            seed: .random(), dates: drafts)
        try decide(.local, .importConcerts(key(), [concert]))
    }

    private static func row(_ row: Int, seats: Int) -> HallRow {
        let category = UInt16(row / 34)
        let seats = (1...seats).map { number in
            HallSeat(
                number: "\(number)", guid: "\(row)-\(number)", category: category, x: Int32(number * 100),
                y: Int32(row * 100))
        }
        return HallRow(zone: "", row: "\(row)", seats: seats)
    }

    /// A member with a session, whose turn it is.
    private mutating func admit(_ number: Int) throws {
        let token = SessionToken.random()
        sessions.append(token)
        let facts = FilledDirectory.member(number, session: token, at: now)
        for fact in facts { engine.apply(fact) }
        effects.facts += facts
        try decide(member(number), .request(.joinQueue(JoinQueue(operation: key(), concert: Self.concert))))
    }

    private mutating func take(by number: Int, seatsAtOnce: Int) throws {
        let seats = (0..<Self.seatsPerDate).filter(isTaken(seat:)).map { SeatIndex(UInt32($0)) }
        for date in 1...UInt64(dates) {
            for start in stride(from: 0, to: seats.count, by: seatsAtOnce) {
                let some = Array(seats[start..<min(seats.count, start + seatsAtOnce)])
                let hold = Hold(operation: key(), performance: PerformanceID(date), seats: some)
                try decide(member(number), .request(.hold(hold)))
            }
        }
    }

    private func isTaken(seat: Int) -> Bool { seat % 100 < taken }

    private func member(_ number: Int) -> Actor {
        .member(MemberID(UInt64(number)), session: SessionID(UInt64(number)))
    }

    private mutating func key() -> OperationKey {
        keys += 1
        return OperationKey(at: now, random: Bytes16(high: keys, low: keys))
    }

    private mutating func decide(_ actor: Actor, _ action: Command.Action) throws {
        let command = Command(actor: actor, action: action, digest: Bytes16(high: 0, low: keys))
        if case .refused(let refusal) = engine.decide(command, at: now, into: &effects) {
            throw Failed("the sale cannot be set up: \(refusal)")
        }
    }
}

extension SellingHouse {
    /// A hold of a seat of any date, and with each number another, wandering over all of them.
    func hold(number: Int, at now: Instant) -> Hold {
        let place = place(number: number)
        return Hold(
            operation: OperationKey(at: now, random: Bytes16(high: 0, low: UInt64(number))),
            performance: PerformanceID(UInt64(1 + place / Self.seatsPerDate)),
            seats: [SeatIndex(UInt32(place % Self.seatsPerDate))])
    }

    /// Whether the seat of that number was taken from the start.
    func isTaken(number: Int) -> Bool { isTaken(seat: place(number: number) % Self.seatsPerDate) }

    /// 300,007 has no divisor in common with the number of all seats.
    private func place(number: Int) -> Int { number * 300_007 % (dates * Self.seatsPerDate) }

    /// The same as a command, by one member after another.
    func holdCommand(number: Int, at now: Instant) -> Command {
        Command(
            actor: member(1 + number % sessions.count), action: .request(.hold(hold(number: number, at: now))),
            digest: Bytes16(high: 0, low: UInt64(number)))
    }

    /// Connections of its members to a server that has started on it.
    func connect(to port: UInt16) throws -> Load {
        try Load(
            sessions.map { session in
                let socket = try LoopbackSocket(connectedTo: port)
                try socket.send(Frame.hello(.ofBenchmark(session)))
                var bytes = [UInt8](repeating: 0, count: 4_096)
                var count = 0
                let parser = FrameParser(from: .server, bodyBytesMax: WireLimits.replyBytesMax)
                while true {
                    let more = try socket.receive(into: &bytes, at: count)
                    guard more > 0 else { throw Failed("the server has hung up") }
                    count += more
                    let span = bytes.span.extracting(0..<count)
                    if case .frame(let header, .welcome) = parser.step(over: span, at: 0) {
                        let body = span.extracting(FrameHeader.bytes..<FrameHeader.bytes + Int(header.bodyBytes))
                        guard try Welcome(body: body).resumed == .resumed else { throw Failed("a session was refused") }
                        return socket
                    }
                }
            })
    }
}
