/// One rule, as a query for the rows that break it.
struct Check: Sendable {
    let rule: String
    /// What is wrong, with `%` for each column of the query in turn.
    let text: String
    let isRemark: Bool
    let sql: String

    init(_ rule: String, _ text: String, isRemark: Bool = false, _ sql: String) {
        self.rule = rule
        self.text = text
        self.isRemark = isRemark
        self.sql = sql
    }

    /// All of them, in the order of the report. The structure first: when it is broken, what follows may be too.
    static let all = structure + seats + points + rooms + notices + people

    /// The sentence about one row of the query.
    func sentence(_ columns: [String]) -> String {
        var columns = columns[...]
        return text.split(separator: "%", omittingEmptySubsequences: false).reduce(into: "") { sentence, part in
            if !sentence.isEmpty || part.startIndex != text.startIndex { sentence += columns.popFirst() ?? "" }
            sentence += part
        }
    }
}

/// Rows taken apart, for the checks: in memory of the audit's own connection, not in the file.
///
/// A list that is no JSON array would stop every query over it. Here it is empty, and a check of its own reports it.
enum TemporaryViews {
    static let sql = """
        CREATE TEMP VIEW reservation_seat AS
        SELECT reservation.id AS reservation, performance, status, member, value AS seat
        FROM reservation, json_each(iif(json_valid(seats), seats, '[]'));

        CREATE TEMP VIEW every_notice AS
        SELECT id, member, sequence FROM notice
        UNION ALL SELECT notice, member, notice_sequence FROM reservation WHERE notice IS NOT NULL;

        CREATE TEMP VIEW every_operation AS
        SELECT id, owner, key FROM operation
        UNION ALL SELECT operation, 'member:' || member, operation_key FROM reservation, meta
        WHERE operation > coalesce(operations_pruned, 0);

        CREATE TEMP VIEW live_seat AS SELECT * FROM reservation_seat WHERE status IN ('held', 'confirmed');

        CREATE TEMP VIEW reservation_total AS
        SELECT id AS reservation, member, performance, status, payment,
          (SELECT coalesce(sum(value), 0) FROM json_each(iif(json_valid(prices), prices, '[]'))) AS total
        FROM reservation;

        CREATE TEMP VIEW blocked_seat AS
        SELECT performance.id AS performance, value AS seat
        FROM performance, json_each(iif(json_valid(blocked), blocked, '[]'));

        CREATE TEMP VIEW movement AS
        SELECT id AS entry, debit AS account, -amount AS points FROM ledger
        UNION ALL SELECT id, credit, amount FROM ledger;
        """
}
