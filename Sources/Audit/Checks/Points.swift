extension Check {
    /// Where the points are.
    static let points = [
        Check(
            "I2", "entry % has the account %, which there is not",
            """
            SELECT entry, account FROM movement WHERE account NOT IN ('topup', 'refunds')
            AND account NOT IN (SELECT 'member:' || id FROM member)
            AND account NOT IN (SELECT 'sales:' || id FROM concert)
            """),
        Check(
            "I2", "entry % moves % points",
            "SELECT id, amount FROM ledger WHERE amount < 0 OR (amount = 0 AND reservation IS NULL)"),
        Check("I2", "entry % moves points from % to itself", "SELECT id, debit FROM ledger WHERE debit = credit"),
        Check("I2", "the accounts sum to %, not to zero", "SELECT sum(points) FROM movement HAVING sum(points) != 0"),
        Check(
            "I3", "the balance of % is % after entry %",
            """
            SELECT account, balance, min(entry) FROM (
              SELECT account, entry, sum(points) OVER (PARTITION BY account ORDER BY entry) AS balance FROM movement)
            WHERE account GLOB 'member:*' AND balance < 0 GROUP BY account
            """),
        Check(
            "I4", "reservation % is % and has % payments",
            """
            SELECT reservation.id, status, count(payment.id) AS payments FROM reservation
            LEFT JOIN payment ON payment.reservation = reservation.id
            GROUP BY reservation.id HAVING payments != (status IN ('confirmed', 'refunded'))
            """),
        Check(
            "I4", "reservation % names payment %, which is not its payment",
            """
            SELECT reservation.id, coalesce(reservation.payment, 'none') FROM reservation
            LEFT JOIN payment ON payment.reservation = reservation.id
            WHERE reservation.payment IS NOT payment.id
            """),
        Check(
            "I4", "payment % of % points is for reservation %, which costs %",
            """
            SELECT payment.id, amount, reservation, total FROM payment JOIN reservation_total USING (reservation)
            WHERE amount != total OR payment.member != reservation_total.member
            """),
        Check(
            "I4", "payment % names entry %, which does not move its points",
            """
            SELECT payment.id, entry FROM payment JOIN reservation ON reservation.id = payment.reservation
            JOIN performance ON performance.id = performance
            LEFT JOIN ledger ON ledger.id = entry AND ledger.amount = payment.amount
              AND ledger.reservation = payment.reservation AND debit = 'member:' || payment.member
              AND credit = 'sales:' || concert
            WHERE ledger.id IS NULL
            """),
        Check(
            "I4", "reservation % is % and has % entries that pay it and % that refund it",
            """
            SELECT id, status, paid, refunded FROM (
              SELECT reservation.id, status,
                count(*) FILTER (WHERE debit = 'member:' || member) AS paid,
                count(*) FILTER (WHERE debit = 'refunds') AS refunded, count(ledger.id) AS entries
              FROM reservation LEFT JOIN ledger ON ledger.reservation = reservation.id GROUP BY reservation.id)
            WHERE paid != (status IN ('confirmed', 'refunded')) OR refunded != (status = 'refunded')
              OR entries != paid + refunded
            """),
        Check(
            "I4", "entry % refunds % points for reservation %, which cost %",
            """
            SELECT ledger.id, amount, reservation, total FROM ledger JOIN reservation_total USING (reservation)
            WHERE debit = 'refunds' AND (amount != total OR credit != 'member:' || member)
            """),
        Check(
            "history", "payment % is not chained to the one before it",
            """
            SELECT id FROM (SELECT id, previous, lag(id) OVER (PARTITION BY member ORDER BY id) AS before FROM payment)
            WHERE previous IS NOT before
            """),
        Check(
            "history", "entry % is not chained to the one before it on %",
            """
            SELECT entry, account FROM (
              SELECT entry, account, previous, lag(entry) OVER (PARTITION BY account ORDER BY entry) AS before FROM (
                SELECT id AS entry, debit AS account, debit_previous AS previous FROM ledger
                UNION ALL SELECT id, credit, credit_previous FROM ledger))
            WHERE account GLOB 'member:*' AND previous IS NOT before
            """),
    ]
}
