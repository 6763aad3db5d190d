// A member's notices on their way to one connection: in order, each once, never more than the window unacknowledged.
//
//                       sent == newest                        a notice, and the window is open: pushed as it is
//     replaying ────────────────────────▶ live ◀──────────────────────────────────┐
//        ▲  pull what was missed           │                                      │
//        │                                 │ a notice, and the window is closed   │ pulled up to newest
//        │ subscribe                       ▼                                      │
//                                        behind ──── ack opens the window: pull ──┘
//
// Pure. The router asks what to do next and does it; the bodies of what was missed come from the store.

import BoxOfficeProtocol

/// One subscription.
struct Feed {
    /// Tells subscriptions of one connection apart, so that what an earlier one asked for is not taken for this one's.
    let number: UInt64
    /// Notices through here were missed; they carry the flag `replayed`.
    let replayedThrough: UInt64
    /// The last sequence that was sent, or given up for `gap`.
    private(set) var sent: UInt64
    private(set) var acknowledged: UInt64
    private(set) var owesReplayed = true
    /// An answer of the store is awaited.
    private(set) var isPulling = false
    /// The connection takes no notices now.
    var isHeldBack = false

    static let pulledAtOnceMax = 64

    init(number: UInt64, _ subscribed: Subscribed) {
        self.number = number
        replayedThrough = subscribed.newest
        sent = subscribed.acknowledged
        acknowledged = subscribed.acknowledged
    }

    /// How many more may be sent before an ack.
    private var window: Int {
        let unacknowledged = sent > acknowledged ? sent - acknowledged : 0
        return WireLimits.noticesUnacknowledgedMax - Int(min(unacknowledged, UInt64(Int32.max)))
    }

    /// What is to be done now.
    enum Step: Equatable {
        /// Ask the store for notices after `sent`, at most this many; `pulled` follows.
        case pull(limit: Int)
        /// Say that all that was missed has been sent.
        case sendReplayed
        /// Nothing, until a notice or an ack comes.
        case wait
    }

    mutating func next(newest: UInt64) -> Step {
        if owesReplayed, sent >= replayedThrough {
            owesReplayed = false
            return .sendReplayed
        }
        guard !isPulling, !isHeldBack, sent < newest, window > 0 else { return .wait }
        isPulling = true
        return .pull(limit: min(window, Self.pulledAtOnceMax))
    }

    /// Notices before this sequence are no longer kept. What `gap` has to say: nil when nothing is missing.
    mutating func keptFrom(_ firstKept: UInt64) -> UInt64? {
        guard firstKept > sent + 1 else { return nil }
        sent = firstKept - 1
        return sent
    }

    /// The store's answer has come.
    mutating func pulled() { isPulling = false }

    /// Whether a notice may go out as it is: all before it have, and the window is open.
    func takesLive(_ sequence: UInt64) -> Bool {
        !isPulling && !isHeldBack && !owesReplayed && sequence == sent + 1 && window > 0
    }

    /// A notice goes out; false when it is not the next one.
    mutating func send(_ sequence: UInt64) -> Bool {
        guard sequence == sent + 1 else { return false }
        sent = sequence
        return true
    }

    func isReplay(_ sequence: UInt64) -> Bool { sequence <= replayedThrough }

    mutating func acknowledged(through sequence: UInt64) {
        // Acks may run ahead of this subscription, for notices that came on an earlier connection of the session.
        acknowledged = max(acknowledged, sequence)
    }
}
