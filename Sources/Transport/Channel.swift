// A connected stream socket.
//
//     adopted ──start──▶ open ◀──connected── connecting
//         └────start──▶ securing ◀──connected────┘           where there is TLS: open when hands are shaken
//
//     open ──closeAfterFlush, end of stream──▶ flushing ──▶ draining ──▶ closed, which each state may become
//
//     adopted    the descriptor is ours, and nobody watches it yet
//     connecting the kernel is at it; what is sent waits in the outbox
//     securing   the TLS handshake is going on; what is sent waits likewise
//     open       both directions
//     flushing   nothing is read or accepted for sending; what is queued still leaves
//     draining   everything has left and the peer was told so; what it still sends is read and thrown away, since
//                closing with unread bytes makes the kernel send a reset, which can overtake our last words
//     closed     the descriptor is gone; the handler is told at the end of the turn
//
// An idle channel holds no buffer: reads go into the shard's scratch, and the arrays here are empty
// (an empty array allocates nothing). With tens of thousands of waiting connections, that is what they cost.
//
// Only `Network.receive` and `Network.send` touch the bytes, each called in one place (Channel+Reading,
// Channel+Writing): the TLS filter stands between them and everything else (Channel+TLS).

/// One connection, confined to the queue of its shard: every call asserts that it is made there.
///
/// `@unchecked Sendable`, so that it can be named in a closure that is posted to its shard: all state is touched on
/// that queue only.
public final class Channel: @unchecked Sendable {
    enum State: UInt8 {
        case adopted, connecting, securing, open, flushing, draining, closed
    }

    /// What the handler has not been told yet.
    struct News: OptionSet {
        let rawValue: UInt8
        static let opened = News(rawValue: 1)
        static let overSoftBound = News(rawValue: 2)
        static let drained = News(rawValue: 4)
        static let overHardBound = News(rawValue: 8)
        static let closed = News(rawValue: 16)
    }

    /// More unconsumed bytes than this close the channel; larger than any frame may be.
    public static let unconsumedBytesMax = 2 * 1024 * 1024
    /// A wake reads at most about this much from one channel before it lets the others go on.
    static let readBytesPerTurn = 256 * 1024
    /// How long the peer has, by default, to take the last words.
    public static let flushSeconds = 5.0

    /// The shard whose queue this channel lives on.
    public let shard: Shard
    /// The other end.
    public let peer: SocketAddress

    /// How many unconsumed bytes the handler needs, in total, before it is called again. Zero again before each call.
    public var bytesWanted = 0
    /// When bytes last came in, of whatever kind; at first, when the channel was made.
    public internal(set) var lastReceivedAt: ContinuousClock.Instant
    /// When queued bytes last left, or the queue last stopped being empty: how long a reader has made no progress.
    public internal(set) var lastWriteProgressAt: ContinuousClock.Instant

    var handler: (any ChannelHandler)?
    /// Encrypts and decrypts; nil where nothing is.
    var tls: TLSFilter?
    var outbox: Outbox {
        didSet {
            let bytes = outbox.queuedBytes
            shard.queuedBytes += bytes - countedBytes
            countedBytes = bytes
        }
    }
    /// What the shard has counted of the outbox.
    private var countedBytes = 0
    var inbound: [UInt8] = []
    var token: UInt64 = 0
    var descriptor: Int32
    var closeReason: CloseReason = .requested
    var state: State
    var news: News = []

    // Which lists of the shard this channel is in.
    var flushQueued = false
    var updateQueued = false
    var newsQueued = false
    var goOnQueued = false

    // Reading.
    var paused = false
    var pausedForTurn = false  // Until the next turn only.
    var resumed = false  // What was kept while it was paused is due to be offered.
    var readPending = false  // The kernel has said "readable", and not yet "would block".
    var readToEnd = false  // The end is in the stream: a short read is not the end of it.
    var peerFinished = false

    // Writing.
    var blocked = false  // The socket was full, and the kernel will say when it is not.
    var writeFailed = false  // The peer takes nothing any more; what it sent is still read.
    var overSoftBound = false
    var overHardBound = false

    /// Takes over a connected socket, as a listener delivers it. It does nothing before `start`.
    public convenience init(
        adopting descriptor: Int32, peer: SocketAddress? = nil, on shard: Shard, limits: OutboxLimits = .init(),
        handler: any ChannelHandler
    ) {
        let peer = shard.network.adopt(descriptor, from: peer)
        self.init(descriptor, peer: peer, state: .adopted, on: shard, limits: limits, handler: handler)
    }

    init(
        _ descriptor: Int32, peer: SocketAddress, state: State, on shard: Shard, limits: OutboxLimits,
        handler: any ChannelHandler
    ) {
        shard.assertCurrent()
        self.shard = shard
        self.peer = peer
        self.descriptor = descriptor
        self.state = state
        self.handler = handler
        outbox = Outbox(limits: limits)
        lastReceivedAt = shard.now
        lastWriteProgressAt = shard.now
    }

    deinit {
        // The shard keeps every started channel alive until it is closed, so this one was never started.
        if descriptor >= 0 { network.close(descriptor) }
    }

    var network: any Network { shard.network }
    /// Whether it is on its way to be open.
    var isBeginning: Bool { state == .adopted || state == .connecting || state == .securing }
    /// Whether the channel is open: `channelOpened` may still be on its way.
    public var isOpen: Bool { state == .open }
    /// Whether TLS is spoken on it, until it is closed.
    public var isEncrypted: Bool { tls != nil }
    /// Bytes that wait to be sent, without updates that are not encoded yet.
    public var queuedBytes: Int { outbox.queuedBytes + (tls?.ciphertext.count ?? 0) }
    /// Bytes that were received and not consumed.
    public var unconsumedBytes: Int { inbound.count }

    // MARK: News for the handler

    func tell(_ more: News) {
        news.formUnion(more)
        guard !newsQueued else { return }
        newsQueued = true
        shard.notifyLater(self)
    }

    /// Called by the shard when the turn settles.
    func deliverNews() {
        newsQueued = false
        tellNow()
    }

    func tellNow() {
        guard let handler, !news.isEmpty else { return }
        let due = news
        news = []
        if due.contains(.closed) {
            // Breaks the cycle of handler and channel; nothing is told after this.
            self.handler = nil
            handler.channelClosed(self, reason: closeReason)
            return
        }
        if due.contains(.opened), state == .open { handler.channelOpened(self) }
        if due.contains(.overSoftBound), state == .open, overSoftBound { handler.channelOverflowed(self, bound: .soft) }
        if due.contains(.drained), state == .open, !overSoftBound { handler.channelDrained(self) }
        if due.contains(.overHardBound), isBeginning { closeNow(.outboxOverflow) }
        if due.contains(.overHardBound), state == .open {
            overHardBound = false
            handler.channelOverflowed(self, bound: .hard)
            // Replies are missing now: nobody can go on with this connection.
            closeAfterFlush(reason: .outboxOverflow)
        }
    }
}
