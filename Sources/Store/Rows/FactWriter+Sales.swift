import BoxOfficeEngine
import BoxOfficeProtocol
import GRDB

// What an on-sale writes.

extension FactWriter {
    /// - Parameter rider: Of a new row; one that is there keeps its own.
    func write(_ row: ReservationRow, _ rider: HoldRider = .none) throws {
        if row.id.rawValue > newestReservation {
            let previous = chains.append(row.id.rawValue, to: .reservations, of: row.member)
            newestReservation = row.id.rawValue
            try write(row, previous, rider, newReservation)
        } else {
            var known: (previous: UInt64?, rider: HoldRider) = (nil, .none)
            try forget(oldReservation, { $0.bind(row.id) }) {
                $0.skip(10)
                known = ($0.optionalUnsigned(), try HoldRider(&$0))
            }
            try write(row, known.previous, known.rider, reservation)
            guard db.changesCount == 1 else { throw StoreFailure.failed("reservation \(row.id) is not there") }
        }
    }

    private func write(
        _ row: ReservationRow, _ previous: UInt64?, _ rider: HoldRider, _ statement: RowStatement
    ) throws {
        let checksum = try statement.runSealed {
            $0.bind(row.id)
            $0.bind(row.member)
            $0.bind(row.performance)
            $0.bind(row.seats)
            $0.bind(row.prices)
            $0.bind(row.status.name)
            $0.bind(row.heldAt)
            $0.bind(row.expiresAt)
            $0.bind(row.payment)
            $0.bind(row.endedAt)
            $0.bind(previous)
            $0.bind(rider)
        }
        seals.add(checksum, to: .reservation)
    }

    /// Deletes a notice, or takes it out of its reservation's row.
    func prune(notice: UInt64) throws {
        guard let reservation = heldNotices.reservation(of: notice) else {
            return try delete(from: .notice, where: "id = ?") { $0.bind(notice) }
        }
        var known: (row: ReservationRow, previous: UInt64?, rider: HoldRider)?
        try forget(oldReservation, { $0.bind(reservation) }) {
            known = (try ReservationRow(&$0), $0.optionalUnsigned(), try HoldRider(&$0))
        }
        guard var known else { throw StoreFailure.failed("reservation \(reservation) is not there") }
        known.rider.notice = nil
        try write(known.row, known.previous, known.rider, self.reservation)
    }

    func write(_ row: NoticeRow) throws {
        let checksum = try notice.runSealed {
            $0.bind(row.id)
            $0.bind(row.member)
            $0.bind(row.sequence)
            $0.bind(row.at)
            $0.bind(row.opcode.name)
            $0.bind(row.subject)
            $0.bind(row.body)
        }
        seals.add(checksum, to: .notice)
    }

    func write(_ row: OperationRow) throws {
        let checksum = try operation.runSealed {
            $0.bind(row.id)
            $0.bind(row.owner.description)
            $0.bind(row.key.rawValue)
            $0.bind(row.opcode.name)
            $0.bind(row.digest)
            $0.bind(row.result.bytes)
            $0.bind(row.at)
        }
        seals.add(checksum, to: .operation)
    }

    func write(_ row: TokenRow) throws {
        let isNew = row.id.rawValue > newestToken
        let statement = isNew ? newToken : token
        if isNew { newestToken = row.id.rawValue } else { try forget(oldToken, { $0.bind(row.id) }) }
        let checksum = try statement.runSealed {
            $0.bind(row.id)
            $0.bind(row.concert)
            $0.bind(row.member)
            $0.bind(row.status.name)
            $0.bind(row.ticket)
            $0.bind(row.joinedAt)
            $0.bind(row.admittedAt)
            $0.bind(row.activeUntil)
            $0.bind(row.calledUntil)
            $0.bind(row.endedAt)
        }
        seals.add(checksum, to: .token)
        guard isNew || db.changesCount == 1 else { throw StoreFailure.failed("token \(row.id) is not there") }
    }

    /// Entries come in the order of their numbers, which is that of their chain.
    func write(_ row: LedgerRow) throws {
        guard row.id.rawValue > newestEntry else {
            throw StoreFailure.failed("entry \(row.id) comes after entry \(newestEntry)")
        }
        newestEntry = row.id.rawValue
        let debit = previous(row, on: row.debit)
        let credit = previous(row, on: row.credit)
        try insert("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", into: .ledger) {
            $0.bind(row.id)
            $0.bind(row.at)
            $0.bind(row.debit.description)
            $0.bind(row.credit.description)
            $0.bind(row.amount)
            $0.bind(row.reservation)
            $0.bind(debit)
            $0.bind(credit)
            seals.linked(seals.link(over: $0.bytes))
            $0.bind(seals.link)
        }
    }

    /// The entry before this one on a member's account; other accounts have no chain.
    private func previous(_ row: LedgerRow, on account: LedgerAccount) -> UInt64? {
        guard case .member(let member) = account else { return nil }
        return chains.append(row.id.rawValue, to: .ledger, of: member)
    }

    func write(_ row: PaymentRow) throws {
        try insert("INSERT INTO payment VALUES (?, ?, ?, ?, ?, ?, ?, ?)", into: .payment) {
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
