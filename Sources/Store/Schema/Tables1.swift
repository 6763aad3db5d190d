// The tables of migration 1. docs/storage.md explains them for who looks into the file, and why they have this shape:
// rows appended by integer key, one row a subject, and no second index on what an on-sale writes.
//
// Instants are microseconds since 1970. Foreign keys are deferred: facts of one batch come in the order in which they
// became true, and a payment and its reservation name each other. A notice has none, for each would look up its member
// once more; members are never deleted, and the audit looks.
//
// CHECKs compare with OR: for IN with a list SQLite builds a table of the list each time, which cost more than the row.

enum Tables1 {
    static let sql = """
        CREATE TABLE meta (
          id INTEGER PRIMARY KEY CHECK (id = 1),
          deployment BLOB NOT NULL CHECK (length(deployment) = 16),
          committed_at INTEGER NOT NULL,
          commits INTEGER NOT NULL,
          operation_floor INTEGER,
          operations_pruned INTEGER
        ) STRICT;

        CREATE TABLE member (
          id INTEGER PRIMARY KEY,
          name TEXT NOT NULL,
          name_key TEXT NOT NULL UNIQUE,
          password_hash TEXT NOT NULL,
          is_operator INTEGER NOT NULL CHECK (is_operator = 0 OR is_operator = 1),
          created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE session (
          id INTEGER PRIMARY KEY,
          member INTEGER NOT NULL REFERENCES member DEFERRABLE INITIALLY DEFERRED,
          token_digest BLOB NOT NULL UNIQUE CHECK (length(token_digest) = 32),
          device TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          used_at INTEGER NOT NULL,
          acknowledged INTEGER
        ) STRICT;

        CREATE TABLE plan (
          id INTEGER PRIMARY KEY,
          name TEXT NOT NULL,
          digest BLOB NOT NULL CHECK (length(digest) = 32),
          document BLOB NOT NULL
        ) STRICT;
        CREATE TABLE plan_category (
          plan INTEGER NOT NULL REFERENCES plan DEFERRABLE INITIALLY DEFERRED,
          category INTEGER NOT NULL,
          name TEXT NOT NULL,
          PRIMARY KEY (plan, category)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE plan_row (
          plan INTEGER NOT NULL REFERENCES plan DEFERRABLE INITIALLY DEFERRED,
          row INTEGER NOT NULL,
          zone TEXT NOT NULL,
          name TEXT NOT NULL,
          PRIMARY KEY (plan, row)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE plan_seat (
          plan INTEGER NOT NULL REFERENCES plan DEFERRABLE INITIALLY DEFERRED,
          seat INTEGER NOT NULL,
          row INTEGER NOT NULL,
          number TEXT NOT NULL,
          guid TEXT NOT NULL,
          category INTEGER NOT NULL,
          x INTEGER NOT NULL,
          y INTEGER NOT NULL,
          PRIMARY KEY (plan, seat)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE concert (
          id INTEGER PRIMARY KEY,
          key TEXT NOT NULL UNIQUE,
          title TEXT NOT NULL,
          artists TEXT NOT NULL CHECK (json_valid(artists)),
          description TEXT NOT NULL
        ) STRICT;
        CREATE TABLE performance (
          id INTEGER PRIMARY KEY,
          key TEXT NOT NULL,
          concert INTEGER NOT NULL REFERENCES concert DEFERRABLE INITIALLY DEFERRED,
          plan INTEGER NOT NULL REFERENCES plan DEFERRABLE INITIALLY DEFERRED,
          starts_at INTEGER NOT NULL,
          time_zone TEXT NOT NULL,
          sale_opens_at INTEGER NOT NULL,
          sale_closes_at INTEGER NOT NULL,
          prices TEXT NOT NULL CHECK (json_valid(prices)),
          blocked TEXT NOT NULL CHECK (json_valid(blocked)),
          UNIQUE (concert, key)
        ) STRICT;

        CREATE TABLE room (
          concert INTEGER PRIMARY KEY REFERENCES concert DEFERRABLE INITIALLY DEFERRED,
          mode TEXT NOT NULL CHECK (mode = 'open' OR mode = 'paused'),
          capacity INTEGER NOT NULL,
          active_seconds INTEGER NOT NULL,
          call_window_seconds INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE token (
          id INTEGER PRIMARY KEY,
          concert INTEGER NOT NULL REFERENCES room DEFERRABLE INITIALLY DEFERRED,
          member INTEGER NOT NULL REFERENCES member DEFERRABLE INITIALLY DEFERRED,
          status TEXT NOT NULL
            CHECK (status = 'waiting' OR status = 'called' OR status = 'active' OR status = 'completed'
              OR status = 'expired' OR status = 'left' OR status = 'removed'),
          rank INTEGER NOT NULL,
          joined_at INTEGER NOT NULL,
          admitted_at INTEGER,
          active_until INTEGER,
          called_until INTEGER,
          ended_at INTEGER
        ) STRICT;

        CREATE TABLE reservation (
          id INTEGER PRIMARY KEY,
          member INTEGER NOT NULL REFERENCES member DEFERRABLE INITIALLY DEFERRED,
          performance INTEGER NOT NULL REFERENCES performance DEFERRABLE INITIALLY DEFERRED,
          seats TEXT NOT NULL,
          prices TEXT NOT NULL,
          status TEXT NOT NULL
            CHECK (status = 'held' OR status = 'confirmed' OR status = 'refunded' OR status = 'expired'
              OR status = 'released'),
          held_at INTEGER NOT NULL,
          expires_at INTEGER NOT NULL,
          payment INTEGER REFERENCES payment DEFERRABLE INITIALLY DEFERRED,
          ended_at INTEGER,
          previous INTEGER
        ) STRICT;
        CREATE TABLE ledger (
          id INTEGER PRIMARY KEY,
          at INTEGER NOT NULL,
          debit TEXT NOT NULL,
          credit TEXT NOT NULL,
          amount INTEGER NOT NULL CHECK (amount >= 0),
          reservation INTEGER REFERENCES reservation DEFERRABLE INITIALLY DEFERRED,
          debit_previous INTEGER,
          credit_previous INTEGER
        ) STRICT;
        CREATE TABLE payment (
          id INTEGER PRIMARY KEY,
          reservation INTEGER NOT NULL REFERENCES reservation DEFERRABLE INITIALLY DEFERRED,
          member INTEGER NOT NULL REFERENCES member DEFERRABLE INITIALLY DEFERRED,
          amount INTEGER NOT NULL CHECK (amount >= 0),
          at INTEGER NOT NULL,
          entry INTEGER NOT NULL REFERENCES ledger DEFERRABLE INITIALLY DEFERRED,
          previous INTEGER
        ) STRICT;
        CREATE TABLE notice (
          id INTEGER PRIMARY KEY,
          member INTEGER NOT NULL,
          sequence INTEGER NOT NULL,
          at INTEGER NOT NULL,
          kind TEXT NOT NULL,
          subject INTEGER NOT NULL,
          body BLOB NOT NULL
        ) STRICT;
        CREATE TABLE operation (
          id INTEGER PRIMARY KEY,
          owner TEXT NOT NULL,
          key BLOB NOT NULL CHECK (length(key) = 16),
          request TEXT NOT NULL,
          digest BLOB NOT NULL CHECK (length(digest) = 16),
          result BLOB NOT NULL,
          at INTEGER NOT NULL
        ) STRICT;
        """
}
