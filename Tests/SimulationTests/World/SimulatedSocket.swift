import BoxOfficeTransport
import Glibc

/// One end of a connection, or a socket that listens.
final class SimulatedSocket {
    enum State { case connecting, listening, connected, closed }

    let descriptor: Int32
    let process: SimulatedProcess
    let address: SocketAddress
    let peerAddress: SocketAddress
    /// Names the connection: both ends have the same.
    let connection: Int
    let isClient: Bool
    var state: State
    var poller: SimulatedPoller?
    var token: UInt64 = 0

    /// The other end; nil before the connection is made and after it was forgotten.
    weak var peer: SimulatedSocket?
    /// Connections that wait to be accepted.
    var backlog: [SimulatedSocket] = []

    // What came in.
    private var received: [UInt8] = []
    private var firstUnread = 0
    var peerFinished = false
    /// The connection is no more, for this reason: told once what came before is read.
    var error: Int32 = 0

    // What goes out.
    /// Sent, and not yet read by the program at the other end.
    var unreadBytes = 0
    /// When the last byte sent so far arrives: later ones come later.
    var lastArrival = 0
    /// The program was told that there is no room, and waits for it.
    var isBlocked = false
    /// Bytes that still get through before the line is cut.
    var bytesUntilCut = Int.max
    /// The line is cut: what is sent arrives nowhere, and nobody hears of it.
    var isSilenced = false

    /// The machine has no power: nothing is sent any more. What was sent before is on its way.
    var isDark = false

    init(
        _ descriptor: Int32, of process: SimulatedProcess, at address: SocketAddress, to peerAddress: SocketAddress,
        connection: Int, isClient: Bool, _ state: State
    ) {
        self.descriptor = descriptor
        self.process = process
        self.address = address
        self.peerAddress = peerAddress
        self.connection = connection
        self.isClient = isClient
        self.state = state
    }

    var readableBytes: Int { received.count - firstUnread }

    func append(_ bytes: some Collection<UInt8>) {
        if firstUnread > 0 {
            received.removeFirst(firstUnread)
            firstUnread = 0
        }
        received.append(contentsOf: bytes)
    }

    /// Takes what is there, as far as there is room for it.
    func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, readableBytes)
        received.withUnsafeBytes { bytes in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[firstUnread..<(firstUnread + count)]))
        }
        firstUnread += count
        if firstUnread == received.count {
            received.removeAll(keepingCapacity: received.capacity <= 4096)
            firstUnread = 0
        }
        return count
    }

    func tell(_ events: PollEvents) {
        guard state != .closed, process.isAlive else { return }
        poller?.post(events, to: token)
    }
}

/// Tells a shard which of its sockets can go on, once for each change.
final class SimulatedPoller: Poller {
    let descriptor: Int32
    private let network: SimulatedNetwork
    private var ready: (() -> Void)?
    private var isAnnounced = false
    private var events: [UInt64: PollEvents] = [:]
    private var order: [UInt64] = []

    init(_ descriptor: Int32, of network: SimulatedNetwork) {
        self.descriptor = descriptor
        self.network = network
    }

    func whenReady(_ ready: @escaping () -> Void) { self.ready = ready }

    func add(_ socket: Int32, token: UInt64) throws(SystemError) {
        guard let socket = network.sockets[socket] else { throw SystemError(EBADF, in: "epoll_ctl") }
        socket.poller = self
        socket.token = token
        var events: PollEvents = []
        if socket.state == .connected { events.insert(.writable) }
        if socket.readableBytes > 0 || !socket.backlog.isEmpty { events.insert(.readable) }
        if socket.peerFinished { events.formUnion([.readable, .peerFinished]) }
        if socket.error != 0 { events.formUnion([.readable, .hungUp, .failed]) }
        if !events.isEmpty { post(events, to: token) }
    }

    func remove(_ socket: Int32) {
        guard let socket = network.sockets[socket] else { return }
        socket.poller = nil
        events[socket.token] = nil
    }

    func post(_ more: PollEvents, to token: UInt64) {
        if events[token] == nil { order.append(token) }
        events[token, default: []].formUnion(more)
        announce()
    }

    private func announce() {
        guard !isAnnounced, let ready else { return }
        isAnnounced = true
        ready()
    }

    func takeEvents(_ body: (_ token: UInt64, _ events: PollEvents) -> Void) -> Bool {
        isAnnounced = false
        let batch = order.prefix(256)
        order.removeFirst(batch.count)
        for token in batch {
            if let taken = events.removeValue(forKey: token) { body(token, taken) }
        }
        if !order.isEmpty { announce() }
        return !batch.isEmpty
    }
}
