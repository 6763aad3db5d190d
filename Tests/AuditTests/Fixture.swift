import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import Foundation

/// A small box office as a store writes it: Ann has paid for seat 0, Bob was given his points back and holds seat 2,
/// Cem waits. Seat 1 is blocked.
enum Fixture {
    static let start = Instant(1_772_323_200_000_000)
    static func at(_ seconds: Int64) -> Instant { Instant(start.rawValue + seconds * 1_000_000) }
    /// Long after whenever this runs.
    static let never = Instant(7_000_000_000_000_000)

    static func directory() throws -> String {
        let path = NSTemporaryDirectory() + "boxoffice-audit-test-" + UUID().uuidString
        let store = try Store.open(directory: path)
        try store.load { _ in }
        try store.commit(people + catalogue, at: at(0))
        try store.commit(anns, at: at(10))
        try store.commit(bobs, at: at(20))
        store.close()
        return path
    }

    static let people: [Fact] = (UInt64(1)...3).map {
        let name = ["", "Ann", "Bob", "Cem"][Int($0)]
        return .member(
            MemberRow(
                id: MemberID($0), name: name, nameKey: name.lowercased(), passwordHash: "x", isOperator: false,
                createdAt: at(0)))
    }

    static let catalogue: [Fact] = [
        .plan(
            PlanRow(
                id: PlanID(1),
                hall: Hall(
                    name: "Club", categories: ["A", "B"],
                    rows: [
                        HallRow(zone: "", row: "1", seats: [seat("1", 0), seat("2", 0)]),
                        HallRow(zone: "", row: "2", seats: [seat("1", 1)]),
                    ], digest: .random()), document: [])),
        .concert(ConcertRow(id: ConcertID(1), key: "c", title: "T", artists: [], description: "")),
        .performance(
            PerformanceRow(
                id: PerformanceID(1), key: "d", concert: ConcertID(1), plan: PlanID(1), startsAt: never,
                timeZone: "Europe/Berlin", saleOpensAt: .distantPast, saleClosesAt: never,
                prices: [Points(50), nil], blocked: [SeatIndex(1)])),
        .room(
            RoomRow(
                concert: ConcertID(1), capacity: 2, activeSeconds: 600, callWindowSeconds: 600,
                seed: .random(), drawnAt: at(0), tickets: 0)),
        .token(token(1, .completed)), .token(token(2, .active)), .token(token(3, .waiting)),
    ]

    static let anns: [Fact] = [
        .session(
            SessionRow(
                id: SessionID(1), member: MemberID(1), tokenDigest: .random(), device: "", createdAt: at(0),
                usedAt: at(0), acknowledged: 1)),
        .ledger(entry(1, .topup, .member(MemberID(1)), 100)),
        .reservation(reservation(1, of: 1, seat: 0, .confirmed, payment: 1)),
        .ledger(entry(2, .member(MemberID(1)), .sales(ConcertID(1)), 50, for: 1)),
        .payment(payment(1, of: 1, by: 1, entry: 2)),
        .notice(notice(1, to: 1, 1)), .notice(notice(2, to: 1, 2)), .notice(notice(3, to: 1, 3)),
        .operation(operation(1, of: 1)), .operation(operation(2, of: 1)),
    ]

    static let bobs: [Fact] = [
        .session(
            SessionRow(
                id: SessionID(2), member: MemberID(2), tokenDigest: .random(), device: "", createdAt: at(0),
                usedAt: at(0), acknowledged: nil)),
        .ledger(entry(3, .topup, .member(MemberID(2)), 60)),
        .reservation(reservation(2, of: 2, seat: 2, .refunded, payment: 2)),
        .ledger(entry(4, .member(MemberID(2)), .sales(ConcertID(1)), 50, for: 2)),
        .payment(payment(2, of: 2, by: 2, entry: 4)),
        .ledger(entry(5, .refunds, .member(MemberID(2)), 50, for: 2)),
        .reservation(reservation(3, of: 2, seat: 2, .held)),
        .notice(notice(4, to: 2, 1)), .operation(operation(3, of: 2)),
    ]

    private static func seat(_ number: String, _ category: UInt16) -> HallSeat {
        HallSeat(number: number, guid: "\(category)-\(number)", category: category, x: 0, y: 0)
    }
    private static func token(_ id: UInt64, _ status: TokenStatus) -> TokenRow {
        TokenRow(
            id: TokenID(id), concert: ConcertID(1), member: MemberID(id), status: status, ticket: id, joinedAt: at(0),
            admittedAt: status == .waiting ? nil : at(1), activeUntil: status == .waiting ? nil : at(601),
            endedAt: status == .completed ? at(9) : nil)
    }
    private static func reservation(
        _ id: UInt64, of member: UInt64, seat: UInt32, _ status: ReservationStatus, payment: UInt64? = nil
    ) -> ReservationRow {
        ReservationRow(
            id: ReservationID(id), member: MemberID(member), performance: PerformanceID(1), seats: [SeatIndex(seat)],
            prices: [Points(50)], status: status, heldAt: at(2), expiresAt: status == .held ? never : at(302),
            payment: payment.map { PaymentID($0) }, endedAt: status == .held ? nil : at(3))
    }
    private static func entry(
        _ id: UInt64, _ debit: LedgerAccount, _ credit: LedgerAccount, _ amount: Int64, for reservation: UInt64? = nil
    ) -> LedgerRow {
        LedgerRow(
            id: LedgerEntryID(id), at: at(3), debit: debit, credit: credit, amount: Points(amount),
            reservation: reservation.map { ReservationID($0) })
    }
    private static func payment(_ id: UInt64, of reservation: UInt64, by member: UInt64, entry: UInt64) -> PaymentRow {
        PaymentRow(
            id: PaymentID(id), reservation: ReservationID(reservation), member: MemberID(member), amount: Points(50),
            at: at(3), entry: LedgerEntryID(entry))
    }
    private static func notice(_ id: UInt64, to member: UInt64, _ sequence: UInt64) -> NoticeRow {
        NoticeRow(
            id: id, member: MemberID(member), sequence: sequence, at: at(3), opcode: .held, subject: 1, body: [1])
    }
    private static func operation(_ id: UInt64, of member: UInt64) -> OperationRow {
        OperationRow(
            id: id, owner: .member(MemberID(member)), key: .random(), opcode: .hold, digest: Bytes16(high: 0, low: 0),
            result: .response([]), at: at(3))
    }
}

/// Changes a file with the `sqlite3` shell, past every constraint.
func corrupt(_ directory: String, _ sql: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
        "sqlite3", directory + "/boxoffice.sqlite",
        "PRAGMA ignore_check_constraints = 1; PRAGMA writable_schema = 1; \(sql)",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
}

/// Names, sizes, times and contents of what is in a directory: an audit leaves all as it is.
func snapshot(_ directory: String) throws -> [String: String] {
    let files = FileManager.default
    var result: [String: String] = [:]
    for name in try files.contentsOfDirectory(atPath: directory) {
        let attributes = try files.attributesOfItem(atPath: directory + "/" + name)
        let contents = files.contents(atPath: directory + "/" + name) ?? Data()
        result[name] = "\(attributes[.size] ?? 0) \(attributes[.modificationDate] ?? "") \(contents.hashValue)"
    }
    return result
}
