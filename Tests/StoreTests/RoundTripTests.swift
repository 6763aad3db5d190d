import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import Testing

/// What was committed is what the next start loads.
@Suite struct RoundTripTests {
    /// Each kind of fact, new and replaced, after the rows that it rests on.
    static let cases: [(String, [Fact])] = [
        ("members", [.member(Sample.member(1, "Ann")), .member(Sample.member(1, "ANN"))]),
        ("a member with every text", [.member(Sample.member(9, "이🙂 \0 'x\""))]),
        ("a session", [.session(Sample.session(1)), .session(Sample.session(1, acknowledged: 7))]),
        ("an ended session", [.session(Sample.session(1)), .session(Sample.session(2)), .sessionEnded(SessionID(1))]),
        ("a plan replaced", [.plan(PlanRow(id: PlanID(1), hall: smallHall, document: []))]),
        ("a plan without a seat", [.plan(PlanRow(id: PlanID(2), hall: emptyHall, document: [1]))]),
        ("a concert changed", [.concert(changedConcert)]),
        ("a date changed", [.performance(changedPerformance)]),
        ("a room opened", [.room(openRoom)]),
        ("a token through its life", [.token(Sample.token(1)), .token(endedToken)]),
        ("a hold", [.reservation(Sample.reservation(1, [0, 2, 4_000_000_000]))]),
        (
            "a hold that ended",
            [.reservation(Sample.reservation(1)), .reservation(Sample.reservation(1, [0], .expired))]
        ),
        ("a charge", [.ledger(Sample.charge(1, to: 2, .max))]),
        ("a payment", paid),
        ("a payment, said backwards", [paid[4], paid[3], paid[1], paid[2], paid[0]]),
        ("a notice", [.notice(Sample.notice(1, 1)), .notice(Sample.notice(2, to: 2, 1))]),
        (
            "pruned notices",
            (1...5).map { .notice(Sample.notice($0, $0)) } + [
                .noticesPruned(MemberID(1), through: 4, rows: [1, 2, 3, 4])
            ]
        ),
        (
            "operations of every owner",
            [
                .operation(Sample.operation(1)), .operation(Sample.operation(2, .name("name:이:"))),
                .operation(Sample.operation(3, .local)),
            ]
        ),
        (
            "pruned operations",
            (1...5).map { .operation(Sample.operation($0)) } + [.operationsPruned(floor: .at(3), throughRow: 3)]
        ),
        ("nothing pruned yet", [.operationsPruned(floor: .distantPast, throughRow: 0)]),
    ]

    @Test(arguments: cases)
    func loadGivesWhatWasCommitted(_ name: String, _ facts: [Fact]) throws {
        let directory = try TemporaryDirectory()
        let all = Sample.world + facts
        let store = try directory.store()
        try store.commit(all, at: .at(10))
        store.close()
        #expect(try directory.reloaded() == FactModel(all), "\(name), in one batch")

        let other = try TemporaryDirectory()
        let batches = name.contains("backwards") || name.contains("payment") ? [Sample.world, facts] : all.map { [$0] }
        let second = try other.store()
        for batch in batches { try second.commit(batch, at: .at(11)) }
        second.close()
        #expect(try other.reloaded() == FactModel(all), "\(name), in \(batches.count) batches")
    }

    @Test func factsComeInTheOrderInWhichTheyRestOnEachOther() throws {
        let directory = try TemporaryDirectory()
        let facts =
            Sample.world + Self.paid + [
                .session(Sample.session(1)), .token(Sample.token(1)), .notice(Sample.notice(1, 1)),
                .operation(Sample.operation(2)), .operationsPruned(floor: .at(0), throughRow: 1),
            ]
        let store = try directory.store()
        // All but the ledger's own order, which its chain rests on.
        let isEntry: (Fact) -> Bool = { if case .ledger = $0 { true } else { false } }
        try store.commit(facts.reversed().filter { !isEntry($0) } + facts.filter(isEntry), at: .at(10))
        var kinds: [Int] = []
        let last = try store.load { kinds.append($0.place) }
        #expect(kinds == kinds.sorted() && Set(kinds).count == 13)
        #expect(last == .at(10))
    }

    @Test func aNewFileIsEmpty() throws {
        let directory = try TemporaryDirectory()
        let store = try Store.open(directory: directory.path)
        var facts: [Fact] = []
        #expect(try store.load { facts.append($0) } == .distantPast)
        #expect(facts.isEmpty)
        let deployment = store.deployment
        store.close()
        #expect(try directory.store().deployment == deployment)
        let other = try TemporaryDirectory()
        #expect(try other.store().deployment != deployment)
    }

    @Test func anErrorOfTheReaderEndsTheLoad() throws {
        struct Unreadable: Error {}
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        try store.commit(Sample.world, at: .at(1))
        #expect(throws: StoreFailure.self) { try store.load { _ in throw Unreadable() } }
        try store.load { _ in }
        try store.commit([.session(Sample.session(1))], at: .at(2))
    }

    static let paid: [Fact] = [
        .reservation(Sample.reservation(1)), .ledger(Sample.charge(1)), .ledger(Sample.sale(2, of: 1)),
        .payment(Sample.payment(1, of: 1, entry: 2)), .reservation(Sample.reservation(1, [0], .confirmed, payment: 1)),
    ]
    static let smallHall = Hall(
        name: "klein", categories: ["x"],
        rows: [HallRow(zone: "", row: "1", seats: [HallSeat(number: "1", guid: "g", category: 0, x: 1, y: 2)])],
        digest: .random())
    static let emptyHall = Hall(name: "", categories: [], rows: [], digest: .random())
    static let changedConcert = ConcertRow(
        id: ConcertID(1), key: "k/1", title: "New", artists: [], description: String(repeating: "äß", count: 9_000))
    static var changedPerformance: PerformanceRow {
        var row = Sample.performance
        (row.prices, row.blocked, row.startsAt) = ([], [], .at(1))
        return row
    }
    static var openRoom: RoomRow {
        var row = Sample.room
        (row.mode, row.capacity) = (.open, 0)
        (row.drawnAt, row.tickets) = (Instant.at(9), 3)
        return row
    }
    static var endedToken: TokenRow {
        var row = Sample.token(1, .expired)
        (row.admittedAt, row.activeUntil, row.calledUntil, row.endedAt) = (.at(1), .at(2), .at(3), .at(4))
        return row
    }
}

extension Fact {
    /// Its place in a load.
    fileprivate var place: Int {
        switch self {
        case .operationsPruned: 0
        case .member: 1
        case .session: 2
        case .plan: 3
        case .concert: 4
        case .performance: 5
        case .room: 6
        case .roomChange: 7
        case .token: 8
        case .reservation: 9
        case .ledger: 10
        case .payment: 11
        case .notice: 12
        case .operation: 13
        case .sessionEnded, .noticesPruned: -1
        }
    }
}
