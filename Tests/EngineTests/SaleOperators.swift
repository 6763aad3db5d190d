import BoxOfficeEngine
import BoxOfficeProtocol

// What operators do at a sale, what the server's loop does, and restarts.

extension Sale {
    @discardableResult
    mutating func operate(_ request: Request) -> String { Self.word(decide(.local, .request(request))) }

    @discardableResult
    mutating func room(
        capacity: UInt32? = nil, mode: RoomMode? = nil, activeSeconds: UInt32? = nil, callWindowSeconds: UInt32? = nil,
        admissionsPerMinute: UInt32? = nil, idleSeconds: UInt32? = nil, opensAt: Instant? = nil, message: String? = nil
    ) -> String {
        operate(
            .setRoom(
                SetRoom(
                    operation: key(), concert: Self.concert, mode: mode, capacity: capacity,
                    activeSeconds: activeSeconds, callWindowSeconds: callWindowSeconds,
                    admissionsPerMinute: admissionsPerMinute, idleSeconds: idleSeconds, opensAt: opensAt,
                    message: message)))
    }

    mutating func remove(_ name: String, bar: Bool = false, reason: String = "a bot") -> String {
        let request = RemoveMember(operation: key(), concert: Self.concert, name: name, reason: reason, bar: bar)
        return Self.word(decide(.local, .removeMember(request, nameKey: name)))
    }
    mutating func allow(_ name: String) -> String {
        let request = AllowMember(operation: key(), concert: Self.concert, name: name, reason: "no bot")
        return Self.word(decide(.local, .allowMember(request, nameKey: name)))
    }
    /// The member looks at the seats of the concert.
    mutating func look(_ name: String) {
        let member = members[name]!
        withEngine { $0.looked(member: member, at: Self.concert, now: $1, into: &$2) }
    }

    mutating func block(_ seats: UInt32...) -> String {
        operate(
            .blockSeats(BlockSeats(operation: key(), performance: Self.date, seats: seats.map { SeatIndex($0) })))
    }
    mutating func unblock(_ seats: UInt32...) -> String {
        operate(
            .unblockSeats(UnblockSeats(operation: key(), performance: Self.date, seats: seats.map { SeatIndex($0) })))
    }
    mutating func refund(_ reservation: UInt64) -> String {
        operate(.refund(Refund(operation: key(), reservation: ReservationID(reservation))))
    }

    mutating func importConcerts(_ drafts: ConcertDraft...) -> String {
        Self.word(decide(.local, .importConcerts(key(), drafts)))
    }
    mutating func importPlan(_ hall: Hall, document: [UInt8] = []) -> String {
        Self.word(decide(.local, .importPlan(key(), hall: hall, document: document)))
    }

    /// Logs in on one more device.
    mutating func logIn(_ name: String, token: UInt64) -> SessionID? {
        let member = members[name]!
        return withEngine {
            $0.logIn(
                member: member, verifiedHash: "hash", tokenDigest: Self.digest(token), device: "", at: $1, into: &$2)?
                .session.id
        }
    }

    mutating func resume(token: UInt64) -> SessionID? {
        withEngine { $0.resume(tokenDigest: Self.digest(token), at: $1, into: &$2)?.session.id }
    }

    static func digest(_ number: UInt64) -> Digest {
        Digest(Bytes32(first: Bytes16(high: number << 32, low: 0), second: Bytes16(high: 1, low: 0)))
    }

    mutating func subscribe(_ session: SessionID) -> Subscribed? {
        withEngine { $0.subscribe(session: session, at: $1, into: &$2) }
    }
    mutating func acknowledge(_ session: SessionID, through sequence: UInt64) {
        withEngine { $0.acknowledge(session: session, through: sequence, at: $1, into: &$2) }
    }

    /// A new engine from the rows alone, as after a crash. Nobody is connected.
    mutating func restart(after span: Microseconds = .seconds(1)) {
        now = now + span
        reload()
        withEngine { $0.loadedAndWoken(at: $1, into: &$2) }
    }

    /// The first half of it: the rows are read, and nothing is done about them yet.
    mutating func reload() { engine = StoredRows(facts).engine(engine.configuration) }

    func placeOf(_ name: String) -> Place { engine.place(of: members[name]!, in: Self.concert, at: now)! }

    /// The times of a member's notices of a kind, seconds since `start`.
    func noticeTimes(_ name: String, _ opcode: Opcode, since start: Instant) -> [Double] {
        notices.filter { $0.member == members[name] && $0.opcode == opcode }.map {
            Double(($0.at - start).count) / 1_000_000
        }
    }
}

extension Microseconds {
    static func + (a: Self, b: Self) -> Self { Self(a.count + b.count) }
}

extension RoomFigures {
    /// What a start knows again. How long those admitted had waited, and admissions of the last minute, it does not.
    var lasting: RoomFigures {
        var figures = self
        (figures.waitedSecondsMedian, figures.waitedSeconds95, figures.admittedLastMinute) = (nil, nil, 0)
        return figures
    }
}
