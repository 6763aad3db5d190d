// Migration 4: a hold is one row (Rows/HoldRider.swift). Its notice and its operation ride in the reservation's row; those
// of holds from before keep rows of their own. The checksum stays the last column.

enum Tables4 {
    static let sql = """
        ALTER TABLE reservation DROP COLUMN checksum;
        ALTER TABLE reservation ADD COLUMN notice INTEGER;
        ALTER TABLE reservation ADD COLUMN notice_sequence INTEGER;
        ALTER TABLE reservation ADD COLUMN operation INTEGER;
        ALTER TABLE reservation ADD COLUMN operation_key BLOB;
        ALTER TABLE reservation ADD COLUMN operation_digest BLOB;
        ALTER TABLE reservation ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;

        DROP VIEW notices;
        CREATE VIEW notices AS
        SELECT member, name, sequence, \(Views1.text("at")), kind, subject, bytes
        FROM (
          SELECT member, sequence, at, kind, subject, length(body) AS bytes FROM notice
          UNION ALL
          SELECT member, notice_sequence, held_at, 'held', id, 0 FROM reservation WHERE notice IS NOT NULL)
        JOIN member ON member.id = member;

        DROP VIEW operations;
        CREATE VIEW operations AS
        SELECT operation, owner, key, request, \(Views1.text("at"))
        FROM (
          SELECT id AS operation, owner, hex(key) AS key, request, at FROM operation
          UNION ALL
          SELECT reservation.operation, 'member:' || member, hex(operation_key), 'hold', held_at
          FROM reservation, meta
          WHERE reservation.operation > coalesce(operations_pruned, 0));
        """
}
