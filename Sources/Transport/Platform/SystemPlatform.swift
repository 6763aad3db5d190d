// The machine as it is: Dispatch, the kernel's sockets, its clocks and its random generator.

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The machine that this process runs on.
public struct SystemPlatform: Platform {
    /// The machine.
    public init() {}

    /// A serial queue of Dispatch.
    public func queue(_ label: String, isUrgent: Bool) -> any WorkQueue { DispatchWorkQueue(label, isUrgent: isUrgent) }

    /// The sockets of the kernel.
    public var network: any Network { SystemNetwork() }

    /// The monotonic clock.
    public var now: ContinuousClock.Instant { .now }

    /// The wall clock.
    public var wallMicroseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        // Clamped: a clock may show anything, and what it shows must not trap.
        let seconds = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000)
        return seconds.overflow ? (time.tv_sec < 0 ? .min : .max) : seconds.partialValue + Int64(time.tv_nsec) / 1_000
    }

    /// 64 bits of the system's generator.
    public func random() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}

/// The kernel's sockets.
struct SystemNetwork: Network {
    func makePoller() throws(SystemError) -> any Poller { try SystemPoller() }

    func resolve(
        _ endpoint: Endpoint, _ completion: @escaping @Sendable (Result<[SocketAddress], EndpointError>) -> Void
    ) { endpoint.resolve(completion) }

    /// A Unix socket gets mode 0600; one that a dead process left behind is replaced, one that answers is not.
    func listen(at address: SocketAddress, backlog: Int32) throws(SystemError) -> ListeningSocket {
        let descriptor = try Sockets.open(family: address.family)
        do throws(SystemError) {
            let path = try Self.bind(descriptor, to: address)
            guard Sockets.listen(descriptor, backlog: backlog) == 0 else { throw .last(in: "listen") }
            // A Unix socket is where it was asked to be; its own answer may be shorter.
            let local = path == nil ? Sockets.localAddress(descriptor) : nil
            return ListeningSocket(descriptor, local ?? address, path: path)
        } catch {
            Sockets.close(descriptor)
            throw error
        }
    }

    /// What the kernel keeps of what a listener's connections have to send; Linux takes twice as much.
    static let sendBufferBytes: Int32 = 256 * 1024

    private static func bind(_ descriptor: Int32, to address: SocketAddress) throws(SystemError) -> SocketPath? {
        if case .unix(let path) = address { return try SocketPath.bind(descriptor, to: path) }
        // Accepted sockets inherit it. Without it the kernel takes megabytes for a reader that never reads, before an
        // outbox is looked at.
        Sockets.set(descriptor, SOL_SOCKET, SO_SNDBUF, Self.sendBufferBytes)
        // A restart must not wait for the connections of the process before it to leave TIME_WAIT.
        Sockets.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        // [::] and 0.0.0.0 are two addresses, on every system.
        if case .ipv6 = address { Sockets.set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        guard address.withSockaddr({ Sockets.bind(descriptor, $0, $1) }) == 0 else { throw .last(in: "bind") }
        return nil
    }

    func accept(_ listening: Int32) -> Result<(descriptor: Int32, peer: SocketAddress), SystemError> {
        Sockets.accept(listening)
    }

    func connect(to address: SocketAddress) -> Result<Int32, SystemError> {
        do throws(SystemError) {
            let descriptor = try Sockets.open(family: address.family)
            if let failure = Self.beginConnecting(descriptor, to: address) {
                Sockets.close(descriptor)
                return .failure(failure)
            }
            if address.port != nil { Sockets.setNoDelay(descriptor) }
            return .success(descriptor)
        } catch {
            return .failure(error)
        }
    }

    private static func beginConnecting(_ descriptor: Int32, to address: SocketAddress) -> SystemError? {
        guard let result = address.withSockaddr({ Sockets.connect(descriptor, $0, $1) }) else {
            return SystemError(ENAMETOOLONG, in: "connect")
        }
        // EINTR too: the attempt goes on in the kernel. Even a socket that is connected at once (a Unix one) is
        // writable then, so that its first event finishes it like all others.
        return result == 0 || errno == EINPROGRESS || errno == EINTR ? nil : .last(in: "connect")
    }

    func connectEnded(_ descriptor: Int32) -> ConnectOutcome {
        let error = Sockets.pendingError(descriptor)
        guard error == 0 else { return .failed(SystemError(error, in: "connect")) }
        guard let remote = Sockets.peerAddress(descriptor) else { return .pending }
        // A port of this machine that nobody listens on can be drawn as our own port: TCP then connects the socket
        // to itself. A client that tries until its server is back would talk to itself for ever.
        if remote.port != nil, remote == Sockets.localAddress(descriptor) {
            return .failed(SystemError(ECONNREFUSED, in: "connect"))
        }
        return .connected
    }

    func adopt(_ descriptor: Int32, from peer: SocketAddress?) -> SocketAddress {
        Sockets.prepare(descriptor)
        let peer = peer ?? Sockets.peerAddress(descriptor) ?? .unix(path: "")
        if peer.port != nil { Sockets.setNoDelay(descriptor) }
        return peer
    }

    func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        Sockets.receive(descriptor, into: buffer)
    }

    func send(_ descriptor: Int32, _ pieces: UnsafeMutableBufferPointer<iovec>) -> Transfer {
        Sockets.send(descriptor, pieces)
    }

    func pendingError(_ descriptor: Int32) -> Int32 { Sockets.pendingError(descriptor) }

    func finishSending(_ descriptor: Int32) { Sockets.finishSending(descriptor) }

    func setResetOnClose(_ descriptor: Int32) { Sockets.setResetOnClose(descriptor) }

    func close(_ descriptor: Int32) { Sockets.close(descriptor) }

    func close(_ listening: ListeningSocket) {
        listening.path?.remove()
        Sockets.close(listening.descriptor)
    }
}
