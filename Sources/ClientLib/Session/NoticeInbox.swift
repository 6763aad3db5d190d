// Notices between the wire and those who iterate over them.
//
//     notice ──▶ seen before? ──yes──▶ dropped
//                    │no
//                    ▼
//                 buffer ──next──▶ delivered ──next──▶ consumed by all ──▶ acknowledged, in batches
//
// What is delivered counts as consumed when the next one is asked for. The buffer cannot outgrow the server's window,
// because nothing is acknowledged that is still in it; a server that sends beyond its window breaks the protocol.
// Several iterations may go on at once: each sees every notice, and the slowest holds back the acknowledgement.

struct NoticeInbox: Sendable {
    enum Phase: Hashable, Sendable {
        case idle
        case subscribing(CallID)
        case live
        /// The server refuses the subscription on this connection.
        case refused(BoxOfficeError)
    }

    private struct Subscriber {
        var delivered: UInt64
        var consumed: UInt64
    }

    /// Beyond this the server is hostile: notices are short.
    static let bufferedBytesMax = 8 * 1024 * 1024

    var phase: Phase = .idle
    /// Notices that the server may have sent without an acknowledgement.
    var window = WireLimits.noticesUnacknowledgedMax
    private var member: MemberID?
    private var isPositioned = false
    private var subscribers: [SubscriberID: Subscriber] = [:]
    private var buffer: [(notice: ReceivedNotice, bytes: Int)] = []
    private var bufferedBytes = 0
    private var lastSeen: UInt64 = 0
    private var consumed: UInt64 = 0
    private var acknowledged: UInt64 = 0

    var isWanted: Bool { !subscribers.isEmpty }

    // MARK: Who iterates

    mutating func subscribe(_ id: SubscriberID) {
        subscribers[id] = Subscriber(delivered: consumed, consumed: consumed)
    }

    /// Returns what to acknowledge before the subscription ends. What was not consumed will be sent again to whoever
    /// iterates next.
    mutating func unsubscribe(_ id: SubscriberID) -> UInt64? {
        guard subscribers.removeValue(forKey: id) != nil else { return nil }
        settle()
        if subscribers.isEmpty {
            clearBuffer()
            lastSeen = consumed
        }
        return acknowledgement(atOnce: subscribers.isEmpty)
    }

    /// The next notice for an iteration; nil when there is none yet.
    mutating func next(for id: SubscriberID) -> (notice: ReceivedNotice?, acknowledge: UInt64?) {
        guard var subscriber = subscribers[id] else { return (nil, nil) }
        subscriber.consumed = max(subscriber.consumed, subscriber.delivered)
        subscribers[id] = subscriber
        settle()
        let next = buffer.first { $0.notice.sequence > subscriber.delivered }?.notice
        if let next { subscribers[id]?.delivered = next.sequence }
        return (next, acknowledgement(atOnce: buffer.isEmpty))
    }

    /// Everything through `sequence` was consumed, whatever the iterations have asked for.
    mutating func consume(through sequence: UInt64) -> UInt64? {
        let through = min(sequence, lastSeen)
        for (id, subscriber) in subscribers {
            subscribers[id] = Subscriber(
                delivered: max(subscriber.delivered, through), consumed: max(subscriber.consumed, through))
        }
        settle()
        return acknowledgement(atOnce: true)
    }

    /// What is consumed and waits for a batch.
    mutating func pendingAcknowledgement() -> UInt64? { acknowledgement(atOnce: true) }

    private mutating func settle() {
        guard let slowest = subscribers.values.map(\.consumed).min(), slowest > consumed else { return }
        consumed = slowest
        let count = buffer.prefix { $0.notice.sequence <= slowest }.count
        bufferedBytes -= buffer.prefix(count).reduce(0) { $0 + $1.bytes }
        buffer.removeFirst(count)
    }

    private mutating func clearBuffer() {
        buffer = []
        bufferedBytes = 0
    }

    private mutating func acknowledgement(atOnce: Bool) -> UInt64? {
        guard phase == .live, consumed > acknowledged else { return nil }
        guard atOnce || consumed - acknowledged >= UInt64(max(1, window / 4)) else { return nil }
        acknowledged = consumed
        return consumed
    }

    // MARK: What comes from the server

    /// The connection belongs to somebody: numbers go on only when it is the same member.
    mutating func belongs(to member: MemberID?) {
        guard let member, member != self.member else { return }
        if self.member != nil {
            clearBuffer()
            isPositioned = false
            (lastSeen, consumed, acknowledged) = (0, 0, 0)
            for id in subscribers.keys { subscribers[id] = Subscriber(delivered: 0, consumed: 0) }
        }
        self.member = member
    }

    /// The server sends what comes after its cursor. Returns what to acknowledge: it may have missed the last one.
    mutating func subscribed(_ answer: Subscribed) -> UInt64? {
        phase = .live
        acknowledged = answer.acknowledged
        if !isPositioned {
            isPositioned = true
            lastSeen = answer.acknowledged
            consumed = answer.acknowledged
            for id in subscribers.keys {
                subscribers[id] = Subscriber(delivered: answer.acknowledged, consumed: answer.acknowledged)
            }
        } else if answer.acknowledged > lastSeen {
            // A session begun anew has its cursor at the newest notice: what lies between was missed.
            gap(through: answer.acknowledged)
        }
        return acknowledgement(atOnce: true)
    }

    /// False when the server has sent more than it may.
    mutating func received(_ notice: ReceivedNotice, bytes: Int) -> Bool {
        // Before the answer to a subscription, what comes belongs to one that was ended, and will come again.
        guard phase == .live, notice.sequence > lastSeen else { return true }
        guard buffer.count < 2 * window + 16, bufferedBytes + bytes <= Self.bufferedBytesMax else { return false }
        lastSeen = notice.sequence
        buffer.append((notice, bytes))
        bufferedBytes += bytes
        return true
    }

    mutating func gap(through sequence: UInt64) {
        guard phase == .live, sequence > lastSeen else { return }
        lastSeen = sequence
        // A gap after a gap is one longer gap. Kept one by one, they would fill the memory of whoever meets a server that
        // sends nothing else: no window holds them back.
        if buffer.last?.notice.content == .gap { buffer.removeLast() }
        buffer.append((ReceivedNotice(sequence: sequence, content: .gap, isReplayed: false), 0))
    }

    mutating func connectionLost() { phase = .idle }
}
