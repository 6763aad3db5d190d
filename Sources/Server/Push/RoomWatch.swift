import BoxOfficeEngine
import BoxOfficeProtocol

/// A room of which a connection is told its member's place.
struct RoomWatch {
    let room: ConcertID
    /// Where it stands among the watchers of the room.
    var index: UInt32
    /// The place that was told last.
    var told: ToldPlace
}

/// What makes a place worth telling again. The time is not part of it, nor is the estimate, which follows from the rest.
struct ToldPlace: Equatable {
    let token: TokenID
    let status: TokenStatus
    let reason: StillReason
    let position: UInt32
    let waiting: UInt32
    /// The deadline that goes with the status; the distant past when none does.
    let until: Instant

    init(_ place: Place) {
        token = place.token
        status = place.status
        reason = place.reason
        position = place.position
        waiting = place.waiting
        until = place.payUntil ?? place.activeUntil ?? place.calledUntil ?? .distantPast
    }

    init(_ news: LineNews, _ inLine: InLine) {
        token = inLine.token
        status = .waiting
        reason = news.reason
        position = inLine.position
        waiting = news.waiting
        until = .distantPast
    }
}

/// The rooms one connection watches. Nearly always it is one room, which costs no allocation.
struct RoomWatches {
    private var first: RoomWatch?
    private var others: [RoomWatch] = []

    var rooms: [ConcertID] { (first.map { [$0.room] } ?? []) + others.map(\.room) }

    subscript(room: ConcertID) -> RoomWatch? {
        get { first?.room == room ? first : others.first { $0.room == room } }
        set {
            if first == nil || first?.room == room {
                first = newValue ?? others.popLast()
            } else if let at = others.firstIndex(where: { $0.room == room }) {
                if let newValue { others[at] = newValue } else { others.remove(at: at) }
            } else if let newValue {
                others.append(newValue)
            }
        }
    }
}
