// A hold is three facts and one row. Its notice and its operation say nothing that the reservation does not say, but for
// their numbers, the key and the digest: those ride in the reservation's row. docs/storage.md has what that saves.

import BoxOfficeEngine
import BoxOfficeProtocol

/// What a reservation's row has beside the reservation: the columns behind `previous`.
struct HoldRider {
    /// The notice of the hold, until it is pruned.
    var notice: (row: UInt64, sequence: UInt64)?
    /// The operation that made the hold.
    var operation: (row: UInt64, key: OperationKey, digest: Bytes16)?

    /// Of a reservation whose notice and operation, if there are any, have rows of their own.
    static let none = HoldRider()

    private init() {}

    /// The rider of a new hold, when the notice and the operation that come behind it are exactly what will be made of the
    /// row again.
    init?(of row: ReservationRow, _ notice: NoticeRow, _ operation: OperationRow) {
        // As `notice(of:)` and `operation(of:)` make them, field by field: made anew to be compared they cost as much as
        // SQLite takes to find the row's place.
        guard notice.member == row.member, notice.at == row.heldAt, notice.opcode == .held,
            notice.subject == row.id.rawValue, notice.body.isEmpty,
            operation.opcode == .hold, operation.at == row.heldAt, operation.owner == .member(row.member),
            operation.result == .hold(row.id)
        else { return nil }
        self.notice = (notice.id, notice.sequence)
        self.operation = (operation.id, operation.key, operation.digest)
    }

    /// - Parameter columns: Of a whole row of `reservation`, read through `previous`.
    init(_ columns: inout RowColumns) throws {
        // A file of version 3, which is verified before it is changed, ends here.
        guard columns.hasMoreThanChecksum else { return }
        let (notice, sequence) = (columns.optionalUnsigned(), columns.optionalUnsigned())
        if let notice, let sequence { self.notice = (notice, sequence) }
        // The last of the columns: nothing is read behind them.
        guard let operation = columns.optionalUnsigned() else { return }
        self.operation = (operation, OperationKey(try columns.bytes16()), try columns.bytes16())
    }

    /// The notice of the hold.
    func notice(of row: ReservationRow) -> NoticeRow? {
        notice.map {
            NoticeRow(
                id: $0.row, member: row.member, sequence: $0.sequence, at: row.heldAt, opcode: .held,
                subject: row.id.rawValue, body: [])
        }
    }

    /// The operation that made the hold.
    func operation(of row: ReservationRow) -> OperationRow? {
        operation.map {
            OperationRow(
                id: $0.row, owner: .member(row.member), key: $0.key, opcode: .hold, digest: $0.digest,
                result: .hold(row.id), at: row.heldAt)
        }
    }
}

extension RowImage {
    mutating func bind(_ rider: HoldRider) {
        bind(rider.notice?.row)
        bind(rider.notice?.sequence)
        if let (row, key, digest) = rider.operation {
            bind(row)
            bind(key.rawValue)
            bind(digest)
        } else {
            for _ in 0..<3 { appendNull() }
        }
    }
}
