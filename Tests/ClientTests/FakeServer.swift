// A server that does what a test tells it to, over a real socket: it greets as a box office does, and each request is
// answered by the test's script. What it has received is kept for the test to look at.

import BoxOfficeTransport
import Foundation
import Testing

@testable import BoxOfficeClient

/// Waits until something holds. Only there so that a defect is a failure and not a hang: nothing takes that long.
func eventually(
    _ what: String, seconds: Int = 60, location: SourceLocation = #_sourceLocation, _ holds: () -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while !holds() {
        if ContinuousClock.now > end {
            Issue.record("did not come about: \(what)", sourceLocation: location)
            throw CancellationError()
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// One connection, on the server's side. Confined to the server's shard.
final class FakeConnection: ChannelHandler, @unchecked Sendable {
    let number: Int
    fileprivate(set) var channel: Channel?
    /// Whose connection it is; by `logIn` or a resumed session.
    var account: Account?
    /// What scripts count.
    var sentThrough: UInt64 = 0
    var maps = 0
    private weak let server: FakeServer?
    private let parser = FrameParser(from: .client, bodyBytesMax: WireLimits.frameBytesMax)

    init(_ number: Int, _ server: FakeServer) {
        self.number = number
        self.server = server
    }

    func channelReceived(_ channel: Channel, bytes: Span<UInt8>) -> Int {
        var offset = 0
        while case .frame(let header, let kind) = parser.step(over: bytes, at: offset) {
            let start = offset + FrameHeader.bytes
            offset = start + Int(header.bodyBytes)
            guard let frame = try? InboundFrame(header, kind, body: bytes.extracting(start..<offset)) else { continue }
            server?.received(frame, on: self)
        }
        return offset
    }

    func channelClosed(_ channel: Channel, reason: CloseReason) { server?.ended(self) }

    func send(_ bytes: [UInt8]) { channel?.send(bytes) }
    func answer(_ request: InboundFrame, _ response: Response, replayed: Bool = false) {
        guard let opcode = Opcode(rawValue: request.opcode) else { return }
        send(Frame.response(response, to: opcode, number: request.id, replayed: replayed))
    }
    func refuse(_ request: InboundFrame, _ refusal: Refusal) { send(Frame.refusal(refusal, request: request.id)) }
    func notice(_ notice: Notice, _ sequence: UInt64, replayed: Bool = false) {
        var writer = WireWriter()
        notice.encode(into: &writer)
        send(Frame.notice(notice.opcode, body: writer.bytes, sequence: sequence, replayed: replayed))
    }
    func update(_ update: Update, version: UInt64 = 1) { send(Frame.update(update, version: version)) }
    /// Drops what has not left yet.
    func reset() { channel?.reset() }
    /// Sends it first.
    func close() { channel?.closeAfterFlush() }
}

/// Listens on loopback. The script runs on the server's shard, for every frame but hello.
final class FakeServer: @unchecked Sendable {
    typealias Script = @Sendable (FakeConnection, InboundFrame) -> Void

    struct Log: Sendable {
        /// What came: the number of the connection and the frame.
        var frames: [(connection: Int, frame: InboundFrame)] = []
        var hellos: [Hello] = []
        var ended: Set<Int> = []
        var connections: [FakeConnection] = []
    }

    static let ann = Account(member: MemberID(1), name: "ann", isOperator: false)
    static let deployment = DeploymentID(Bytes16(high: 7, low: 7))
    static let now = Instant(seconds: 1_800_000_000)
    static let token = SessionToken(
        Bytes32(first: Bytes16(high: 1, low: 2), second: Bytes16(high: 3, low: 4)))
    static let limits = ServerLimits(
        keepaliveSeconds: 30, frameBytesMax: 65_536, requestsInFlightMax: 64, noticesUnacknowledgedMax: 8,
        holdSeconds: 300, holdWarningSeconds: 60, seatsPerMemberMax: 4, chargeMax: Points(10_000_000))

    private let shard: Shard
    private let listener = Locked<Listener?>(nil)
    private let log = Locked(Log())
    private let script: Script
    /// Answers a hello; the default welcomes, and resumes sessions with `token`.
    let greet: @Sendable (FakeConnection, Hello) -> Void
    let address: SocketAddress

    init(greet: (@Sendable (FakeConnection, Hello) -> Void)? = nil, _ script: @escaping Script) throws {
        self.script = script
        self.greet = greet ?? { $0.welcome($1) }
        shard = try Shard(label: "test.fake")
        let probe = try Listener(on: shard, address: .loopback(port: 0)) { _ in }
        address = probe.localAddress
        probe.stop()
        try listen()
    }

    deinit { shard.stop() }

    /// Accepts connections, on the same port each time.
    func listen() throws {
        // The one before may still be closing its socket.
        var attempts = 0
        while true {
            do {
                let made = try Listener(on: shard, address: address) { [weak self] in self?.accepted($0) }
                return listener.withLock { $0 = made }
            } catch {
                attempts += 1
                guard attempts < 200 else { throw error }
                usleep(5_000)
            }
        }
    }

    /// Accepts no more, and resets every connection: what a kill looks like from outside.
    func kill() {
        listener.withLock { listener in
            listener?.stop()
            listener = nil
        }
        onShard { for connection in self.now.connections { connection.reset() } }
    }

    func stop() {
        kill()
        shard.stop()
    }

    private func accepted(_ event: Listener.Event) {
        guard case .accepted(let descriptor, let peer) = event else { return }
        let connection = log.withLock { log in
            log.connections.append(FakeConnection(log.connections.count, self))
            return log.connections[log.connections.count - 1]
        }
        connection.channel = Channel(adopting: descriptor, peer: peer, on: shard, handler: connection)
        connection.channel?.start()
    }

    fileprivate func received(_ frame: InboundFrame, on connection: FakeConnection) {
        if frame.kind == .hello, let hello = try? Hello(body: frame.body.span) {
            log.withLock { $0.hellos.append(hello) }
            return greet(connection, hello)
        }
        if frame.kind == .ping { connection.send(Frame.bare(.pong, id: frame.id)) }
        log.withLock { $0.frames.append((connection.number, frame)) }
        script(connection, frame)
    }

    fileprivate func ended(_ connection: FakeConnection) {
        log.withLock { _ = $0.ended.insert(connection.number) }
    }

    // MARK: For tests

    var now: Log { log.withLock { $0 } }

    /// The requests of this kind that have come, on any connection.
    func requests(_ opcode: Opcode) -> [InboundFrame] {
        now.frames.map(\.frame).filter { $0.kind == .request && $0.opcode == opcode.rawValue }
    }

    /// Runs on the shard: where connections may be used.
    func onShard(_ work: @escaping @Sendable () -> Void) { shard.post(work) }

    /// Does something with the newest connection.
    func withNewest(_ work: @escaping @Sendable (FakeConnection) -> Void) {
        onShard { if let connection = self.now.connections.last { work(connection) } }
    }

    var server: ServerAddress { .host("127.0.0.1", port: address.port ?? 0) }

    /// Quick to try again, so that tests are.
    func configuration(_ credentials: Credentials = .guest) -> ClientConfiguration {
        var configuration = ClientConfiguration(address: server, credentials: credentials, clientName: "tests")
        configuration.backoffMin = .milliseconds(1)
        configuration.backoffMax = .milliseconds(50)
        return configuration
    }
}

extension FakeConnection {
    func welcome(_ hello: Hello, limits: ServerLimits = FakeServer.limits, knowsSessions: Bool = true) {
        let resumed: ResumeResult =
            hello.session == nil ? .none : hello.session == FakeServer.token && knowsSessions ? .resumed : .refused
        account = resumed == .resumed ? FakeServer.ann : nil
        send(
            Frame.welcome(
                Welcome(
                    major: 1, minor: 0, features: 0, deployment: FakeServer.deployment, now: FakeServer.now,
                    resumed: resumed, server: "fake", limits: limits, account: account)))
    }

    /// Answers what every script answers alike. True when it did.
    @discardableResult
    func answersBasics(_ request: InboundFrame) -> Bool {
        guard request.kind == .request, let opcode = Opcode(rawValue: request.opcode) else { return true }
        switch opcode {
        case .logIn:
            account = FakeServer.ann
            answer(
                request,
                .loggedIn(
                    LoggedIn(account: FakeServer.ann, session: FakeServer.token, expiresAt: .distantFuture)))
        case .whoAmI: answer(request, .account(FakeServer.ann))
        case .logOut, .unsubscribeNotices, .unwatchSeats: answer(request, .empty(Empty()))
        case .getBalance:
            answer(request, .balance(Balance(member: FakeServer.ann.member, balance: Points(1))))
        default: return false
        }
        return true
    }
}

/// Runs `body` with a client that is kept connected meanwhile.
func withClient(_ configuration: ClientConfiguration, _ body: (BoxOffice) async throws -> Void) async throws {
    let office = BoxOffice(configuration)
    let run = Task { await office.run() }
    do {
        try await body(office)
    } catch {
        await office.close()
        await run.value
        throw error
    }
    await office.close()
    await run.value
}

/// The error that `body` fails with.
func failure(
    location: SourceLocation = #_sourceLocation, of body: () async throws -> some Any
) async -> BoxOfficeError? {
    do {
        _ = try await body()
        Issue.record("did not fail", sourceLocation: location)
    } catch {
        return error as? BoxOfficeError
    }
    return nil
}
