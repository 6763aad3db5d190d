import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import Testing

/// What an operator reads with the `sqlite3` shell, beside the running store.
@Suite struct ViewTests {
    @Test func viewsSpeakToPeople() throws {
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        var opened = Sample.performance
        opened.saleOpensAt = .at(-86_400)
        var active = Sample.token(1, of: 2, .active)
        active.admittedAt = Instant(1_772_323_200_000_000)
        try store.commit(
            Sample.world + RoundTripTests.paid + [
                .performance(opened), .reservation(Sample.reservation(2, of: 2, [3], .held)), .token(active),
                .token(Sample.token(2)), .session(Sample.session(1, acknowledged: 4)), .notice(Sample.notice(1, 1)),
                .operation(Sample.operation(1)), .reservation(Sample.reservation(3, of: 2, [0, 3], .expired)),
            ], at: .at(10))
        let table = [
            ("SELECT * FROM members", "1|Ann|1|2026-03-01T00:00:00.000250Z|50\n2|Bob|0|2026-03-01T00:00:00.000250Z|0"),
            ("SELECT * FROM balances", "member:1|50|2\nsales:1|50|1\ntopup|-100|1"),
            (
                "SELECT * FROM sessions",
                "1|1|Ann|Телефон|2026-03-01T00:00:01.000250Z|2026-03-01T00:00:02.000250Z|4"
            ),
            (
                "SELECT * FROM performances",
                "1|1|봄의 \"노래\" '\n|Klub \"Süd\"|2026-03-02T01:00:00.000250Z|Asia/Seoul|2026-02-28T00:00:00.000250Z||"
                    + "[50,null,9223372036854775807]|2"
            ),
            (
                "SELECT * FROM rooms",
                "1|봄의 \"노래\" '\n|paused|4294967295|7|600|30|0|2026-03-01T00:00:05.000250Z|Gleich geht's weiter||0|"
                    + "1|0|1"
            ),
            ("SELECT * FROM room_changes", ""),
            (
                "SELECT * FROM tokens",
                "1|1|2|Bob|active|1|2026-03-01T00:00:03.000250Z|2026-03-01T00:00:00.000000Z|||\n"
                    + "2|1|1|Ann|waiting|2|2026-03-01T00:00:03.000250Z||||"
            ),
            (
                "SELECT * FROM reservations WHERE status != 'held'",
                "1|1|Ann|1|confirmed|Mitte-A-1|50|2026-03-01T00:00:04.000250Z|2026-03-01T00:05:04.000250Z|1|"
                    + "2026-03-01T00:00:05.000250Z\n3|2|Bob|1|expired|Mitte-A-1|100|2026-03-01T00:00:04.000250Z|"
                    + "2026-03-01T00:05:04.000250Z||2026-03-01T00:00:05.000250Z"
            ),
            (
                "SELECT entry, at, debit, credit, amount, reservation, length(chain) FROM ledger_entries",
                """
                1|2026-03-01T00:00:06.000250Z|topup|member:1|100||64
                2|2026-03-01T00:00:06.000250Z|member:1|sales:1|50|1|64
                """
            ),
            (
                "SELECT name, rows, length(sum) FROM seals WHERE name IN ('ledger', 'plan_seat')",
                "plan_seat|3|16\nledger|2|16"
            ),
            ("SELECT * FROM payments", "1|1|1|Ann|50|2026-03-01T00:00:06.000250Z|2"),
            ("SELECT * FROM notices", "1|Ann|1|2026-03-01T00:00:07.000250Z|holdExpired|1|4"),
            ("SELECT owner, request, at FROM operations", "member:1|hold|2026-03-01T00:00:08.000250Z"),
            ("SELECT seat, label, category FROM seat_name", "0|Mitte-A-1|Parkett\n1|Mitte-A-2|좌석\n2|🎸-Z|"),
            (
                "SELECT seat, label, status, reservation, member FROM seat_status ORDER BY seat",
                "0|Mitte-A-1|sold|1|1\n1|Mitte-A-2|blocked||\n2|🎸-Z|blocked||"
            ),
            ("SELECT count(*) FROM sqlite_schema WHERE type = 'view'", "15"),
        ]
        for (sql, text) in table {
            let answer = try shell(directory.file, sql)
            #expect(answer == text, "\(sql)")
        }
    }

    /// No table that an on-sale appends to has an index besides its own order.
    @Test func hotTablesHaveNoIndex() throws {
        let directory = try TemporaryDirectory()
        try directory.store().close()
        let indexed = try shell(
            directory.file, "SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'index' ORDER BY 1")
        #expect(indexed == "concert\ngrdb_migrations\nmember\nperformance\nsession")
    }
}
