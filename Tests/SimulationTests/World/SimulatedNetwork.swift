// The simulated network: connections between processes, each a byte stream in both directions.
//
//     send ──▶ at most what the window has room for ──▶ pieces of any size ──▶ each arrives some time later ──▶ receive
//                                                              │
//                                                              └─ cut: reset, end, or silence, after any byte
//
// Within a direction the order is kept, as TCP keeps it; between connections and directions anything goes. What is dealt
// to a connection (how slow it is, whether and where it is cut) is decided when it is made. Every event goes into the
// world's digest: two runs of one seed have the same.

import BoxOfficeTransport
import Glibc

/// How bad the network is.
struct NetworkFaults {
    /// Connections that are refused, or never answered.
    var refused = 0.0
    /// Connections that are cut at some byte.
    var cut = 0.0
    /// Pieces that are held up for seconds.
    var stalled = 0.0
    /// The longest that a piece usually takes.
    var latencyMax = Duration.milliseconds(40)
}

final class SimulatedNetwork {
    unowned let world: World
    var faults = NetworkFaults()
    private(set) var sockets: [Int32: SimulatedSocket] = [:]
    private(set) var pollers: [Int32: SimulatedPoller] = [:]
    private var listening: [SocketAddress: SimulatedSocket] = [:]
    private var newestDescriptor: Int32 = 1_000_000
    private var newestConnection = 0
    private var dice: Dice
    private var timeline: Timeline { world.timeline }

    /// What a socket takes before somebody reads at the other end.
    static let windowBytes = 24 * 1024

    init(in world: World) {
        self.world = world
        dice = world.dice.split()
    }

    private func nextDescriptor() -> Int32 {
        newestDescriptor += 1
        return newestDescriptor
    }

    func makePoller() -> SimulatedPoller {
        let poller = SimulatedPoller(nextDescriptor(), of: self)
        pollers[poller.descriptor] = poller
        return poller
    }

    // MARK: Connections

    func listen(at address: SocketAddress, in process: SimulatedProcess) throws(SystemError) -> ListeningSocket {
        if let other = listening[address], other.process.isAlive { throw SystemError(EADDRINUSE, in: "bind") }
        let socket = SimulatedSocket(
            nextDescriptor(), of: process, at: address, to: address, connection: 0, isClient: false, .listening)
        sockets[socket.descriptor] = socket
        listening[address] = socket
        return ListeningSocket(descriptor: socket.descriptor, address: address)
    }

    func connect(to address: SocketAddress, from process: SimulatedProcess) -> SimulatedSocket {
        newestConnection += 1
        let port = UInt16(1024 + newestConnection % 60_000)
        let socket = SimulatedSocket(
            nextDescriptor(), of: process, at: .ipv4(host: process.host, port: port), to: address,
            connection: newestConnection, isClient: true, .connecting)
        sockets[socket.descriptor] = socket
        world.say("connection \(socket.connection) from \(socket.address) to \(address)")
        // The socket of a machine's own is not on the network.
        let isLocal = address.port == nil
        let isRefused = !isLocal && dice.happens(faults.refused)
        if isRefused, dice.happens(0.3) { return socket }
        timeline.after(latency()) { self.attemptArrived(socket, at: address, isRefused: isRefused, isLocal: isLocal) }
        return socket
    }

    private func attemptArrived(
        _ client: SimulatedSocket, at address: SocketAddress, isRefused: Bool, isLocal: Bool
    ) {
        guard client.state == .connecting, client.process.isAlive else { return }
        guard !isRefused, let door = listening[address], door.process.isAlive, door.state == .listening else {
            world.note("refused", client.connection)
            client.error = ECONNREFUSED
            return client.tell([.writable, .hungUp, .failed])
        }
        let server = SimulatedSocket(
            nextDescriptor(), of: door.process, at: address, to: client.address, connection: client.connection,
            isClient: false, .connected)
        sockets[server.descriptor] = server
        server.peer = client
        client.peer = server
        client.state = .connected
        if !isLocal, dice.happens(faults.cut) {
            let short = dice.happens(0.5)
            client.bytesUntilCut = dice.number(0...(short ? 400 : 6_000))
            server.bytesUntilCut = dice.number(0...(short ? 2_000 : 60_000))
        }
        door.backlog.append(server)
        world.note("connected", client.connection)
        door.tell(.readable)
        client.tell(.writable)
    }

    func accept(_ descriptor: Int32) -> SimulatedSocket? {
        guard let door = sockets[descriptor], !door.backlog.isEmpty else { return nil }
        return door.backlog.removeFirst()
    }

