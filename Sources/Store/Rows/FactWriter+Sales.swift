import BoxOfficeEngine
import BoxOfficeProtocol
import GRDB

// What an on-sale writes.

extension FactWriter {
    func write(_ row: ReservationRow) throws {
        let isNew = row.id.rawValue > newestReservation
        let statement = isNew ? newReservation : reservation
        statement.bind(row.id)
        statement.bind(row.member)
        statement.bind(row.performance)
        text.array(of: row.seats)
        statement.bind(text: text.bytes)
        text.array(of: row.prices)
        statement.bind(text: text.bytes)
        statement.bind(row.status.name)
        statement.bind(row.heldAt)
        statement.bind(row.expiresAt)
        statement.bind(row.payment)
        statement.bind(row.endedAt)
        if isNew {
            statement.bind(chains.append(row.id.rawValue, to: .reservations, of: row.member))
            newestReservation = row.id.rawValue
        }
        try statement.run()
        guard isNew || db.changesCount == 1 else { throw StoreFailure.failed("reservation \(row.id) is not there") }
    }

    func write(_ row: NoticeRow) throws {
        notice.bind(row.id)
        notice.bind(row.member)
        notice.bind(row.sequence)
        notice.bind(row.at)
        notice.bind(row.opcode.name)
        notice.bind(row.subject)
        notice.bind(row.body)
        try notice.run()
    }

    func write(_ row: OperationRow) throws {
        operation.bind(row.id)
        text.name(of: row.owner)
        operation.bind(text: text.bytes)
        operation.bind(row.key.rawValue)
        operation.bind(row.opcode.name)
        operation.bind(row.digest)
        operation.bind(row.result)
        operation.bind(row.at)
        try operation.run()
    }

    func write(_ row: TokenRow) throws {
        let isNew = row.id.rawValue > newestToken
        let statement = isNew ? newToken : token
        statement.bind(row.id)
        statement.bind(row.concert)
        statement.bind(row.member)
        statement.bind(row.status.name)
        statement.bind(row.ticket)
        statement.bind(row.joinedAt)
        statement.bind(row.admittedAt)
        statement.bind(row.activeUntil)
        statement.bind(row.calledUntil)
        statement.bind(row.endedAt)
        if isNew { newestToken = row.id.rawValue }
        try statement.run()
        guard isNew || db.changesCount == 1 else { throw StoreFailure.failed("token \(row.id) is not there") }
    }

    func write(_ row: LedgerRow) throws {
        let debit = previous(row, on: row.debit)
        let credit = previous(row, on: row.credit)
        try run("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?)") {
            $0.bind(row.id)
            $0.bind(row.at)
            text.name(of: row.debit)
            $0.bind(text: text.bytes)
            text.name(of: row.credit)
            $0.bind(text: text.bytes)
            $0.bind(row.amount)
            $0.bind(row.reservation)
            $0.bind(debit)
            $0.bind(credit)
        }
    }

    /// The entry before this one on a member's account; other accounts have no chain.
    private func previous(_ row: LedgerRow, on account: LedgerAccount) -> UInt64? {
        guard case .member(let member) = account else { return nil }
        return chains.append(row.id.rawValue, to: .ledger, of: member)
    }

    func write(_ row: PaymentRow) throws {
        try run("INSERT INTO payment VALUES (?, ?, ?, ?, ?, ?, ?)") {
            $0.bind(row.id)
            $0.bind(row.reservation)
            $0.bind(row.member)
            $0.bind(row.amount)
            $0.bind(row.at)
            $0.bind(row.entry)
            $0.bind(chains.append(row.id.rawValue, to: .payments, of: row.member))
        }
    }
}
