// Migration 2, the waiting room: policies, the draw, and what operators changed.
//
// A room's row gets a seed of its own, which is random and secret until the draw. Rooms that somebody has joined before
// this version keep their order: nothing is drawn there, and the ranks of old are tickets.

enum Tables2 {
    static let sql = """
        DROP VIEW rooms;
        DROP VIEW tokens;

        CREATE TABLE room_2 (
          concert INTEGER PRIMARY KEY REFERENCES concert DEFERRABLE INITIALLY DEFERRED,
          mode TEXT NOT NULL CHECK (mode = 'open' OR mode = 'queue' OR mode = 'paused' OR mode = 'draining'),
          capacity INTEGER NOT NULL,
          admissions_per_minute INTEGER NOT NULL,
          active_seconds INTEGER NOT NULL,
          idle_seconds INTEGER NOT NULL,
          call_window_seconds INTEGER NOT NULL,
          opens_at INTEGER,
          message TEXT NOT NULL,
          seed BLOB NOT NULL CHECK (length(seed) = 32),
          drawn_at INTEGER,
          tickets INTEGER NOT NULL
        ) STRICT;
        INSERT INTO room_2
        SELECT concert, mode, capacity, 0, active_seconds, 0, call_window_seconds, NULL, '', randomblob(32),
          (SELECT min(joined_at) FROM token WHERE token.concert = room.concert), 0
        FROM room;
        DROP TABLE room;
        ALTER TABLE room_2 RENAME TO room;

        ALTER TABLE token RENAME COLUMN rank TO ticket;

        CREATE TABLE room_change (
          id INTEGER PRIMARY KEY,
          concert INTEGER NOT NULL REFERENCES room DEFERRABLE INITIALLY DEFERRED,
          at INTEGER NOT NULL,
          operator INTEGER REFERENCES member DEFERRABLE INITIALLY DEFERRED,
          subject TEXT NOT NULL,
          value_before TEXT NOT NULL,
          value_after TEXT NOT NULL,
          member INTEGER REFERENCES member DEFERRABLE INITIALLY DEFERRED,
          reason TEXT
        ) STRICT;

        CREATE VIEW rooms AS
        SELECT room.concert, title, mode, capacity, admissions_per_minute, active_seconds, idle_seconds,
          call_window_seconds, \(Views1.text("opens_at")), message, \(Views1.text("drawn_at")), tickets,
          count(*) FILTER (WHERE status = 'waiting') AS waiting, count(*) FILTER (WHERE status = 'called') AS called,
          count(*) FILTER (WHERE status = 'active') AS active
        FROM room JOIN concert ON concert.id = room.concert LEFT JOIN token ON token.concert = room.concert
        GROUP BY room.concert;

        CREATE VIEW tokens AS
        SELECT token.id AS token, token.concert, member, name, status, ticket, \(Views1.text("joined_at")),
          \(Views1.text("admitted_at")), \(Views1.text("active_until")), \(Views1.text("called_until")),
          \(Views1.text("ended_at"))
        FROM token JOIN member ON member.id = member;

        CREATE VIEW room_changes AS
        SELECT room_change.id AS change, concert, \(Views1.text("at")),
          coalesce((SELECT name FROM member WHERE member.id = operator), 'local') AS operator, subject, value_before,
          value_after, (SELECT name FROM member WHERE member.id = room_change.member) AS member, reason
        FROM room_change;
        """
}
