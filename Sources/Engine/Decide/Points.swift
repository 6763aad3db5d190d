import BoxOfficeProtocol

// Points move by double entry only: every movement is one ledger row, and a balance is what the rows say (I2, I3).

extension Engine {
    func balance(of account: LedgerAccount) -> Points { accounts[account] ?? Points(0) }

    mutating func charge(
        _ request: Charge, by member: MemberID, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> Charged {
        guard request.amount > Points(0), request.amount <= configuration.chargeMax else {
            throw Refusal(.badAmount, "A charge is 1 to \(configuration.chargeMax) points.")
        }
        let entry = try move(request.amount, from: .topup, to: .member(member), for: nil, at: now, into: &effects)
        let charged = Charged(entry: entry, amount: request.amount, balance: balance(of: .member(member)), at: now)
        notify(
            member,
            .pointsCharged(PointsCharged(at: now, entry: entry, amount: charged.amount, balance: charged.balance)),
            about: entry.rawValue, at: now, into: &effects)
        return charged
    }

    func balance(_ request: GetBalance, by actor: Actor) throws(Refusal) -> Balance {
        guard let member = request.member ?? actor.member else {
            throw Refusal(.badRequest, "Whose balance?", path: "member")
        }
        if let own = actor.member, own != member, !isOperator(actor) { throw Refusal(.notAllowed) }
        guard members[member] != nil else { throw Refusal(.unknownMember) }
        return Balance(member: member, balance: balance(of: .member(member)))
    }

    /// Moves points, or refuses when an account could not hold the result. A price of nothing has its row too, so that
    /// I4 holds for a free seat as for any other.
    mutating func move(
        _ amount: Points, from debit: LedgerAccount, to credit: LedgerAccount, for reservation: ReservationID?,
        at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> LedgerEntryID {
        guard canMove(amount, from: debit, to: credit) else { throw Refusal(.badAmount) }
        let row = LedgerRow(
            id: LedgerEntryID(identifiers.ledger), at: now, debit: debit, credit: credit, amount: amount,
            reservation: reservation)
        emit(.ledger(row), into: &effects)
        return row.id
    }

    func canMove(_ amount: Points, from debit: LedgerAccount, to credit: LedgerAccount) -> Bool {
        let (debited, underflow) = balance(of: debit).rawValue.subtractingReportingOverflow(amount.rawValue)
        let (_, overflow) = balance(of: credit).rawValue.addingReportingOverflow(amount.rawValue)
        guard !underflow, !overflow else { return false }
        // I3: a member's balance is never below zero.
        if case .member = debit { return debited >= 0 }
        return true
    }
}
