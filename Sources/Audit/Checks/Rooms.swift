extension Check {
    /// Who may enter, and who waits.
    static let rooms = [
        Check(
            "I5", "the room of concert % has % active tokens for % places: was its capacity lowered?", isRemark: true,
            """
            SELECT room.concert, count(*) AS active, capacity FROM room JOIN token ON token.concert = room.concert
            WHERE status = 'active' GROUP BY room.concert HAVING active > capacity
            """),
        Check(
            "rooms", "member % has the live tokens % of concert %",
            """
            SELECT member, group_concat(id, ', '), concert FROM token WHERE status IN ('waiting', 'called', 'active')
            GROUP BY member, concert HAVING count(*) > 1
            """),
        Check(
            "rooms", "tokens % of concert % have the same ticket",
            "SELECT group_concat(id, ', '), concert FROM token GROUP BY concert, ticket HAVING count(*) > 1"),
        Check(
            "rooms", "the draw of concert % is of % tickets, and % were given before it",
            """
            SELECT room.concert, tickets, count(token.id) AS given FROM room LEFT JOIN token
              ON token.concert = room.concert AND ticket < tickets
            WHERE drawn_at IS NOT NULL GROUP BY room.concert HAVING given != tickets
            """),
        Check(
            "rooms", "token % was admitted before the order of concert % was drawn",
            """
            SELECT token.id, room.concert FROM room JOIN token ON token.concert = room.concert
            WHERE admitted_at < coalesce(drawn_at, admitted_at + 1)
            """),
        Check(
            "rooms", "token % is % and its instants say otherwise",
            """
            SELECT id, status FROM token
            WHERE (ended_at IS NULL) != (status IN ('waiting', 'called', 'active'))
              OR (status = 'active' AND (admitted_at IS NULL OR active_until IS NULL))
              OR (status = 'called' AND called_until IS NULL)
            """),
        Check(
            "rooms", "concert % has no room", "SELECT id FROM concert WHERE id NOT IN (SELECT concert FROM room)"),
    ]

    /// What members were told.
    static let notices = [
        Check(
            "I6", "notices were sent to member %, whom there is not",
            "SELECT DISTINCT member FROM every_notice WHERE member NOT IN (SELECT id FROM member)"),
        Check(
            "I6", "the notices of member % are % in number from % to %",
            """
            SELECT member, count(*) AS kept, min(sequence) AS first, max(sequence) AS newest FROM every_notice
            GROUP BY member HAVING kept != newest - first + 1 OR count(DISTINCT sequence) != kept OR first < 1
            """),
        Check(
            "I6", "notice % of member % is newer than the one after it",
            """
            SELECT sequence, member FROM (
              SELECT sequence, member, id, lead(id) OVER (PARTITION BY member ORDER BY sequence) AS after
              FROM every_notice)
            WHERE after < id
            """),
        Check(
            "I6", "session % has acknowledged notice %, the newest of member % is %",
            """
            SELECT session.id, acknowledged, member, newest FROM (
              SELECT session.id, session.member, acknowledged, coalesce(kept.newest, 0) AS newest
              FROM session LEFT JOIN (SELECT member, max(sequence) AS newest FROM every_notice GROUP BY member) AS kept
                ON kept.member = session.member
              WHERE acknowledged IS NOT NULL) AS session
            WHERE acknowledged > newest
            """),
    ]

    /// Who is who, and what was done once.
    static let people = [
        Check(
            "members", "members % have the same name",
            "SELECT group_concat(id, ', ') FROM member GROUP BY +name_key HAVING count(*) > 1"),
        Check(
            "members", "sessions % have the same token",
            "SELECT group_concat(id, ', ') FROM session GROUP BY +token_digest HAVING count(*) > 1"),
        Check(
            "operations", "operations % of % have the same key",
            "SELECT group_concat(id, ', '), owner FROM every_operation GROUP BY owner, key HAVING count(*) > 1"),
        Check(
            "operations", "operation % belongs to %, whom there is not",
            """
            SELECT id, owner FROM every_operation WHERE owner != 'local' AND owner NOT GLOB 'name:*'
            AND owner NOT IN (SELECT 'member:' || id FROM member)
            """),
    ]
}
