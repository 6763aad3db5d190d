import BoxOfficeProtocol
import HeapModule

/// What is due, when. An entry is never taken back: one that no longer applies finds nothing to do when its time comes.
struct Deadlines: Sendable {
    enum Kind: Hashable, Sendable {
        case holdEnding(ReservationID)
        case holdExpiry(ReservationID)
        case activeEnding(TokenID)
        case activeExpiry(TokenID)
        case lifeSign(TokenID)
        case callExpiry(TokenID)
        case saleOpening(ConcertID)
        case sessionEnd(SessionID)
        case housekeeping
    }

    struct Entry: Comparable, Sendable {
        var at: Instant
        /// Entries of one instant come in the order in which they were made.
        var order: UInt64
        var kind: Kind
        static func < (a: Self, b: Self) -> Bool { a.at != b.at ? a.at < b.at : a.order < b.order }
    }

    private var heap = Heap<Entry>()
    private var made: UInt64 = 0

    var next: Instant? { heap.min?.at }

    mutating func add(_ kind: Kind, at: Instant) {
        made += 1
        heap.insert(Entry(at: at, order: made, kind: kind))
    }

    /// The earliest that is due at `now`.
    mutating func popDue(at now: Instant) -> Entry? {
        guard let first = heap.min, first.at <= now else { return nil }
        return heap.removeMin()
    }
}