    private func latency() -> Duration {
        if dice.happens(faults.stalled) { return dice.duration(.milliseconds(500)...(.seconds(20))) }
        return dice.duration(.microseconds(100)...faults.latencyMax)
    }

    // MARK: Bytes

    /// Takes as much as there is room for.
    func send(_ bytes: [UInt8], from socket: SimulatedSocket) -> Transfer {
        if socket.error != 0 { return .failed(SystemError(EPIPE, in: "send")) }
        let room = Self.windowBytes - socket.unreadBytes
        guard room > 0 else {
            socket.isBlocked = true
            return .wouldBlock
        }
        var count = min(room, bytes.count)
        if count > 1, dice.happens(0.05) { count = dice.number(1...count) }
        socket.unreadBytes += count
        if !socket.isClient { world.tap.serverSent(bytes[..<count], on: socket.connection) }
        carry(bytes[..<count], from: socket)
        if count < bytes.count {
            socket.isBlocked = true
            timeline.after(latency()) { self.roomMade(at: socket) }
        }
        return .bytes(count)
    }

    private func carry(_ bytes: ArraySlice<UInt8>, from socket: SimulatedSocket) {
        var rest = bytes
        while !rest.isEmpty {
            let count = dice.happens(0.8) ? rest.count : dice.number(1...rest.count)
            let piece = rest.prefix(count)
            rest = rest.dropFirst(count)
            if count >= socket.bytesUntilCut {
                cut(after: piece.prefix(socket.bytesUntilCut), from: socket)
                return
            }
            socket.bytesUntilCut -= count
            deliver(from: socket) { peer in
                peer.append(piece)
                self.world.note("bytes", socket.connection, isFromClient: socket.isClient, piece)
                peer.tell(.readable)
            }
        }
    }

    /// Lets something arrive at the other end after all before it.
    private func deliver(from socket: SimulatedSocket, _ arrive: @escaping (SimulatedSocket) -> Void) {
        guard !socket.isSilenced, !socket.isDark else { return }
        let arrival = max(timeline.now + latency().nanoseconds, socket.lastArrival + 1)
        socket.lastArrival = arrival
        timeline.at(arrival) {
            guard !socket.isSilenced else { return }
            if let peer = socket.peer, peer.process.isAlive, peer.state == .connected { return arrive(peer) }
            // A machine without power says nothing; when it is back it knows of no such connection.
            if self.world.hasPower { self.reset(socket) }
        }
    }

    /// The line is cut at this byte: with a reset for both, or in silence.
    private func cut(after piece: ArraySlice<UInt8>, from socket: SimulatedSocket) {
        let kind = dice.number(0...2)
        deliver(from: socket) { peer in
            self.world.note("cut \(kind)", socket.connection, isFromClient: socket.isClient, piece)
            peer.append(piece)
            peer.tell(.readable)
            socket.isSilenced = true
            peer.isSilenced = true
            if kind < 2 {
                self.fail(peer)
                self.timeline.after(self.latency()) { self.fail(socket) }
            }
        }
    }

    func receive(_ socket: SimulatedSocket, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        let count = socket.take(into: buffer)
        if count > 0 {
            if let sender = socket.peer {
                sender.unreadBytes -= count
                if sender.isBlocked { timeline.after(latency()) { self.roomMade(at: sender) } }
            }
            return .bytes(count)
        }
        if socket.error != 0 { return .failed(SystemError(socket.error, in: "recv")) }
        return socket.peerFinished ? .bytes(0) : .wouldBlock
    }

    private func roomMade(at socket: SimulatedSocket) {
        guard socket.isBlocked, socket.unreadBytes < Self.windowBytes else { return }
        socket.isBlocked = false
        socket.tell(.writable)
    }

    // MARK: The end

    func finishSending(_ socket: SimulatedSocket) {
        deliver(from: socket) { peer in
            guard !peer.peerFinished else { return }
            self.world.note("end", socket.connection, isFromClient: socket.isClient)
            peer.peerFinished = true
            peer.tell([.readable, .peerFinished])
        }
    }

    /// The socket learns that there is no connection any more.
    private func fail(_ socket: SimulatedSocket) {
        guard socket.state == .connected, socket.error == 0, socket.process.isAlive else { return }
        world.note("reset", socket.connection, isFromClient: !socket.isClient)
        socket.error = ECONNRESET
        socket.tell([.readable, .hungUp, .failed])
    }

