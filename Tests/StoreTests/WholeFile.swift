import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore

/// A small box office with rows in every table, changed and deleted ones too, in batches as an engine commits them.
enum WholeFile {
    static let batches: [[Fact]] = [
        Sample.world,
        [.session(Sample.session(1)), .session(Sample.session(2, of: 2)), .session(Sample.session(3))],
        [
            .room(drawn), .token(token(1, .active)), .token(token(2, .waiting)),
            .ledger(Sample.charge(1, to: 1, 500)), .ledger(Sample.charge(2, to: 2, 300)),
        ],
        [
            .reservation(Sample.reservation(1, [0])), .notice(Sample.notice(1, 1)), .operation(Sample.operation(1)),
            .sessionEnded(SessionID(3)),
        ],
        [
            .ledger(Sample.sale(3, of: 1)), .payment(Sample.payment(1, of: 1, entry: 3)),
            .reservation(Sample.reservation(1, [0], .confirmed, payment: 1)), .notice(Sample.notice(2, 2)),
            .operation(Sample.operation(2)), .token(token(1, .completed)),
        ],
        Sample.hold(2, of: 2, [1, 2], notice: 3, 1, operation: 3) + [.roomChange(barred)],
        [
            .reservation(Sample.reservation(2, of: 2, [1, 2], .expired)), .notice(Sample.notice(4, to: 2, 2)),
            .operation(Sample.operation(4, .local)), .token(token(2, .expired)),
        ],
        [
            .noticesPruned(MemberID(1), through: 1, rows: [1]), .operationsPruned(floor: .at(1), throughRow: 1),
            .session(Sample.session(4)), .operation(Sample.operation(5, .name("cem"))),
        ],
    ]

    /// What goes on after a start: new rows of every kind that a sale writes, and old rows changed.
    static let later: [Fact] = [
        .member(Sample.member(3, "Cem")), .session(Sample.session(5, of: 3)), .token(token(3, .active)),
        .reservation(Sample.reservation(3, of: 1, [2])), .ledger(Sample.charge(4, to: 2, 7)),
        .notice(Sample.notice(5, 3)), .notice(Sample.notice(6, to: 2, 3)), .operation(Sample.operation(6)),
        .reservation(Sample.reservation(1, [0], .refunded, payment: 1)),
        .noticesPruned(MemberID(2), through: 1, rows: [3]), .sessionEnded(SessionID(1)),
    ]

    private static var drawn: RoomRow {
        var row = Sample.room
        row.drawnAt = .at(2)
        return row
    }

    private static func token(_ id: UInt64, _ status: TokenStatus) -> TokenRow {
        var row = Sample.token(id, of: id, status)
        if status != .waiting { (row.admittedAt, row.activeUntil) = (.at(3), .at(603)) }
        if status == .completed || status == .expired { row.endedAt = .at(4) }
        return row
    }

    static let barred = RoomChangeRow(
        id: RoomChangeID(1), concert: ConcertID(1), at: .at(3), by: MemberID(1), subject: .barred, from: "",
        to: "barred",
        member: MemberID(2), reason: "a \"robot\"")

    static var model: FactModel { FactModel(batches.flatMap { $0 }) }

    /// Writes it into a directory: the first batches in the data file, the rest in its log.
    /// - Parameter checkpointed: Called when the log was copied, after each batch when all are to be in the file.
    static func store(in directory: String, inFile: Int = 5, checkpointed: () -> Void = {}) throws -> Store {
        let store = try Store.open(directory: directory)
        try store.load { _ in }
        for (index, batch) in batches.enumerated() {
            try store.commit(batch, at: .at(Int64(10 + index)))
            guard index + 1 == inFile || inFile == batches.count else { continue }
            try store.checkpoint(truncate: true)
            checkpointed()
        }
        try store.updateWitness()
        return store
    }
}
