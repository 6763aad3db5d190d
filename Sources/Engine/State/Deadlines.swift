import BoxOfficeProtocol
import HeapModule

/// What is due, when: at most one instant for each thing that can become due.
///
/// An entry that was moved or taken back stays in the heap as a husk, known by its order, which no longer is the one
/// that counts. The earliest entry is never a husk, and a heap that is mostly husks is built anew, so memory follows
/// what is pending and not what ever was: logins that log out again, holds that are paid.
struct Deadlines: Sendable {
    enum Kind: Hashable, Sendable {
        case holdEnding(ReservationID)
        case holdExpiry(ReservationID)
        case activeEnding(TokenID)
        case activeExpiry(TokenID)
        case lifeSign(TokenID)
        case callExpiry(TokenID)
        case idleExpiry(TokenID)
        case roomOpening(ConcertID)
        case admission(ConcertID)
        case saleClosing(ConcertID)
        case sessionEnd(SessionID)
        case housekeeping
    }

    private struct Entry: Comparable, Sendable {
        var at: Instant
        /// Entries of one instant come in the order in which they were made.
        var order: UInt64
        var kind: Kind
        static func < (a: Self, b: Self) -> Bool { a.at != b.at ? a.at < b.at : a.order < b.order }
    }

    /// Husks that are always tolerated, so that a small heap is not built anew all the time.
    private static let husksMin = 64

    private var heap = Heap<Entry>()
    private var pending = Orders()
    private var made: UInt64 = 0

    /// The earliest.
    var next: Instant? { heap.min?.at }
    /// How many are pending.
    var count: Int { pending.count }
    /// What they take up, husks included.
    var heapCount: Int { heap.count }

    /// Makes something due at an instant, and no longer at the one before.
    mutating func set(_ kind: Kind, at: Instant) {
        made += 1
        let isMoved = pending[kind] != nil
        pending[kind] = made
        heap.insert(Entry(at: at, order: made, kind: kind))
        if isMoved { removeHusks() }
    }

    /// Takes a deadline back; one that is not pending is none.
    mutating func cancel(_ kind: Kind) {
        guard pending[kind] != nil else { return }
        pending[kind] = nil
        removeHusks()
    }

    /// The earliest that is due at `now`.
    mutating func popDue(at now: Instant) -> Kind? {
        guard let first = heap.min, first.at <= now else { return nil }
        heap.removeMin()
        pending[first.kind] = nil
        removeHusks()
        return first.kind
    }

    private mutating func removeHusks() {
        while let first = heap.min, pending[first.kind] != first.order { heap.removeMin() }
        if heap.count > 2 * pending.count + Self.husksMin {
            heap = Heap(heap.unordered.filter { pending[$0.kind] == $0.order })
        }
    }
}

extension Deadlines {
    /// The order of the entry that counts for each kind, found by its place: two are set and taken back with each hold.
    private struct Orders: Sendable {
        private var holdEndings = Numbered<ReservationID, UInt64>()
        private var holdExpiries = Numbered<ReservationID, UInt64>()
        private var activeEndings = Numbered<TokenID, UInt64>()
        private var activeExpiries = Numbered<TokenID, UInt64>()
        private var lifeSigns = Numbered<TokenID, UInt64>()
        private var callExpiries = Numbered<TokenID, UInt64>()
        private var idleExpiries = Numbered<TokenID, UInt64>()
        private var roomOpenings = Numbered<ConcertID, UInt64>()
        private var admissions = Numbered<ConcertID, UInt64>()
        private var saleClosings = Numbered<ConcertID, UInt64>()
        private var sessionEnds = Numbered<SessionID, UInt64>()
        private var housekeeping: UInt64?

        var count: Int {
            holdEndings.count + holdExpiries.count + activeEndings.count + activeExpiries.count + lifeSigns.count
                + callExpiries.count + idleExpiries.count + roomOpenings.count + admissions.count + saleClosings.count
                + sessionEnds.count + (housekeeping == nil ? 0 : 1)
        }

        subscript(kind: Kind) -> UInt64? {
            get {
                switch kind {
                case .holdEnding(let id): holdEndings[id]
                case .holdExpiry(let id): holdExpiries[id]
                case .activeEnding(let id): activeEndings[id]
                case .activeExpiry(let id): activeExpiries[id]
                case .lifeSign(let id): lifeSigns[id]
                case .callExpiry(let id): callExpiries[id]
                case .idleExpiry(let id): idleExpiries[id]
                case .roomOpening(let id): roomOpenings[id]
                case .admission(let id): admissions[id]
                case .saleClosing(let id): saleClosings[id]
                case .sessionEnd(let id): sessionEnds[id]
                case .housekeeping: housekeeping
                }
            }
            set {
                switch kind {
                case .holdEnding(let id): holdEndings[id] = newValue
                case .holdExpiry(let id): holdExpiries[id] = newValue
                case .activeEnding(let id): activeEndings[id] = newValue
                case .activeExpiry(let id): activeExpiries[id] = newValue
                case .lifeSign(let id): lifeSigns[id] = newValue
                case .callExpiry(let id): callExpiries[id] = newValue
                case .idleExpiry(let id): idleExpiries[id] = newValue
                case .roomOpening(let id): roomOpenings[id] = newValue
                case .admission(let id): admissions[id] = newValue
                case .saleClosing(let id): saleClosings[id] = newValue
                case .sessionEnd(let id): sessionEnds[id] = newValue
                case .housekeeping: housekeeping = newValue
                }
            }
        }
    }
}
