/// What a file holds, for people.
enum Figures {
    static let all: [(name: String, sql: String)] = [
        (
            "last commit",
            """
            SELECT coalesce(strftime('%Y-%m-%dT%H:%M:%S', committed_at / 1000000, 'unixepoch')
              || printf('.%06dZ', committed_at % 1000000), 'none') FROM meta
            """
        ),
        ("commits", "SELECT commits FROM meta"),
        ("head", "SELECT lower(hex(head)) FROM meta"),
        ("members", count("member")),
        ("sessions", count("session")),
        ("concerts", count("concert")),
        ("dates", count("performance")),
        ("seats sold", "SELECT count(*) FROM live_seat WHERE status = 'confirmed'"),
        ("seats held", "SELECT count(*) FROM live_seat WHERE status = 'held'"),
        ("reservations", count("reservation")),
        ("payments", count("payment")),
        ("refunded", "SELECT count(*) FROM reservation WHERE status = 'refunded'"),
        ("tokens waiting", "SELECT count(*) FROM token WHERE status IN ('waiting', 'called')"),
        ("tokens active", "SELECT count(*) FROM token WHERE status = 'active'"),
        ("ledger entries", count("ledger")),
        ("ledger sum", "SELECT coalesce(sum(points), 0) FROM movement"),
        ("points bought", "SELECT coalesce(-sum(points), 0) FROM movement WHERE account = 'topup'"),
        ("points of members", "SELECT coalesce(sum(points), 0) FROM movement WHERE account GLOB 'member:*'"),
        ("points of sales", "SELECT coalesce(sum(points), 0) FROM movement WHERE account GLOB 'sales:*'"),
        ("points refunded", "SELECT coalesce(-sum(points), 0) FROM movement WHERE account = 'refunds'"),
        ("notices", count("every_notice")),
        ("operations", count("every_operation")),
    ]

    private static func count(_ table: String) -> String { "SELECT count(*) FROM \(table)" }
}
