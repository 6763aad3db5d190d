// The sockets of a platform, as few calls as channels and listeners need. A descriptor is a number that only the network
// it came from can use.

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Makes sockets and moves their bytes. Nothing here blocks.
public protocol Network: Sendable {
    /// A poller for one shard. Its descriptor is closed with `close`.
    func makePoller() throws(SystemError) -> any Poller

    // MARK: Beginning

    /// The addresses of an endpoint, in the order in which they should be tried; told on a queue of its own.
    func resolve(
        _ endpoint: Endpoint, _ completion: @escaping @Sendable (Result<[SocketAddress], EndpointError>) -> Void)

    /// A socket that accepts connections to `address`.
    func listen(at address: SocketAddress, backlog: Int32) throws(SystemError) -> ListeningSocket

    /// The next connection off a listening socket.
    func accept(_ listening: Int32) -> Result<(descriptor: Int32, peer: SocketAddress), SystemError>

    /// A socket that begins to connect. It becomes writable when the attempt has ended.
    func connect(to address: SocketAddress) -> Result<Int32, SystemError>

    /// How the attempt has ended, once it has.
    func connectEnded(_ descriptor: Int32) -> ConnectOutcome

    /// Makes a connected socket that came from elsewhere fit for a channel. Returns its other end, which is `peer` when
    /// that is known already.
    func adopt(_ descriptor: Int32, from peer: SocketAddress?) -> SocketAddress

    // MARK: Bytes

    /// Reads what is there, up to the room in `buffer`. Zero bytes is the end of the stream.
    func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer

    /// Writes the pieces in one gathered call, as far as the socket takes them.
    func send(_ descriptor: Int32, _ pieces: UnsafeMutableBufferPointer<iovec>) -> Transfer

    // MARK: Ending

    /// The error that a socket has kept for its owner, 0 when none; asking clears it.
    func pendingError(_ descriptor: Int32) -> Int32

    /// Tells the peer that nothing more will be sent.
    func finishSending(_ descriptor: Int32)

    /// Makes the next close a reset: what is unsent is dropped, and the peer hears of it.
    func setResetOnClose(_ descriptor: Int32)

    /// Closes a socket or a poller.
    func close(_ descriptor: Int32)

    /// Closes a listening socket, and removes its file when it has one.
    func close(_ listening: ListeningSocket)
}

/// What a read or a write came to.
public enum Transfer: Sendable {
    case bytes(Int)
    case wouldBlock
    case failed(SystemError)
}

/// How an attempt to connect has ended.
public enum ConnectOutcome: Sendable {
    case connected
    case failed(SystemError)
    /// It has not.
    case pending
}

/// A socket that accepts connections.
public struct ListeningSocket: Sendable {
    /// What `accept` takes.
    public let descriptor: Int32
    /// Where it listens; with port 0 asked for, the port that was given.
    public let address: SocketAddress
    /// The file of a Unix socket.
    let path: SocketPath?

    /// A socket without a file.
    public init(descriptor: Int32, address: SocketAddress) { self.init(descriptor, address, path: nil) }

    init(_ descriptor: Int32, _ address: SocketAddress, path: SocketPath?) {
        self.descriptor = descriptor
        self.address = address
        self.path = path
    }
}
