extension Check {
    /// The file itself.
    static let structure = [
        Check("file", "%", "PRAGMA integrity_check(100)"),
        Check(
            "file", "row % of % names a % that is not there",
            "SELECT rowid, \"table\", parent FROM pragma_foreign_key_check"),
        // SQLite does not read CHECK constraints of a file that it opens read only, so that `integrity_check` is silent on them.
        Check(
            "file", "% % has the status %, which there is not",
            """
            SELECT 'reservation', id, status FROM reservation
            WHERE status NOT IN ('held', 'confirmed', 'refunded', 'expired', 'released')
            UNION ALL SELECT 'token', id, status FROM token
            WHERE status NOT IN ('waiting', 'called', 'active', 'completed', 'expired', 'left', 'removed')
            UNION ALL SELECT 'room', concert, mode FROM room WHERE mode NOT IN ('open', 'queue', 'paused', 'draining')
            """),
        Check("file", "meta has % rows", "SELECT count(*) FROM meta HAVING count(*) != 1"),
    ]

    /// Who has which seat, and until when.
    static let seats = [
        Check(
            "seats", "the list of % of % % is no list of numbers",
            """
            WITH list (name, kind, id, list) AS (
              SELECT 'seats', 'reservation', id, seats FROM reservation
              UNION ALL SELECT 'prices', 'reservation', id, prices FROM reservation
              UNION ALL SELECT 'prices', 'performance', id, prices FROM performance
              UNION ALL SELECT 'blocked seats', 'performance', id, blocked FROM performance)
            SELECT name, kind, id FROM list WHERE NOT json_valid(list) OR json_type(list) != 'array' OR EXISTS (
              SELECT 1 FROM json_each(iif(json_valid(list), list, '[]')) WHERE type != 'integer'
              AND NOT (type = 'null' AND kind = 'performance' AND name = 'prices'))
            """),
        Check(
            "I1", "seat % of performance % is in reservations %",
            """
            SELECT seat, performance, group_concat(reservation, ', ') FROM live_seat
            GROUP BY performance, seat HAVING count(*) > 1
            """),
        Check(
            "seats", "reservation % has seat % of performance %, which the hall does not have",
            """
            SELECT reservation, reservation_seat.seat, performance FROM reservation_seat
            JOIN performance ON performance.id = performance
            LEFT JOIN plan_seat ON plan_seat.plan = performance.plan AND plan_seat.seat = reservation_seat.seat
            WHERE plan_seat.seat IS NULL
            """),
        Check(
            "seats", "seat % of performance % is blocked and in reservation %",
            "SELECT seat, performance, reservation FROM live_seat JOIN blocked_seat USING (performance, seat)"),
        Check(
            "seats", "blocked seat % of performance % is not in the hall",
            """
            SELECT blocked_seat.seat, performance FROM blocked_seat JOIN performance ON performance.id = performance
            LEFT JOIN plan_seat ON plan_seat.plan = performance.plan AND plan_seat.seat = blocked_seat.seat
            WHERE plan_seat.seat IS NULL
            """),
        Check(
            "seats", "reservation % has % seats and % prices",
            """
            SELECT id, json_array_length(seats) AS taken, json_array_length(prices) AS priced FROM reservation
            WHERE json_valid(seats) AND json_valid(prices) AND (taken != priced OR taken = 0)
            """),
        Check(
            "seats", "performance % has % prices for % categories",
            """
            SELECT performance.id, json_array_length(prices) AS priced,
              (SELECT count(*) FROM plan_category WHERE plan = performance.plan) AS categories
            FROM performance WHERE json_valid(prices) AND priced != categories
            """),
        Check(
            "seats", "plan % numbers its seats with a gap",
            "SELECT plan FROM plan_seat GROUP BY plan HAVING min(seat) != 0 OR max(seat) != count(*) - 1"),
        Check(
            "seats", "seat % of plan % is in a row or a category that the plan does not have",
            """
            SELECT seat, plan_seat.plan FROM plan_seat LEFT JOIN plan_row USING (plan, row)
            LEFT JOIN plan_category USING (plan, category) WHERE plan_row.zone IS NULL OR plan_category.name IS NULL
            """),
        Check(
            "seats", "reservation % is % and its end says otherwise",
            "SELECT id, status FROM reservation WHERE (status = 'held') != (ended_at IS NULL)"),
        Check(
            "I7", "reservation % was still held at a commit % s after its deadline",
            """
            SELECT reservation.id, (committed_at - expires_at) / 1000000 FROM reservation, meta
            WHERE status = 'held' AND expires_at < committed_at - \(Audit.graceSeconds) * 1000000
            """),
        Check(
            "I7", "reservation % was paid after its deadline",
            """
            SELECT reservation.id FROM payment JOIN reservation ON reservation.id = payment.reservation
            WHERE payment.at >= expires_at
            """),
        Check(
            "I7", "reservation % is past its deadline and not expired yet: the next start does it", isRemark: true,
            """
            SELECT reservation.id FROM reservation, meta WHERE status = 'held'
            AND expires_at < (CAST(strftime('%s', 'now') AS INTEGER) - \(Audit.graceSeconds)) * 1000000
            AND expires_at >= committed_at - \(Audit.graceSeconds) * 1000000
            """),
        Check(
            "history", "reservation % is not chained to the one before it",
            """
            SELECT id FROM (SELECT id, previous, lag(id) OVER (PARTITION BY member ORDER BY id) AS before FROM reservation)
            WHERE previous IS NOT before
            """),
    ]
}
