import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import Foundation

/// A directory that is gone after the test.
final class TemporaryDirectory: HasDataDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "boxoffice-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Where a data file is, on a real disk or on one in memory.
protocol HasDataDirectory: AnyObject, Sendable {
    var path: String { get }
}

extension HasDataDirectory {
    var file: String { path + "/boxoffice.sqlite" }

    /// An open store that has loaded what there is.
    func store() throws -> Store {
        let store = try Store.open(directory: path)
        try store.load { _ in }
        return store
    }

    /// What a new start finds.
    func reloaded() throws -> FactModel {
        let store = try Store.open(directory: path)
        defer { store.close() }
        var model = FactModel()
        try store.load { model.apply($0) }
        return model
    }

    /// A server's start and end: what a killed process has left in the log is copied into the file before anybody is told.
    func startAndEnd() throws {
        let store = try store()
        defer { store.close() }
        try store.checkpoint(truncate: true)
        try store.updateWitness()
    }
}

/// The answer of the `sqlite3` shell, as an operator would ask it, beside whatever has the file open. With `quotes` each
/// value is told as SQL, so that nothing and an empty text are not the same.
func shell(_ file: String, _ sql: String, readOnly: Bool = true, quotes: Bool = false) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sqlite3"] + (readOnly ? ["-readonly"] : []) + (quotes ? ["-quote"] : []) + [file, sql]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
}

extension Instant {
    /// 2026-03-01T00:00:00Z and so many seconds and a quarter of a millisecond: shows what loses precision.
    static func at(_ seconds: Int64) -> Instant { Instant(1_772_323_200_000_250 + seconds * 1_000_000) }
}

/// Rows to start from: two members, a hall, a concert with a date and a room. Texts have what text can have.
enum Sample {
    static let hall = Hall(
        name: "Klub \"Süd\"", categories: ["Parkett", "좌석", ""],
        rows: [
            HallRow(
                zone: "Mitte", row: "A",
                seats: [
                    HallSeat(number: "1", guid: "A-1", category: 0, x: -50, y: 100),
                    HallSeat(number: "2", guid: "A-2", category: 1, x: .max, y: .min),
                ]),
            HallRow(zone: "", row: "", seats: []),
            HallRow(zone: "🎸", row: "Z", seats: [HallSeat(number: "", guid: "z", category: 2, x: 0, y: 0)]),
            HallRow(zone: "Mitte", row: "leer", seats: []),
        ], digest: Digest.random())

    static func member(_ id: UInt64, _ name: String) -> MemberRow {
        MemberRow(
            id: MemberID(id), name: name, nameKey: name.lowercased(), passwordHash: "$argon2id$\(id)",
            isOperator: id == 1, createdAt: .at(0))
    }

    static let plan = PlanRow(id: PlanID(1), hall: hall, document: Array("{\"name\": \"x\\u0000\"}".utf8) + [0, 255])
    static let concert = ConcertRow(
        id: ConcertID(1), key: "k/1", title: "봄의 \"노래\" '\n", artists: ["Ann", "\\ \"B\"", "이", ""], description: "")
    static let performance = PerformanceRow(
        id: PerformanceID(1), key: "d1", concert: ConcertID(1), plan: PlanID(1), startsAt: .at(90_000),
        timeZone: "Asia/Seoul", saleOpensAt: .distantPast, saleClosesAt: .distantFuture,
        prices: [Points(50), nil, Points(.max)], blocked: [SeatIndex(1), SeatIndex(2)])
    static let room = RoomRow(
        concert: ConcertID(1), mode: .paused, capacity: .max, admissionsPerMinute: 7, activeSeconds: 600,
        idleSeconds: 30,
        callWindowSeconds: 0, opensAt: .at(5), message: "Gleich geht's weiter", seed: .random())

    static let world: [Fact] = [
        .member(member(1, "Ann")), .member(member(2, "Bob")), .plan(plan), .concert(concert),
        .performance(performance), .room(room),
    ]

    static func session(_ id: UInt64, of member: UInt64 = 1, acknowledged: UInt64? = nil) -> SessionRow {
        SessionRow(
            id: SessionID(id), member: MemberID(member), tokenDigest: .random(), device: "Телефон", createdAt: .at(1),
            usedAt: .at(2), acknowledged: acknowledged)
    }

    static func token(_ id: UInt64, of member: UInt64 = 1, _ status: TokenStatus = .waiting) -> TokenRow {
        TokenRow(
            id: TokenID(id), concert: ConcertID(1), member: MemberID(member), status: status, ticket: id,
            joinedAt: .at(3))
    }

    static func reservation(
        _ id: UInt64, of member: UInt64 = 1, _ seats: [UInt32] = [0], _ status: ReservationStatus = .held,
        payment: UInt64? = nil
    ) -> ReservationRow {
        ReservationRow(
            id: ReservationID(id), member: MemberID(member), performance: PerformanceID(1),
            seats: seats.map { SeatIndex($0) }, prices: seats.map { _ in Points(50) }, status: status, heldAt: .at(4),
            expiresAt: .at(304), payment: payment.map { PaymentID($0) }, endedAt: status == .held ? nil : .at(5))
    }

    /// A new hold as the engine decides it: the reservation, its notice and its operation.
    static func hold(
        _ id: UInt64, of member: UInt64 = 1, _ seats: [UInt32] = [0], notice: UInt64, _ sequence: UInt64,
        operation: UInt64
    ) -> [Fact] {
        let row = reservation(id, of: member, seats)
        return [
            .reservation(row),
            .notice(
                NoticeRow(
                    id: notice, member: row.member, sequence: sequence, at: row.heldAt, opcode: .held, subject: id,
                    body: [])),
            .operation(
                OperationRow(
                    id: operation, owner: .member(row.member), key: .random(), opcode: .hold,
                    digest: Bytes16(high: id, low: .max), result: .hold(row.id), at: row.heldAt)),
        ]
    }

    static func charge(_ id: UInt64, to member: UInt64 = 1, _ amount: Int64 = 100) -> LedgerRow {
        LedgerRow(
            id: LedgerEntryID(id), at: .at(6), debit: .topup, credit: .member(MemberID(member)), amount: Points(amount),
            reservation: nil)
    }

    static func sale(_ id: UInt64, of reservation: UInt64, by member: UInt64 = 1, _ amount: Int64 = 50) -> LedgerRow {
        LedgerRow(
            id: LedgerEntryID(id), at: .at(6), debit: .member(MemberID(member)), credit: .sales(ConcertID(1)),
            amount: Points(amount), reservation: ReservationID(reservation))
    }

    static func payment(
        _ id: UInt64, of reservation: UInt64, by member: UInt64 = 1, entry: UInt64, _ amount: Int64 = 50
    ) -> PaymentRow {
        PaymentRow(
            id: PaymentID(id), reservation: ReservationID(reservation), member: MemberID(member),
            amount: Points(amount), at: .at(6), entry: LedgerEntryID(entry))
    }

    static func notice(_ id: UInt64, to member: UInt64 = 1, _ sequence: UInt64) -> NoticeRow {
        NoticeRow(
            id: id, member: MemberID(member), sequence: sequence, at: .at(7), opcode: .holdExpired, subject: id,
            body: [0, 1, 2, UInt8(truncatingIfNeeded: id)])
    }

    static func operation(_ id: UInt64, _ owner: OperationOwner = .member(MemberID(1))) -> OperationRow {
        OperationRow(
            id: id, owner: owner, key: .random(), opcode: .hold, digest: Bytes16(high: id, low: .max),
            result: .response([1, 0]), at: .at(8))
    }
}
