import BoxOfficeProtocol

// Places in line for many at once. All who wait in a room are told mostly the same, so that is made once; what is each
// one's own is a few words, which a server may keep until the connection has room and make into a `Place` only then.

/// What everybody who waits in a room is told alike, at one instant.
public final class LineNews: Sendable {
    /// Of which room.
    public var concert: ConcertID { alike.concert }
    /// How many wait.
    public var waiting: UInt32 { alike.waiting }
    /// Why nothing moves, when nothing does.
    public var reason: StillReason { alike.reason }

    private let alike: Place
    /// Nil when no wait can be told.
    private let waits: WaitEstimate?

    init(_ room: RoomState, at now: Instant) {
        var alike = Place(
            concert: room.row.concert, token: TokenID(0), ticket: 0, status: .waiting, position: 0, ahead: 0,
            waiting: UInt32(room.line.count), reason: room.stillReason(at: now), now: now)
        if alike.reason == .notOpen { alike.opensAt = room.opensAt }
        if !room.row.message.isEmpty { alike.message = room.row.message }
        self.alike = alike
        waits = room.waits(at: now)
    }

    /// What the holder of one token is told.
    public func place(_ inLine: InLine) -> Place {
        var place = alike
        place.token = inLine.token
        place.ticket = inLine.ticket
        guard inLine.position > 0 else { return place }
        place.rank = inLine.rank
        place.position = inLine.position
        place.ahead = inLine.position - 1
        if let wait = waits?.range(ahead: Int(place.ahead)) {
            place.waitSecondsMin = wait.min
            place.waitSeconds = wait.likely
            place.waitSecondsMax = wait.max
        }
        return place
    }
}

/// Where one token stands among those waiting.
public struct InLine: Hashable, Sendable {
    /// The token.
    public var token: TokenID
    /// Its number in the room.
    public var ticket: UInt64
    /// Its order in line; 0 as long as that is not drawn.
    public var rank: UInt64
    /// The next one is 1; 0 as long as the order is not drawn.
    public var position: UInt32
}

extension Engine {
    /// What all who wait in a room are told now; nil when there is no such concert.
    public func lineNews(of concert: ConcertID, at now: Instant) -> LineNews? {
        rooms[concert].map { LineNews($0, at: max(now, latest)) }
    }

    /// Where a token stands; nil when it does not wait.
    public func inLine(_ token: TokenID) -> InLine? {
        guard let row = tokens[token], row.status == .waiting else { return nil }
        return inLine(row)
    }

    func inLine(_ row: TokenRow) -> InLine {
        var inLine = InLine(token: row.id, ticket: row.ticket, rank: 0, position: 0)
        if rooms[row.concert]!.order != nil {
            inLine.rank = rooms[row.concert]!.rank(of: row.ticket)
            inLine.position = UInt32(rooms[row.concert]!.line.position(rank: inLine.rank))
        }
        return inLine
    }
}
