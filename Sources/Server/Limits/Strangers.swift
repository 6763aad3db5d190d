// Connections that have asked for nothing yet: neither logged in, nor resumed a session, nor made a request. That is what
// an honest client does within a round trip of connecting, and what a slow one never does. So who browses is no stranger,
// and is not dropped however many strangers come.
//
//     strangers   0 …… from ………………………………… most
//     a new one   is one more     drops one with a chance that grows from 0 to 1     always drops one
//
// Which one: of two that are drawn, the one that has been a stranger for longer. So a crowd that comes at once loses some
// of it and no more (they come back), while those who only hold a place lose it soon; and nobody can tell when it is
// whose turn, as with the oldest alone.

import BoxOfficeProtocol

/// Who has asked for nothing yet. Pure: time and chance are arguments.
struct Strangers<Connection> {
    private struct Stranger {
        let id: UInt64
        let since: Instant
        let connection: Connection
    }

    let from: Int
    let most: Int
    private var strangers: [Stranger] = []
    private var places: [UInt64: Int] = [:]

    init(from: Int, most: Int) {
        precondition(0 <= from && from <= most && most > 0, "strangers are dropped before there are too many")
        self.from = from
        self.most = most
    }

    var count: Int { strangers.count }

    /// One more. Gives back the one that has to go, which is no stranger any more; it may be the new one.
    mutating func came(
        _ id: UInt64, _ connection: Connection, at now: Instant, using random: inout some RandomNumberGenerator
    ) -> Connection? {
        places[id] = strangers.count
        strangers.append(Stranger(id: id, since: now, connection: connection))
        guard dropsOne(using: &random) else { return nil }
        let drawn = [strangers.randomElement(using: &random)!, strangers.randomElement(using: &random)!]
        let goes = drawn[0].since <= drawn[1].since ? drawn[0] : drawn[1]
        remove(goes.id)
        return goes.connection
    }

    private func dropsOne(using random: inout some RandomNumberGenerator) -> Bool {
        if count > most { return true }
        guard count > from else { return false }
        return Int.random(in: 0..<(most - from + 1), using: &random) < count - from
    }

    /// It has asked for something, or is gone. Nothing happens when it was none.
    mutating func remove(_ id: UInt64) {
        guard let place = places.removeValue(forKey: id) else { return }
        let last = strangers.removeLast()
        if last.id != id {
            strangers[place] = last
            places[last.id] = place
        }
    }
}
