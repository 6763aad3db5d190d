// Migration 3: what shows that a row, or the whole file, is not as it was written (Integrity/Seals.swift, and
// docs/storage.md for who looks into the file). `Sealing` fills in what is empty here.

enum Tables3 {
    static let sql =
        SealedTable.allCases.filter { $0 != .ledger }.map {
            "ALTER TABLE \($0.name) ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;\n"
        }.joined() + """
            ALTER TABLE ledger ADD COLUMN chain BLOB NOT NULL DEFAULT x'';
            ALTER TABLE ledger ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;

            ALTER TABLE meta ADD COLUMN definitions INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE meta ADD COLUMN head_before BLOB NOT NULL DEFAULT x'';
            ALTER TABLE meta ADD COLUMN head BLOB NOT NULL DEFAULT x'';

            CREATE TABLE seal (
              id INTEGER PRIMARY KEY,
              name TEXT NOT NULL,
              rows INTEGER NOT NULL,
              sum INTEGER NOT NULL
            ) STRICT;

            CREATE VIEW seals AS SELECT name, rows, printf('%016x', sum) AS sum FROM seal;

            DROP VIEW ledger_entries;
            CREATE VIEW ledger_entries AS
            SELECT id AS entry, \(Views1.text("at")), debit, credit, amount, reservation, lower(hex(chain)) AS chain
            FROM ledger;
            """
}
