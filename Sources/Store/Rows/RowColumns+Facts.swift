import BoxOfficeEngine
import BoxOfficeProtocol
import Foundation

// Rows as facts again. Each reads the columns in the order of its table.

extension MemberRow {
    init(_ columns: inout RowColumns) {
        self.init(
            id: MemberID(columns.unsigned()), name: columns.text(), nameKey: columns.text(),
            passwordHash: columns.text(), isOperator: columns.bool(), createdAt: columns.instant())
    }
}

extension SessionRow {
    init(_ columns: inout RowColumns) throws {
        self.init(
            id: SessionID(columns.unsigned()), member: MemberID(columns.unsigned()), tokenDigest: try columns.digest(),
            device: columns.text(), createdAt: columns.instant(), usedAt: columns.instant(),
            acknowledged: columns.optionalUnsigned())
    }
}

extension ConcertRow {
    init(_ columns: inout RowColumns) throws {
        self.init(
            id: ConcertID(columns.unsigned()), key: columns.text(), title: columns.text(),
            artists: try columns.text(as: { try? JSONDecoder().decode([String].self, from: Data($0.utf8)) }),
            description: columns.text())
    }
}

extension PerformanceRow {
    init(_ columns: inout RowColumns) throws {
        self.init(
            id: PerformanceID(columns.unsigned()), key: columns.text(), concert: ConcertID(columns.unsigned()),
            plan: PlanID(columns.unsigned()), startsAt: columns.instant(), timeZone: columns.text(),
            saleOpensAt: columns.instant(), saleClosesAt: columns.instant(),
            prices: try columns.numbers { .some($0.map { Points($0) }) }, blocked: try columns.numbers(SeatIndex.init))
    }
}

extension RoomRow {
    init(_ columns: inout RowColumns) throws {
        self.init(
            concert: ConcertID(columns.unsigned()), mode: try columns.named(), capacity: try columns.small(),
            admissionsPerMinute: try columns.small(), activeSeconds: try columns.small(),
            idleSeconds: try columns.small(), callWindowSeconds: try columns.small(),
            opensAt: columns.optionalInstant(), message: columns.text(), seed: DrawSeed(try columns.bytes32()),
            drawnAt: columns.optionalInstant(), tickets: columns.unsigned())
    }
}

extension RoomChangeRow {
    init(_ columns: inout RowColumns) throws {
        self.init(
            id: RoomChangeID(columns.unsigned()), concert: ConcertID(columns.unsigned()), at: columns.instant(),
            by: columns.optionalUnsigned().map { MemberID($0) }, subject: try columns.named(), from: columns.text(),
            to: columns.text(), member: columns.optionalUnsigned().map { MemberID($0) },
            reason: columns.optionalText())
    }
}

extension TokenRow {
    init(_ columns: inout RowColumns) throws {
        self.init(
            id: TokenID(columns.unsigned()), concert: ConcertID(columns.unsigned()),
            member: MemberID(columns.unsigned()), status: try columns.named(), ticket: columns.unsigned(),
            joinedAt: columns.instant(), admittedAt: columns.optionalInstant(),
            activeUntil: columns.optionalInstant(), calledUntil: columns.optionalInstant(),
            endedAt: columns.optionalInstant())
    }
}

extension ReservationRow {
    init(_ columns: inout RowColumns) throws {
        self.init(
            id: ReservationID(columns.unsigned()), member: MemberID(columns.unsigned()),
            performance: PerformanceID(columns.unsigned()), seats: try columns.numbers(SeatIndex.init),
            prices: try columns.numbers { $0.map { Points($0) } }, status: try columns.named(),
            heldAt: columns.instant(), expiresAt: columns.instant(),
            payment: columns.optionalUnsigned().map { PaymentID($0) }, endedAt: columns.optionalInstant())
    }
}

extension LedgerRow {
    init(_ columns: inout RowColumns) throws {
        self.init(
            id: LedgerEntryID(columns.unsigned()), at: columns.instant(),
            debit: try columns.text(as: LedgerAccount.init), credit: try columns.text(as: LedgerAccount.init),
            amount: Points(columns.integer()), reservation: columns.optionalUnsigned().map { ReservationID($0) })
    }
}

extension PaymentRow {
    init(_ columns: inout RowColumns) {
        self.init(
            id: PaymentID(columns.unsigned()), reservation: ReservationID(columns.unsigned()),
            member: MemberID(columns.unsigned()), amount: Points(columns.integer()), at: columns.instant(),
            entry: LedgerEntryID(columns.unsigned()))
    }
}

extension NoticeRow {
    /// - Parameter withBody: The body is the last column; a load leaves it where it is.
    init(_ columns: inout RowColumns, withBody: Bool) throws {
        self.init(
            id: columns.unsigned(), member: MemberID(columns.unsigned()), sequence: columns.unsigned(),
            at: columns.instant(), opcode: try columns.text(as: { opcodes[$0] }), subject: columns.unsigned(),
            body: withBody ? columns.blob() : [])
    }
}

extension OperationRow {
    init(_ columns: inout RowColumns) throws {
        let (id, owner) = (columns.unsigned(), try columns.text(as: OperationOwner.init))
        let (key, opcode) = (OperationKey(try columns.bytes16()), try columns.text(as: { opcodes[$0] }))
        self.init(
            id: id, owner: owner, key: key, opcode: opcode, digest: try columns.bytes16(),
            result: OperationResult(columns.blob(), of: opcode), at: columns.instant())
    }
}

extension SeatIndex {
    /// Of a number in a JSON array.
    fileprivate init?(_ number: Int64?) {
        guard let number, let index = UInt32(exactly: number) else { return nil }
        self.init(index)
    }
}

/// Names are unique among all opcodes, so that one table serves notices and requests.
private let opcodes = Dictionary(Opcode.allCases.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
