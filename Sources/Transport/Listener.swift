// A listening socket on a shard, usually one that does nothing else.
//
//     readable ──▶ accept, at most `acceptsPerTurn` ──▶ the owner gets each descriptor and hands it to a shard
//                     │
//                     └─ out of descriptors or memory ──▶ pause 100 ms, then go on
//
// The pause is what a full process needs: connections wait in the kernel's backlog meanwhile, and an event loop that
// tried again at once would spin, as the backlog stays readable.

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Accepts connections. Confined to its shard's queue, but for `init`, `localAddress` and `stop`.
///
/// `@unchecked Sendable`: the mutable state is touched on the shard's queue only.
public final class Listener: @unchecked Sendable {
    /// What a listener has to tell.
    public enum Event: Sendable {
        /// A connection, as a descriptor that is the receiver's from now on: give it to a `Channel`.
        case accepted(Int32, peer: SocketAddress)
        /// Nothing is accepted for a while, because the process or the machine lacks something.
        case paused(SystemError)
    }

    /// Connections that one turn accepts before others go on.
    static let acceptsPerTurn = 64
    /// How long accepting rests when descriptors have run out.
    static let pauseSeconds = 0.1

    /// Where it listens; with port 0 asked for, the port that was given.
    public var localAddress: SocketAddress { socket.address }

    private let shard: Shard
    private let receive: @Sendable (Event) -> Void
    private let socket: ListeningSocket
    private var isOpen = true
    private var token: UInt64 = 0
    private var goOnQueued = false

    /// Listens at once, and accepts until `stop`. `receive` is called on the shard's queue.
    ///
    /// A Unix socket gets mode 0600; one that a dead process left behind is replaced, one that answers is not.
    public init(
        on shard: Shard, address: SocketAddress, backlog: Int32 = 4096, receive: @escaping @Sendable (Event) -> Void
    ) throws(SystemError) {
        socket = try shard.network.listen(at: address, backlog: backlog)
        self.shard = shard
        self.receive = receive
        shard.post { self.start() }
    }

    /// Stops accepting and closes the socket; from any thread, any number of times. `done` runs on the shard's queue.
    public func stop(_ done: (@Sendable () -> Void)? = nil) {
        shard.post {
            self.closeNow()
            done?()
        }
    }

    private func start() {
        guard isOpen else { return }
        switch shard.add(self, socket.descriptor) {
        case .success(let token): self.token = token
        case .failure(.failed(let error)):
            closeNow()
            receive(.paused(error))
        case .failure: closeNow()
        }
    }

    private func acceptBatch() {
        for _ in 0..<Self.acceptsPerTurn {
            guard isOpen else { return }
            switch shard.network.accept(socket.descriptor) {
            case .success(let connection):
                receive(.accepted(connection.descriptor, peer: connection.peer))
            case .failure(let error):
                switch error.number {
                case EAGAIN, EWOULDBLOCK: return
                // The connection was gone before we came to it, or is of no use: the next one may be fine.
                case EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, EHOSTDOWN, EHOSTUNREACH, ENETUNREACH: continue
                default: return pause(because: error)
                }
            }
        }
        goOnSoon()
    }

    private func pause(because error: SystemError) {
        goOnQueued = true
        receive(.paused(error))
        shard.after(seconds: Self.pauseSeconds) { self.goOn() }
    }

    private func goOnSoon() {
        guard !goOnQueued, isOpen else { return }
        goOnQueued = true
        shard.goOnLater(self)
    }

    private func closeNow() {
        guard isOpen else { return }
        isOpen = false
        if token != 0 { shard.remove(token, socket.descriptor) }
        shard.network.close(socket)
    }
}

extension Listener: Polled {
    func polled(_ events: PollEvents) {
        // While it pauses, or when its turn is coming anyway, an event adds nothing.
        if !goOnQueued { acceptBatch() }
    }

    func goOn() {
        goOnQueued = false
        acceptBatch()
    }

    func shardStopped() { closeNow() }
}
