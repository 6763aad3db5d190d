// What the session asks of the world. It does no input or output itself: each event returns the actions it leads to, in
// order, so that a test can read them and a driver carry them out.

/// The clock of every deadline here: monotonic, and it runs while the machine sleeps.
typealias Moment = ContinuousClock.Instant

/// One attempt to be connected. What an old connection still has to say is recognised by its number and ignored.
struct ConnectionID: Hashable, Sendable {
    let number: UInt64
}

/// One call of `perform`, whatever becomes of its attempts. Rises with time.
struct CallID: Hashable, Comparable, Sendable {
    let number: UInt64
    static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}

/// Somebody who sleeps until there is news about a subject.
struct WaiterID: Hashable, Sendable {
    let number: UInt64
}

/// One iteration over notices or a seat map.
struct SubscriberID: Hashable, Sendable {
    let number: UInt64
}

/// What there can be news about.
enum Subject: Hashable, Sendable {
    case connection
    case notices
    case place(ConcertID)
    case seats(PerformanceID)
}

/// The answer to a request, still encoded: it is decoded by the task that waits for it.
struct Reply: Hashable, Sendable {
    var opcode: Opcode
    var body: [UInt8]
    var isReplayed: Bool
}

/// A frame that has come in whole, its body inflated when it was compressed.
struct InboundFrame: Hashable, Sendable {
    var kind: FrameKind
    var opcode: UInt16 = 0
    var id: UInt64 = 0
    var isReplayed = false
    var body: [UInt8] = []
}

enum Action: Hashable, Sendable {
    /// Look the server up and connect; then say `connectionOpened` or `connectionClosed`.
    case connect(ConnectionID)
    /// Queue a whole frame on the connection.
    case send([UInt8], ConnectionID)
    /// Close it: at once, or when what is queued has left.
    case disconnect(ConnectionID, afterFlush: Bool)
    /// A call has ended.
    case answer(CallID, Result<Reply, BoxOfficeError>)
    /// There is news for them.
    case wake([WaiterID])
}
