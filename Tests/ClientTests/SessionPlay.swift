// Plays the pure session without a socket or a clock: events go in, what it wants to do comes out.

import Testing

@testable import BoxOfficeClient

struct SessionPlay {
    var session: ClientSession
    var now: Moment = .now
    /// What is done in the world: frames sent on the newest connection, and how calls ended.
    var sent: [InboundFrame] = []
    var ended: [CallID: Result<Reply, BoxOfficeError>] = [:]
    var connection: ConnectionID?
    var isDisconnected = false

    init(_ credentials: Credentials = .guest, configure: (inout ClientConfiguration) -> Void = { _ in }) {
        var configuration = ClientConfiguration(
            address: ServerAddress(host: "box.example"), credentials: credentials, clientName: "play")
        configure(&configuration)
        session = ClientSession(configuration, seed: 1)
    }

    @discardableResult
    mutating func event(_ body: (inout ClientSession, Moment) -> Void) -> [Action] {
        body(&session, now)
        let actions = session.takeActions()
        for action in actions {
            switch action {
            case .connect(let id):
                connection = id
                isDisconnected = false
                sent = []
            case .send(let bytes, let id):
                #expect(id == connection)
                sent += Self.frames(in: bytes)
            case .disconnect(let id, _): if id == connection { isDisconnected = true }
            case .answer(let id, let result):
                #expect(ended[id] == nil, "a call ended twice")
                ended[id] = result
            case .wake: break
            }
        }
        return actions
    }

    static func frames(in bytes: [UInt8]) -> [InboundFrame] {
        let parser = FrameParser(from: .client, bodyBytesMax: WireLimits.frameBytesMax)
        guard case .frame(let header, let kind) = parser.step(over: bytes.span, at: 0) else {
            Issue.record("sent what is no frame of a client")
            return []
        }
        return [
            InboundFrame(kind: kind, opcode: header.opcode, id: header.id, body: Array(bytes.dropFirst(16)))
        ]
    }

    // MARK: Events

    mutating func run() { event { $0.runStarted(at: $1) } }

    mutating func open() {
        guard let connection else { return }
        event { $0.connectionOpened(connection, at: $1) }
    }

    mutating func lose(_ why: String = "reset") {
        guard let connection else { return }
        event { $0.connectionClosed(connection, why: why, at: $1) }
    }

    mutating func receive(_ frame: InboundFrame) {
        guard let connection else { return }
        event { $0.frameReceived(frame, on: connection, at: $1) }
    }

    mutating func pass(_ duration: Duration) {
        // In steps, as a timer set for the first deadline fires before a later one.
        let end = now + duration
        while let wakeAt = session.wakeAt, wakeAt <= end {
            now = max(now, wakeAt)
            event { $0.timerFired(at: $1) }
            if let next = session.wakeAt, next <= now { now += .milliseconds(1) }
        }
        now = max(now, end)
    }

    mutating func call(
        _ request: some RequestMessage, owner: Call.Owner = .caller, timeout: Duration = .seconds(30),
        bindsToConnection: Bool = false
    ) -> CallID {
        let id = CallID(number: session.makeID())
        let call = Call(
            id: id, owner: owner, opcode: type(of: request).opcode, body: request.encoded, deadline: now + timeout,
            bindsToConnection: bindsToConnection)
        event { $0.callMade(call, at: $1) }
        return id
    }

    mutating func refuse(_ request: InboundFrame, _ refusal: Refusal) {
        receive(InboundFrame(kind: .error, opcode: request.opcode, id: request.id, body: refusal.encoded))
    }

    mutating func answer(_ request: InboundFrame, _ response: some WireStructure, replayed: Bool = false) {
        receive(
            InboundFrame(
                kind: .response, opcode: request.opcode, id: request.id, isReplayed: replayed, body: response.encoded))
    }

    mutating func welcome(
        resumed: ResumeResult = .none, account: Account? = nil, deployment: DeploymentID = FakeServer.deployment,
        major: UInt16 = 1
    ) {
        let welcome = Welcome(
            major: major, minor: 0, features: 0, deployment: deployment, now: FakeServer.now, resumed: resumed,
            server: "play", limits: FakeServer.limits, account: account)
        receive(InboundFrame(kind: .welcome, body: welcome.encoded))
    }

    /// As far as a guest's first request.
    mutating func connect() {
        run()
        open()
        welcome()
    }

    /// As far as a member's first request.
    mutating func logIn() {
        run()
        open()
        welcome()
        if let login = sent.last, login.opcode == Opcode.logIn.rawValue {
            answer(login, LoggedIn(account: FakeServer.ann, session: FakeServer.token, expiresAt: .distantFuture))
        }
    }

    // MARK: Looks

    func requests(_ opcode: Opcode) -> [InboundFrame] {
        sent.filter { $0.kind == .request && $0.opcode == opcode.rawValue }
    }

    func error(of call: CallID) -> BoxOfficeError? {
        if case .failure(let error) = ended[call] { error } else { nil }
    }

    var isReady: Bool { session.ready != nil }
    var isWaiting: Bool { if case .waiting = session.phase { true } else { false } }
    var fatal: BoxOfficeError? { if case .closed(let error) = session.phase { error } else { nil } }
}

let annByPassword = Credentials.password(name: "ann", password: "secret-of-ann")
let aKey = OperationKey(at: FakeServer.now, random: Bytes16(high: 1, low: 1))
