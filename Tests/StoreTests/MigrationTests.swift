import BoxOfficeAudit
import BoxOfficeEngine
import BoxOfficeProtocol
import Foundation
import Testing

@testable import BoxOfficeStore

/// Files of older versions, brought up to date by being opened.
@Suite struct MigrationTests {
    /// A file as version 1 left it: the tables and views of migration 1, and these rows.
    ///
    /// In concert 1 Ann was let in and has paid, Bob was given his points back and holds, Cem was called, and Dee, Eve and
    /// Fay wait; ranks have a gap where Gus left. Nobody has joined concert 2's room. Concert 3 is not on sale before
    /// 2100; Gus and Ann stand in line for its opening.
    static func version1(in directory: TemporaryDirectory) throws {
        let file = directory.file
        #expect(
            try shell(
                file,
                """
                PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;
                PRAGMA application_id = 1112496177; PRAGMA user_version = 1;
                CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
                INSERT INTO grdb_migrations VALUES ('1');
                """ + Tables1.sql + Views1.sql + rows, readOnly: false) == "wal")
    }

    static let never = Instant.distantFuture.rawValue
    static let t = Int64(1_772_323_200_000_000)
    private static func at(_ seconds: Int64) -> String { "\(t + seconds * 1_000_000)" }

    static let rows = """
        INSERT INTO meta VALUES (1, x'000102030405060708090a0b0c0d0e0f', \(at(60)), 9, \(at(-86_400)), NULL);
        INSERT INTO member SELECT value, name, lower(name), 'hash-' || value, value = 7, \(at(0))
        FROM (SELECT key + 1 AS value, value AS name FROM json_each('["Ann","Bob","Cem","Dee","Eve","Fay","Gus"]'));
        INSERT INTO session VALUES (1, 1, randomblob(32), 'phone', \(at(0)), \(at(1)), 2), (4, 6, randomblob(32), '', \(at(0)), \(at(1)), NULL);
        INSERT INTO plan VALUES (1, 'Hall', zeroblob(32), x'7b7d');
        INSERT INTO plan_category VALUES (1, 0, 'Standard');
        INSERT INTO plan_row VALUES (1, 0, '', '1');
        INSERT INTO plan_seat SELECT 1, value, 0, value + 1, 'g' || value, 0, value * 20, 0 FROM json_each('[0,1,2,3]');
        INSERT INTO concert VALUES (1, 'a', 'Songs', '["Iu"]', ''), (2, 'b', 'Dances', '[]', 'x'), (3, 'c', 'Later', '[]', '');
        INSERT INTO performance VALUES
          (1, 'd', 1, 1, 7000000000000000, 'Asia/Seoul', \(Instant.distantPast.rawValue), \(never), '[50]', '[3]'),
          (2, 'd', 2, 1, 7000000000000000, 'Asia/Seoul', \(Instant.distantPast.rawValue), \(never), '[0]', '[]'),
          (3, 'd', 3, 1, 7000000000000000, 'Asia/Seoul', 4102444800000000, \(never), '[9]', '[]');
        INSERT INTO room VALUES (1, 'paused', 2, 600, 1800), (2, 'open', 100, 600, 0), (3, 'open', 7, 60, 90);
        INSERT INTO token VALUES
          (1, 1, 1, 'completed', 1, \(at(1)), \(at(1)), \(at(601)), NULL, \(at(9))),
          (2, 1, 2, 'active', 2, \(at(2)), \(at(2)), 6900000000000000, NULL, NULL),
          (3, 1, 3, 'called', 3, \(at(3)), NULL, NULL, 6900000000000000, NULL),
          (4, 1, 4, 'waiting', 4, \(at(4)), NULL, NULL, NULL, NULL),
          (5, 1, 7, 'left', 5, \(at(5)), NULL, NULL, NULL, \(at(6))),
          (6, 3, 7, 'waiting', 1, \(at(7)), NULL, NULL, NULL, NULL),
          (7, 1, 5, 'waiting', 6, \(at(8)), NULL, NULL, NULL, NULL),
          (8, 3, 1, 'waiting', 2, \(at(9)), NULL, NULL, NULL, NULL),
          (9, 1, 6, 'waiting', 7, \(at(10)), NULL, NULL, NULL, NULL);
        INSERT INTO ledger VALUES
          (1, \(at(1)), 'topup', 'member:1', 100, NULL, NULL, NULL),
          (2, \(at(3)), 'member:1', 'sales:1', 50, 1, 1, NULL),
          (3, \(at(3)), 'topup', 'member:2', 60, NULL, 1, NULL),
          (4, \(at(4)), 'member:2', 'sales:1', 50, 2, 3, 2),
          (5, \(at(5)), 'refunds', 'member:2', 50, 2, NULL, 4);
        INSERT INTO reservation VALUES
          (1, 1, 1, '[0]', '[50]', 'confirmed', \(at(2)), \(at(302)), 1, \(at(3)), NULL),
          (2, 2, 1, '[2]', '[50]', 'refunded', \(at(2)), \(at(302)), 2, \(at(5)), NULL),
          (3, 2, 1, '[1]', '[50]', 'held', \(at(6)), 6900000000000000, NULL, NULL, 2);
        INSERT INTO payment VALUES (1, 1, 1, 50, \(at(3)), 2, NULL), (2, 2, 2, 50, \(at(4)), 4, NULL);
        INSERT INTO notice VALUES (1, 1, 1, \(at(1)), 'admitted', 1, x'01'), (2, 1, 2, \(at(2)), 'held', 1, x'02');
        INSERT INTO operation VALUES (1, 'member:1', randomblob(16), 'hold', zeroblob(16), x'00', \(at(2)));
        """

    /// All rows of a table, each value as SQL.
    private func dump(_ file: String, _ table: String, _ columns: String = "*") throws -> String {
        try shell(file, "SELECT \(columns) FROM \(table) ORDER BY 1, 2", quotes: true)
    }

    @Test func version1BecomesTheNewestAndKeepsEveryRow() throws {
        let directory = try TemporaryDirectory()
        try Self.version1(in: directory)
        let file = directory.file
        let tables = try shell(
            file, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'grdb%' ORDER BY 1")
        let kept = tables.split(separator: "\n").map(String.init).filter { $0 != "room" && $0 != "token" }
        // Later versions add columns behind those that there were.
        let columns = try kept.map {
            try shell(file, "SELECT group_concat('\"' || name || '\"') FROM pragma_table_info('\($0)')")
        }
        let before = try zip(kept, columns).map { try dump(file, $0, $1) }
        #expect(kept.count == 14 && before.allSatisfy { !$0.isEmpty })
        let tokens = try dump(file, "token")
        #expect(tokens.split(separator: "\n").count == 9)
        let settings = "concert, mode, capacity, active_seconds, call_window_seconds"
        let rooms = try dump(file, "room", settings)

        try Store.open(directory: directory.path).close()
        #expect(try shell(file, "PRAGMA user_version; SELECT * FROM grdb_migrations") == "4\n1\n2\n3\n4")
        for (index, table) in kept.enumerated() where table != "meta" {
            #expect(try dump(file, table, columns[index]) == before[index])
        }
        // Bringing it up to date was a commit.
        #expect(try shell(file, "SELECT commits, committed_at FROM meta") == "10|\(Self.t + 60_000_000)")
        // Ranks are tickets; everything else about a token and the settings of a room are as they were.
        let token = """
            id, concert, member, status, ticket, joined_at, admitted_at, active_until, called_until, ended_at
            """
        #expect(try dump(file, "token", token) == tokens)
        #expect(try shell(file, "SELECT name FROM pragma_table_info('token') WHERE cid = 4") == "ticket")
        #expect(try dump(file, "room", settings) == rooms)
        // New policies limit nothing. Where somebody has joined nothing is drawn any more; the seeds differ.
        #expect(
            try shell(
                file,
                """
                SELECT admissions_per_minute, idle_seconds, opens_at, message, drawn_at, tickets, length(seed) FROM room;
                SELECT count(DISTINCT seed) FROM room; SELECT count(*) FROM room_change;
                SELECT foreign_keys.'table' FROM pragma_foreign_key_check AS foreign_keys; PRAGMA integrity_check
                """) == "0|0|||\(Self.t + 1_000_000)|0|32\n0|0||||0|32\n0|0|||\(Self.t + 7_000_000)|0|32\n3\n0\nok")
        let report = try Audit.run(directory: directory.path)
        #expect(report.findings.isEmpty, "\(report.findings)")
        // Opened again it is as it is.
        let rewritten = try dump(file, "room")
        try Store.open(directory: directory.path).close()
        #expect(try dump(file, "room") == rewritten)
    }

    @Test func whoWaitedWaitsInTheSameOrder() throws {
        let directory = try TemporaryDirectory()
        try Self.version1(in: directory)
        let store = try Store.open(directory: directory.path)
        defer { store.close() }
        var engine = Engine(configuration: EngineConfiguration())
        var check = FactCheck()
        try store.load { fact in
            #expect(check.problem(with: fact) == nil)
            engine.apply(fact)
        }
        var effects = Effects()
        let now = Instant(Self.t + 61_000_000)
        engine.loaded(at: now)
        engine.wake(at: now, into: &effects)
        #expect(engine.brokenInvariant() == nil)
        let places: [(member: UInt64, concert: UInt64, status: TokenStatus, position: UInt32)] = [
            (1, 1, .completed, 0), (2, 1, .active, 0), (3, 1, .called, 0), (4, 1, .waiting, 1), (5, 1, .waiting, 2),
            (6, 1, .waiting, 3), (7, 1, .left, 0), (7, 3, .waiting, 1), (1, 3, .waiting, 2),
        ]
        for expected in places {
            let place = engine.place(of: MemberID(expected.member), in: ConcertID(expected.concert), at: now)
            #expect(place?.status == expected.status && place?.position == expected.position, "\(expected)")
        }
        // Who joins now is last; in a room that nobody has joined yet the order will be drawn.
        let draws = [1, 2, 3].map { engine.draw(of: ConcertID($0), at: now) }
        #expect(draws.map { $0?.seed != nil } == [true, false, true])
        #expect(draws.map { $0?.tickets } == [0, 0, 0])
    }
}
