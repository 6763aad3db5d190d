import BoxOfficeEngine
import BoxOfficeProtocol

/// An hour of one waiting room, played at random, beside a second opinion on what it may do.
///
/// The engine is looked at from outside: what it stores, and what it tells members. The second opinion knows who is
/// connected, who asked when, and which policies are in force, and says what each change of a token must have been.
struct RoomHour {
    static let members = 24

    private var generator: SeededGenerator
    private var sale: Sale
    private let names = (0..<members).map { "m\($0)" }
    private let opensAt: Instant
    private let endsAt: Instant
    private var connected: Set<MemberID> = []
    private var seenAt: [MemberID: Instant] = [:]
    private var restartedAt = Instant.distantPast

    // The room, as its facts tell it.
    private var room: RoomRow?
    /// Those that live.
    private var tokens: [TokenID: TokenRow] = [:]
    private var newestTicket: UInt64?
    private var order: DrawOrder?
    private var factsRead = 0
    /// Called members who were back before their window had passed, and have not been away since.
    private var back: Set<TokenID> = []
    private var admissions: [Instant] = []
    private var paceSince = Instant.distantPast
    private var mayBeOverfull = false
    private var barred: Set<MemberID> = []

    /// What went on, to see that everything did.
    private(set) var seen: [String: Int] = [:]
    /// The first promise that was broken.
    private(set) var broken: String?

    init(seed: Int) {
        generator = SeededGenerator(state: UInt64(seed) &* 0x9E37_79B9)
        let drawSeed = DrawSeed(
            Bytes32(
                first: Bytes16(high: generator.next(), low: generator.next()),
                second: Bytes16(high: generator.next(), low: generator.next())))
        sale = Sale(capacity: UInt32.random(in: 1...5, using: &generator), opensIn: 600, seed: drawSeed)
        opensAt = sale.engine.catalogue().performances[0].saleOpensAt
        endsAt = opensAt + .seconds(3_600)
        for name in names { sale.member(name, points: 2_000, connected: false) }
        for name in names { setConnected(name, to: Int.random(in: 0..<5, using: &generator) > 0) }
        readFacts()
    }

    /// Plays it to its end, or to the first broken promise.
    mutating func play() {
        while sale.now < endsAt, broken == nil {
            let end = sale.now + Microseconds(Int64.random(in: 1...20_000_000, using: &generator))
            // What becomes due on the way is done when it is due, as the server's timer has it.
            while let due = sale.engine.nextDeadline, due <= end, broken == nil {
                sale.now = max(sale.now, due)
                sale.wake()
                readFacts()
            }
            sale.now = end
            sale.wake()
            readFacts()
            step()
            readFacts()
            if Int.random(in: 0..<8, using: &generator) == 0, let invariant = sale.engine.brokenInvariant() {
                fail(invariant)
            }
        }
    }

    // MARK: What happens

