// The views of migration 1: the tables again for people, with instants as RFC 3339 text and names instead of numbers,
// and what follows from the rows without being one: balances and the status of seats.
//
// Nothing in the program reads them. A view's name is its table's plural.

enum Views1 {
    static let sql = """
        CREATE VIEW members AS
        SELECT id AS member, name, is_operator, \(text("created_at")),
          coalesce((SELECT balance FROM balances WHERE account = 'member:' || member.id), 0) AS balance
        FROM member;

        CREATE VIEW balances AS
        SELECT account, sum(points) AS balance, count(*) AS entries FROM (
          SELECT credit AS account, amount AS points FROM ledger
          UNION ALL
          SELECT debit, -amount FROM ledger)
        GROUP BY account;

        CREATE VIEW sessions AS
        SELECT session.id AS session, member, name, device, \(text("session.created_at", as: "created_at")),
          \(text("used_at")), acknowledged
        FROM session JOIN member ON member.id = session.member;

        CREATE VIEW performances AS
        SELECT performance.id AS performance, concert, title, plan.name AS hall, \(text("starts_at")), time_zone,
          \(text("sale_opens_at")), \(text("sale_closes_at")), prices, json_array_length(blocked) AS blocked
        FROM performance JOIN concert ON concert.id = concert JOIN plan ON plan.id = plan;

        CREATE VIEW rooms AS
        SELECT room.concert, title, mode, capacity, active_seconds, call_window_seconds,
          count(*) FILTER (WHERE status = 'waiting') AS waiting, count(*) FILTER (WHERE status = 'called') AS called,
          count(*) FILTER (WHERE status = 'active') AS active
        FROM room JOIN concert ON concert.id = room.concert LEFT JOIN token ON token.concert = room.concert
        GROUP BY room.concert;

        CREATE VIEW tokens AS
        SELECT token.id AS token, token.concert, member, name, status, rank, \(text("joined_at")),
          \(text("admitted_at")), \(text("active_until")), \(text("called_until")), \(text("ended_at"))
        FROM token JOIN member ON member.id = member;

        CREATE VIEW reservations AS
        SELECT reservation.id AS reservation, member, name, performance, status,
          (SELECT group_concat(seat_name.label, ' ') FROM json_each(seats)
           JOIN seat_name ON seat_name.plan = performance.plan AND seat_name.seat = value) AS seats,
          (SELECT sum(value) FROM json_each(reservation.prices)) AS total,
          \(text("held_at")), \(text("expires_at")), payment, \(text("ended_at"))
        FROM reservation JOIN member ON member.id = member
          JOIN performance ON performance.id = reservation.performance;

        CREATE VIEW ledger_entries AS
        SELECT id AS entry, \(text("at")), debit, credit, amount, reservation FROM ledger;

        CREATE VIEW payments AS
        SELECT payment.id AS payment, reservation, member, name, amount, \(text("at")), entry
        FROM payment JOIN member ON member.id = member;

        CREATE VIEW notices AS
        SELECT member, name, sequence, \(text("at")), kind, subject, length(body) AS bytes
        FROM notice JOIN member ON member.id = member;

        CREATE VIEW operations AS
        SELECT id AS operation, owner, hex(key) AS key, request, \(text("at")) FROM operation;

        CREATE VIEW seat_name AS
        SELECT plan, seat, trim(replace(zone || '-' || plan_row.name || '-' || number, '--', '-'), '-') AS label, guid,
          plan_category.name AS category
        FROM plan_seat JOIN plan_row USING (plan, row) JOIN plan_category USING (plan, category);

        CREATE VIEW seat_status AS
        WITH taken AS MATERIALIZED (
          SELECT performance, value AS seat, reservation.id AS reservation, member,
            iif(status = 'held', 'held', 'sold') AS status
          FROM reservation, json_each(seats) WHERE status IN ('held', 'confirmed')),
        off AS MATERIALIZED (
          SELECT performance.id AS performance, value AS seat FROM performance, json_each(blocked))
        SELECT performance.id AS performance, seat_name.seat, label, category,
          coalesce(taken.status, iif(off.seat IS NULL, 'available', 'blocked')) AS status, reservation, member
        FROM performance JOIN seat_name ON seat_name.plan = performance.plan
          LEFT JOIN taken ON taken.performance = performance.id AND taken.seat = seat_name.seat
          LEFT JOIN off ON off.performance = performance.id AND off.seat = seat_name.seat;
        """

    /// An instant as RFC 3339 text, to the microsecond; NULL for none, and for "always" and "never".
    static func text(_ column: String, as name: String? = nil) -> String {
        "strftime('%Y-%m-%dT%H:%M:%S', \(column) / 1000000, 'unixepoch') || printf('.%06dZ', \(column) % 1000000) AS "
            + (name ?? column)
    }
}
