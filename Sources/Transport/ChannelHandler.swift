/// What happens on a channel, told to its owner: a session on the server, a connection in the client library.
///
/// Every call is made on the shard's queue. Calls to the channel from inside are welcome, and none of them calls
/// back: what they cause is told at the end of the turn.
public protocol ChannelHandler: AnyObject {
    /// The channel can be used. Once, before anything is received; not at all when the connection fails.
    func channelOpened(_ channel: Channel)

    /// Bytes have come. Returns how many of them, from the front, are dealt with; the rest is kept and offered again
    /// together with what comes next. A handler that knows how much it needs says so with `Channel.bytesWanted`.
    func channelReceived(_ channel: Channel, bytes: Span<UInt8>) -> Int

    /// The socket has room, and nothing else is waiting: append the newest message about `subject`, or nothing.
    ///
    /// What is appended will be sent, whole: it is never asked for and then thrown away, so that a handler may note
    /// down which version the peer has. Only a batch of it can wait, and replies and notices still pass it.
    func channelEncodesUpdate(_ channel: Channel, _ subject: UpdateSubject, into buffer: inout [UInt8])

    /// The peer reads too slowly.
    ///
    /// `.soft`: told once, until `channelDrained`. Nothing is lost; send updates only from here on, and stop taking
    /// requests with `Channel.pauseReading`.
    /// `.hard`: what was queued and not begun has been dropped. Say goodbye with `Channel.send` and
    /// `Channel.closeAfterFlush`; a handler that does not is closed all the same.
    func channelOverflowed(_ channel: Channel, bound: OutboxBound)

    /// The outbox that was over its soft bound has come down to half of it.
    func channelDrained(_ channel: Channel)

    /// The channel is closed and calls nothing any more. Exactly once, whatever happened before.
    func channelClosed(_ channel: Channel, reason: CloseReason)
}

extension ChannelHandler {
    /// Does nothing.
    public func channelOpened(_ channel: Channel) {}
    /// Has no update to send.
    public func channelEncodesUpdate(_ channel: Channel, _ subject: UpdateSubject, into buffer: inout [UInt8]) {}
    /// Leaves the channel to be closed at the hard bound.
    public func channelOverflowed(_ channel: Channel, bound: OutboxBound) {}
    /// Does nothing.
    public func channelDrained(_ channel: Channel) {}
}
