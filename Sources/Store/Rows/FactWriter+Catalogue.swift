import BoxOfficeEngine
import BoxOfficeProtocol
import Foundation

// What changes now and then: members, sessions, and what operators import.

extension FactWriter {
    func write(_ row: MemberRow) throws {
        try put(
            """
            INSERT INTO member VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (id) DO UPDATE SET name = ?2, name_key = ?3, password_hash = ?4, is_operator = ?5,
              created_at = ?6, checksum = ?7
            """, into: .member, { $0.bind(row.id) }
        ) {
            $0.bind(row.id)
            $0.bind(row.name)
            $0.bind(row.nameKey)
            $0.bind(row.passwordHash)
            $0.bind(row.isOperator)
            $0.bind(row.createdAt)
        }
    }

    func write(_ row: SessionRow) throws {
        try put(
            """
            INSERT INTO session VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (id) DO UPDATE SET member = ?2, token_digest = ?3, device = ?4, created_at = ?5, used_at = ?6,
              acknowledged = ?7, checksum = ?8
            """, into: .session, { $0.bind(row.id) }
        ) {
            $0.bind(row.id)
            $0.bind(row.member)
            $0.bind(row.tokenDigest)
            $0.bind(row.device)
            $0.bind(row.createdAt)
            $0.bind(row.usedAt)
            $0.bind(row.acknowledged)
        }
    }

    func write(_ row: ConcertRow) throws {
        let artists = String(decoding: try JSONEncoder().encode(row.artists), as: UTF8.self)
        try put(
            """
            INSERT INTO concert VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (id) DO UPDATE SET key = ?2, title = ?3, artists = ?4, description = ?5, checksum = ?6
            """, into: .concert, { $0.bind(row.id) }
        ) {
            $0.bind(row.id)
            $0.bind(row.key)
            $0.bind(row.title)
            $0.bind(artists)
            $0.bind(row.description)
        }
    }

    func write(_ row: PerformanceRow) throws {
        try put(
            """
            INSERT INTO performance VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            ON CONFLICT (id) DO UPDATE SET key = ?2, concert = ?3, plan = ?4, starts_at = ?5, time_zone = ?6,
              sale_opens_at = ?7, sale_closes_at = ?8, prices = ?9, blocked = ?10, checksum = ?11
            """, into: .performance, { $0.bind(row.id) }
        ) {
            $0.bind(row.id)
            $0.bind(row.key)
            $0.bind(row.concert)
            $0.bind(row.plan)
            $0.bind(row.startsAt)
            $0.bind(row.timeZone)
            $0.bind(row.saleOpensAt)
            $0.bind(row.saleClosesAt)
            $0.bind(row.prices)
            $0.bind(row.blocked)
        }
    }

    func write(_ row: RoomRow) throws {
        try put(
            """
            INSERT INTO room VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            ON CONFLICT (concert) DO UPDATE SET mode = ?2, capacity = ?3, admissions_per_minute = ?4,
              active_seconds = ?5, idle_seconds = ?6, call_window_seconds = ?7, opens_at = ?8, message = ?9,
              seed = ?10, drawn_at = ?11, tickets = ?12, checksum = ?13
            """, into: .room, { $0.bind(row.concert) }
        ) {
            $0.bind(row.concert)
            $0.bind(row.mode.name)
            $0.bind(Int64(row.capacity))
            $0.bind(Int64(row.admissionsPerMinute))
            $0.bind(Int64(row.activeSeconds))
            $0.bind(Int64(row.idleSeconds))
            $0.bind(Int64(row.callWindowSeconds))
            $0.bind(row.opensAt)
            $0.bind(row.message)
            $0.bind(row.seed.rawValue.bytes)
            $0.bind(row.drawnAt)
            $0.bind(row.tickets)
        }
    }

    func write(_ row: RoomChangeRow) throws {
        try insert("INSERT INTO room_change VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", into: .roomChange) {
            $0.bind(row.id)
            $0.bind(row.concert)
            $0.bind(row.at)
            $0.bind(row.by)
            $0.bind(row.subject.name)
            $0.bind(row.from)
            $0.bind(row.to)
            $0.bind(row.member)
            $0.bind(row.reason)
        }
    }

    /// A plan that is known is written anew, seat by seat.
    func write(_ row: PlanRow) throws {
        for table in [SealedTable.planSeat, .planRow, .planCategory] {
            try delete(from: table, where: "plan = ?") { $0.bind(row.id) }
        }
        try put(
            """
            INSERT INTO plan VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (id) DO UPDATE SET name = ?2, digest = ?3, document = ?4, checksum = ?5
            """, into: .plan, { $0.bind(row.id) }
        ) {
            $0.bind(row.id)
            $0.bind(row.hall.name)
            $0.bind(row.hall.digest)
            $0.bind(row.document)
        }
        for (index, name) in row.hall.categories.enumerated() {
            try insert("INSERT INTO plan_category VALUES (?, ?, ?, ?)", into: .planCategory) {
                $0.bind(row.id)
                $0.bind(Int64(index))
                $0.bind(name)
            }
        }
        var seat: Int64 = 0
        for (index, hallRow) in row.hall.rows.enumerated() {
            try insert("INSERT INTO plan_row VALUES (?, ?, ?, ?, ?)", into: .planRow) {
                $0.bind(row.id)
                $0.bind(Int64(index))
                $0.bind(hallRow.zone)
                $0.bind(hallRow.row)
            }
            for hallSeat in hallRow.seats {
                try write(hallSeat, seat, row: Int64(index), of: row.id)
                seat += 1
            }
        }
    }

    private func write(_ hallSeat: HallSeat, _ seat: Int64, row: Int64, of plan: PlanID) throws {
        try insert("INSERT INTO plan_seat VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", into: .planSeat) {
            $0.bind(plan)
            $0.bind(seat)
            $0.bind(row)
            $0.bind(hallSeat.number)
            $0.bind(hallSeat.guid)
            $0.bind(Int64(hallSeat.category))
            $0.bind(Int64(hallSeat.x))
            $0.bind(Int64(hallSeat.y))
        }
    }
}
