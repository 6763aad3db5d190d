// What a shard needs from its network: to be told which of its sockets can go on.
//
//     Linux   EpollPoller    one epoll descriptor
//     Apple   KqueuePoller   one kqueue descriptor
//
// All are edge-triggered: an event says that something has changed since the last one, so that a socket is
// registered once for its whole life, and whoever is told must go on until the kernel says "would block".
//
// The poller's own descriptor becomes readable when events wait, and that one descriptor carries the shard's only
// source. One source per socket is the documented pattern and unsafe: a reset by a peer makes libdispatch
// touch a freed source (docs/architecture.md, Dispatch 1).

/// What the kernel says about a socket.
public struct PollEvents: OptionSet, Sendable {
    /// One bit an event.
    public let rawValue: UInt8

    /// These events.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Bytes, a connection to accept, or the end of the stream can be read.
    public static let readable = PollEvents(rawValue: 1)
    /// There is room to write again, or a connection attempt has ended.
    public static let writable = PollEvents(rawValue: 2)
    /// The peer will send nothing more: read to the end, no later event will say so again.
    public static let peerFinished = PollEvents(rawValue: 4)
    /// The connection is gone, in both directions or with an error: read to the end as well.
    public static let hungUp = PollEvents(rawValue: 8)
    /// The socket has an error to fetch.
    public static let failed = PollEvents(rawValue: 16)
}

/// Watches the sockets of one shard, on its queue.
public protocol Poller: AnyObject {
    /// The descriptor that is readable while events wait.
    var descriptor: Int32 { get }

    /// Watches a socket for its life; `token` comes back with each of its events.
    func add(_ socket: Int32, token: UInt64) throws(SystemError)

    /// Forgets a socket. Called before the socket is closed, so that no event can name a descriptor that is
    /// somebody else's by then.
    func remove(_ socket: Int32)

    /// Calls `body` for each of the events that wait now, at most one batch; what is left keeps `descriptor`
    /// readable.
    /// - Returns: Whether there were any.
    func takeEvents(_ body: (_ token: UInt64, _ events: PollEvents) -> Void) -> Bool
}

#if canImport(Darwin)
    typealias SystemPoller = KqueuePoller
#else
    typealias SystemPoller = EpollPoller
#endif