    /// What was sent met nobody.
    private func reset(_ socket: SimulatedSocket) { timeline.after(latency()) { self.fail(socket) } }

    func close(_ socket: SimulatedSocket, withReset: Bool) {
        guard socket.state != .closed else { return }
        let wasConnected = socket.state == .connected
        let isUnread = socket.readableBytes > 0
        if socket.state == .listening, listening[socket.address] === socket { listening[socket.address] = nil }
        for waiting in socket.backlog { close(waiting, withReset: true) }
        if wasConnected {
            if withReset || isUnread { deliver(from: socket) { self.fail($0) } } else { finishSending(socket) }
        }
        socket.state = .closed
        socket.poller = nil
        // What is on its way still finds it, until nothing can be.
        timeline.after(.seconds(120)) { self.sockets[socket.descriptor] = nil }
    }

    func closePoller(_ descriptor: Int32) { pollers[descriptor] = nil }

    /// A process has ended. The kernel closes what it had; a machine that lost its power says nothing.
    func processEnded(_ process: SimulatedProcess, inSilence: Bool) {
        for socket in sockets.values.filter({ $0.process === process }).sorted(by: { $0.descriptor < $1.descriptor }) {
            if inSilence { socket.isDark = true }
            close(socket, withReset: dice.happens(0.5))
        }
    }
}

/// A process's way to the network.
///
/// `@unchecked Sendable`: there is one thread.
struct SimulatedNetworkAccess: Network, @unchecked Sendable {
    let process: SimulatedProcess
    private var network: SimulatedNetwork { process.world.network }

    init(process: SimulatedProcess) { self.process = process }

    func makePoller() throws(SystemError) -> any Poller { network.makePoller() }

    func resolve(
        _ endpoint: Endpoint, _ completion: @escaping @Sendable (Result<[SocketAddress], EndpointError>) -> Void
    ) {
        completion(
            Result { () throws(EndpointError) in
                if case .unix(let path) = endpoint { [.unix(path: path)] } else { [try endpoint.numericAddress()] }
            })
    }

    func listen(at address: SocketAddress, backlog: Int32) throws(SystemError) -> ListeningSocket {
        try network.listen(at: address, in: process)
    }

    func accept(_ listening: Int32) -> Result<(descriptor: Int32, peer: SocketAddress), SystemError> {
        guard let socket = network.accept(listening) else { return .failure(SystemError(EAGAIN, in: "accept")) }
        return .success((socket.descriptor, socket.peerAddress))
    }

    func connect(to address: SocketAddress) -> Result<Int32, SystemError> {
        .success(network.connect(to: address, from: process).descriptor)
    }

    func connectEnded(_ descriptor: Int32) -> ConnectOutcome {
        guard let socket = network.sockets[descriptor] else { return .failed(SystemError(EBADF, in: "connect")) }
        if socket.error != 0 { return .failed(SystemError(socket.error, in: "connect")) }
        return socket.state == .connecting ? .pending : .connected
    }

    func adopt(_ descriptor: Int32, from peer: SocketAddress?) -> SocketAddress {
        peer ?? network.sockets[descriptor]?.peerAddress ?? .unix(path: "")
    }

    func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        guard let socket = network.sockets[descriptor] else { return .failed(SystemError(EBADF, in: "recv")) }
        return network.receive(socket, into: buffer)
    }

    func send(_ descriptor: Int32, _ pieces: UnsafeMutableBufferPointer<iovec>) -> Transfer {
        guard let socket = network.sockets[descriptor] else { return .failed(SystemError(EBADF, in: "send")) }
        var bytes: [UInt8] = []
        for piece in pieces {
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len))
        }
        // Whatever a dead process says is said by nobody.
        guard process.acts else { return .bytes(bytes.count) }
        return network.send(bytes, from: socket)
    }

    func pendingError(_ descriptor: Int32) -> Int32 { network.sockets[descriptor]?.error ?? EBADF }

    func finishSending(_ descriptor: Int32) {
        if process.acts, let socket = network.sockets[descriptor] { network.finishSending(socket) }
    }

    func setResetOnClose(_ descriptor: Int32) {
        if process.acts, let socket = network.sockets[descriptor] { network.close(socket, withReset: true) }
    }

    func close(_ descriptor: Int32) {
        guard process.acts else { return }
        if let socket = network.sockets[descriptor] {
            network.close(socket, withReset: false)
        } else {
            network.closePoller(descriptor)
        }
    }

    func close(_ listening: ListeningSocket) { close(listening.descriptor) }
}