    private mutating func step() {
        let name = names.randomElement(using: &generator)!
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<30: join(name)
        case 30..<33:
            see(name)
            note(sale.leave(name))
        case 33..<48: buy(name)
        case 48..<53:
            see(name)
            _ = sale.place(name)
        case 53..<85: setConnected(name, to: !connected.contains(sale.members[name]!))
        case 85..<93: changePolicy()
        case 93..<95:
            note(sale.remove(name, bar: Bool.random(using: &generator)).isEmpty ? "" : "remove")
        case 95..<97: note(sale.allow(name) == "notBarred" ? "notBarred" : "allow")
        case 97..<99: break
        default: restart()
        }
    }

    private mutating func join(_ name: String) {
        see(name)
        note(sale.join(name))
    }

    /// Whoever is inside holds a seat, and mostly pays.
    private mutating func buy(_ name: String) {
        let inside = names.filter { name in
            tokens.values.contains { $0.member == sale.members[name] && $0.status == .active }
        }
        let name = inside.randomElement(using: &generator) ?? name
        see(name)
        let held = sale.hold(name, UInt32.random(in: 0..<30, using: &generator))
        note(held)
        readFacts()
        guard held.hasPrefix("held"), Int.random(in: 0..<4, using: &generator) > 0 else { return }
        sale.now = sale.now + Microseconds(1)
        see(name)
        note(sale.pay(name, sale.engine.reservationNumbers - 1))
    }

    private mutating func changePolicy() {
        mayBeOverfull = true
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: sale.room(capacity: UInt32.random(in: 0...6, using: &generator))
        case 1: sale.room(mode: [.paused, .draining].randomElement(using: &generator)!)
        case 2...4: sale.room(mode: [.open, .queue].randomElement(using: &generator)!)
        case 5: sale.room(admissionsPerMinute: [0, 1, 6, 60, 6_000].randomElement(using: &generator)!)
        case 6: sale.room(activeSeconds: UInt32.random(in: 10...900, using: &generator))
        default:
            sale.room(
                callWindowSeconds: UInt32.random(in: 0...1_800, using: &generator),
                idleSeconds: [0, 0, 30].randomElement(using: &generator)!)
        }
        note("policy")
    }

    private mutating func setConnected(_ name: String, to isConnected: Bool) {
        let member = sale.members[name]!
        guard isConnected != connected.contains(member) else { return }
        see(name)
        if isConnected {
            connected.insert(member)
            sale.connect(name)
        } else {
            connected.remove(member)
            sale.disconnect(name)
        }
    }

    /// The member shows a sign of life now; a called one is back.
    private mutating func see(_ name: String) {
        let member = sale.members[name]!
        seenAt[member] = sale.now
        for token in tokens.values where token.member == member && token.status == .called { back.insert(token.id) }
    }

    private mutating func restart() {
        let before = places(of: sale.engine)
        // As short as a restart is: presence is not known after it.
        sale.now = sale.now + Microseconds(Int64.random(in: 0...5_000_000, using: &generator))
        sale.reload()
        let after = places(of: sale.engine)
        if before != after { fail("a restart changed places: \(before) became \(after)") }
        sale.withEngine { $0.loadedAndWoken(at: $1, into: &$2) }
        restartedAt = sale.now
        back = []
        note("restart")
        readFacts()
        // Most are back within seconds, some never.
        for name in names where connected.remove(sale.members[name]!) != nil {
            if Int.random(in: 0..<10, using: &generator) > 0 { setConnected(name, to: true) }
        }
    }

    private func places(of engine: Engine) -> [String] {
        names.map { name in
            let place = engine.place(of: sale.members[name]!, in: Sale.concert, at: sale.now)
            return place.map { "\($0.status.name) \($0.position) \($0.rank ?? 0)" } ?? ""
        }
    }

    // MARK: What it must have been

    private mutating func readFacts() {
        for fact in sale.facts[factsRead...] {
            switch fact {
            case .room(let row): roomChanged(to: row)
            case .roomChange(let row): changeRecorded(row)
            case .token(let row): tokenChanged(to: row)
            default: break
            }
        }
        factsRead = sale.facts.count
        for id in back where tokens[id]?.status != .called { back.remove(id) }
    }

    private mutating func roomChanged(to row: RoomRow) {
        if row.drawnAt != nil, room?.drawnAt == nil {
            order = DrawOrder(seed: row.seed, tickets: row.tickets)
            note("drawn")
            if sale.now < opensAt { fail("drawn before the opening") }
        }
        if row.admissionsPerMinute != room?.admissionsPerMinute { paceSince = sale.now }
        room = row
    }

    private mutating func changeRecorded(_ row: RoomChangeRow) {
        switch row.subject {
        case .barred: barred.insert(row.member!)
        case .allowed: barred.remove(row.member!)
        default: break
        }
    }

    private func rank(_ token: TokenRow) -> UInt64 { order?.rank(of: token.ticket) ?? token.ticket }

    private mutating func tokenChanged(to row: TokenRow) {
        let old = tokens.updateValue(row, forKey: row.id)
        if !row.isLive { tokens[row.id] = nil }
        switch row.status {
        case .waiting:
            if barred.contains(row.member) { fail("token \(row.id): a barred member joined") }
            if room!.mode == .draining { fail("token \(row.id): joined a draining room") }
            if let newestTicket, row.ticket != newestTicket + 1 { fail("token \(row.id): ticket \(row.ticket)") }
            newestTicket = row.ticket
        case .active: if old?.status != .active { admitted(row, was: old) }
        case .called: called(row, was: old)
        default: break
        }
        note("token \(row.status.name)")
    }

    private mutating func admitted(_ row: TokenRow, was old: TokenRow?) {
        let room = room!
        if room.mode == .paused || room.mode == .draining || sale.now < opensAt {
            fail("token \(row.id) was admitted while nobody is")
        }
        let inside = tokens.values.filter { $0.status == .active }.count
        if inside > Int(room.capacity) { fail("I5: \(inside) inside of \(room.capacity)") }
        let isBack = old?.status == .called
        if isBack { note("back and admitted") }
        for other in tokens.values where other.id != row.id {
            // Nobody who stayed is overtaken, whoever joined when.
            if other.status == .waiting, rank(other) < rank(row) {
                fail("token \(row.id), rank \(rank(row)), was admitted before \(other.id), rank \(rank(other))")
            }
            // Who was passed over and is back is next; several in the order of their rank.
            let isNext = back.contains(other.id) && isPresent(other.member) && other.status == .called
            if isNext, !isBack || rank(other) < rank(row) {
                fail("token \(row.id) was admitted before \(other.id), who was called and is back")
            }
        }
        back.remove(row.id)
        checkPace()
    }

    private mutating func called(_ row: TokenRow, was old: TokenRow?) {
        guard old?.status != .called else { return }
        if connected.contains(row.member) { fail("token \(row.id) was called while its member is connected") }
        if old?.status == .waiting, isPresent(row.member) { fail("token \(row.id) was called while present") }
        note(old?.status == .active ? "called after admission" : "called")
    }

    private func isPresent(_ member: MemberID) -> Bool {
        connected.contains(member) || sale.now <= (seenAt[member] ?? .distantPast) + .seconds(60)
            || sale.now <= restartedAt + .seconds(60)
    }

    /// Never more in a stretch of time than the pace gives it, but for the quarter of a second that is caught up with.
    private mutating func checkPace() {
        admissions.append(sale.now)
        guard room!.admissionsPerMinute > 0 else { return }
        let interval = 60_000_000 / Int64(room!.admissionsPerMinute)
        let since = admissions.suffix(50).filter { $0 >= max(paceSince, restartedAt) }
        for (index, first) in since.enumerated() {
            let spent = Int64(since.count - index - 2) * interval
            if spent > (sale.now - first).count + 250_000 {
                return fail("\(since.count - index) admissions in \((sale.now - first).count) µs, one each \(interval)")
            }
        }
    }

    private mutating func note(_ word: String) {
        seen[String(word.prefix { !$0.isNumber }), default: 0] += 1
    }

    private mutating func fail(_ what: String) {
        if broken == nil { broken = "\((sale.now - opensAt).count / 1_000) ms after the opening: \(what)" }
    }
}
