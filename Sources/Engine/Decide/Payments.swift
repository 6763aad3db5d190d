import BoxOfficeProtocol

// Paying is one step: points move, the payment is recorded, the seats are the member's, the token may end (I4).

extension Engine {
    mutating func pay(
        _ request: Pay, by member: MemberID, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> Paid {
        var row = try ownReservation(request.reservation, of: member)
        try requireHeld(row)
        // I7: deadlines that are due were carried out before this command, so a held reservation is before its own.
        precondition(now < row.expiresAt, "I7: reservation \(row.id) is held past its deadline")
        let concert = performances[row.performance]!.row.concert
        guard mayPay(member, in: concert) else { throw Refusal(.queueRequired) }
        guard balance(of: .member(member)) >= row.total else {
            throw Refusal(
                .insufficientPoints, "The price is \(row.total), the balance \(balance(of: .member(member))).")
        }

        let entry = try move(
            row.total, from: .member(member), to: .sales(concert), for: row.id, at: now, into: &effects)
        let payment = PaymentRow(
            id: PaymentID(identifiers.payment), reservation: row.id, member: member, amount: row.total, at: now,
            entry: entry)
        emit(.payment(payment), into: &effects)
        row.status = .confirmed
        row.payment = payment.id
        row.endedAt = now
        emit(.reservation(row), into: &effects)
        effects.changedMaps.insert(row.performance)

        let paid = Paid(
            payment: payment.told, reservation: reservation(row), balance: balance(of: .member(member)))
        notify(
            member,
            .receipt(Receipt(at: now, payment: paid.payment, reservation: paid.reservation, balance: paid.balance)),
            about: row.id.rawValue, at: now, into: &effects)
        tokenAfterHold(of: member, in: concert, paid: true, at: now, into: &effects)
        return paid
    }

    /// Gives a paid reservation back in full. The points come from `refunds`, so that sales stay what was sold.
    mutating func refund(
        _ request: Refund, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> Refunded {
        guard var row = reservations[request.reservation] else {
            throw Refusal(.unknownReservation, "There is no such reservation.")
        }
        guard row.status == .confirmed else {
            throw Refusal(.notConfirmed, "The reservation is \(row.status.name).")
        }
        let entry = try move(
            row.total, from: .refunds, to: .member(row.member), for: row.id, at: now, into: &effects)
        row.status = .refunded
        row.endedAt = now
        emit(.reservation(row), into: &effects)
        effects.changedMaps.insert(row.performance)
        let told = reservation(row)
        notify(
            row.member,
            .refundMade(
                RefundMade(at: now, reservation: told, amount: row.total, balance: balance(of: .member(row.member)))),
            about: row.id.rawValue, at: now, into: &effects)
        return Refunded(reservation: told, entry: entry, amount: row.total, at: now)
    }
}

extension PaymentRow {
    /// The payment as it travels.
    public var told: Payment { Payment(payment: id, reservation: reservation, entry: entry, amount: amount, at: at) }
}
