// Plays the client's pure session against a server that says anything, and looks at all that it does.

import BoxOfficeFuzzing

@testable import BoxOfficeClient

struct HostilePlay {
    private(set) var session: ClientSession
    private var now = Moment.now
    private var connection: ConnectionID?
    private var isOpen = false
    private var newest: (number: UInt64, opcode: UInt16)?
    private var calls: [CallID] = []
    private var ended: [CallID: Result<Reply, BoxOfficeError>] = [:]
    private var subscribers: [SubscriberID] = []
    private var hall = HallMap(digest: HostilePlay.digest, name: "")
    private var place: Place?

    static let concert = ConcertID(1)
    static let performance = PerformanceID(1)
    static let digest = Digest(Bytes32(first: Bytes16(high: 0, low: 0), second: Bytes16(high: 0, low: 0)))
    static let key = OperationKey(Bytes16(high: 0x019a_0b1c_2d3e_7000, low: 0x8000_0000_0000_0001))

    init(asMember: Bool, retries: Bool) {
        var configuration = ClientConfiguration(
            address: ServerAddress(host: "box.example"),
            credentials: asMember ? .password(name: "ann", password: "secret-of-ann") : .guest, clientName: "fuzz")
        configuration.retriesFirstConnection = retries
        configuration.requestTimeout = .seconds(5)
        session = ClientSession(configuration, seed: 1)
        let started = now
        event { $0.runStarted(at: started) }
    }

    // MARK: Events

    private mutating func event(_ body: (inout ClientSession) -> Void) {
        body(&session)
        for action in session.takeActions() {
            switch action {
            case .connect(let id):
                require(!isOpen || connection != id, "the same connection twice")
                connection = id
                isOpen = false
                newest = nil
            case .send(let bytes, let id):
                require(id == connection, "a frame for a connection that is over")
                sent(bytes)
            case .disconnect(let id, _): if id == connection { isOpen = false }
            case .answer(let id, let result):
                require(ended.updateValue(result, forKey: id) == nil, "a call that ends twice")
            case .wake: break
            }
        }
    }

    /// A server takes what the client sends.
    private mutating func sent(_ bytes: [UInt8]) {
        let parser = FrameParser(from: .client, bodyBytesMax: WireLimits.frameBytesMax)
        guard case .frame(let header, let kind) = parser.step(over: bytes.span, at: 0),
            bytes.count == FrameHeader.bytes + Int(header.bodyBytes)
        else { fatalError("does not hold: the client sends whole frames of its own kinds") }
        if kind == .request { newest = (header.id, header.opcode) }
    }

    /// As far as the first request, with a server that keeps to the protocol.
    mutating func connect() {
        connectionEvent(0)
        let limits = ServerLimits(
            keepaliveSeconds: 30, frameBytesMax: 65_536, requestsInFlightMax: 64, noticesUnacknowledgedMax: 4,
            holdSeconds: 300, holdWarningSeconds: 60, seatsPerMemberMax: 4, chargeMax: Points(1_000))
        let welcome = Welcome(
            major: 1, minor: 0, features: 0, deployment: DeploymentID(Bytes16(high: 1, low: 1)),
            now: Instant(seconds: 1),
            resumed: .none, server: "s", limits: limits)
        received(InboundFrame(kind: .welcome, body: welcome.encoded))
        guard let login = newest, login.opcode == Opcode.logIn.rawValue else { return }
        let loggedIn = LoggedIn(
            account: Account(member: MemberID(1), name: "ann", isOperator: false),
            session: SessionToken(Self.digest.rawValue),
            expiresAt: .distantFuture)
        received(InboundFrame(kind: .response, opcode: login.opcode, id: login.number, body: loggedIn.encoded))
    }

    mutating func connectionEvent(_ detail: UInt8) {
        guard let connection else { return }
        let now = now
        switch detail {
        case 0, 1:
            isOpen = true
            event { $0.connectionOpened(connection, at: now) }
        case 2:
            isOpen = false
            event { $0.connectionClosed(connection, why: "reset", at: now) }
        case 3: event { $0.closeRequested(at: now) }
        default: pass(.milliseconds(10) * (1 << (3 * Int(detail - 4))))
        }
    }

    /// Timers fire in their order, and come to rest.
    private mutating func pass(_ span: Duration) {
        let end = now + span
        var wakes = 0
        while let wakeAt = session.wakeAt, wakeAt <= end {
            if wakeAt > now { wakes = 0 }
            now = max(now, wakeAt)
            let now = now
            event { $0.timerFired(at: now) }
            wakes += 1
            require(wakes < 16, "a timer that does not come to rest")
        }
        now = max(now, end)
    }

    // MARK: Frames

    mutating func frame(_ bytes: inout FuzzBytes, isCompressed: Bool, _ tally: inout Tally<ClientFuzz.Depth>) {
        let (kind, flags, opcode, number) = (bytes.byte(), bytes.byte(), bytes.short(), bytes.byte())
        var body = bytes.take(Int(bytes.short()))
        var frameFlags = FrameFlags(rawValue: flags & ~3)
        if flags & 2 != 0 { frameFlags.insert(.replayed) }
        if isCompressed, let deflated = Compression.deflated(body, level: 1) { body = deflated }
        if isCompressed || flags & 1 != 0 { frameFlags.insert(.compressed) }
        // A flood of what is pushed: with rising numbers, more than any window.
        let times = kind == FrameKind.notice.rawValue || kind == FrameKind.gap.rawValue ? 1 << (flags >> 2 & 7) : 1
        if times > 1 { frameFlags = frameFlags.intersection([.compressed, .replayed]) }
        for time in 0..<times {
            receive(kind, frameFlags, opcode, UInt64(number) + UInt64(time), body, &tally)
        }
    }

    /// The answer that the newest request waits for: its kind and number, any contents.
    mutating func answer(_ bytes: inout FuzzBytes, _ tally: inout Tally<ClientFuzz.Depth>) {
        let flags = bytes.byte()
        let body = bytes.take(Int(bytes.short()))
        guard let newest else { return }
        let kind = flags & 0x80 == 0 ? FrameKind.response : .error
        receive(kind.rawValue, FrameFlags(rawValue: flags & 3), newest.opcode, newest.number, body, &tally)
    }

    private mutating func receive(
        _ kind: UInt8, _ flags: FrameFlags, _ opcode: UInt16, _ number: UInt64, _ body: [UInt8],
        _ tally: inout Tally<ClientFuzz.Depth>
    ) {
        guard isOpen, let connection else { return }
        var writer = WireWriter(reserving: FrameHeader.bytes + body.count)
        writer.write(UInt32(body.count))
        writer.write(kind)
        writer.write(flags.rawValue)
        writer.write(opcode)
        writer.write(number)
        writer.bytes += body
        tally.reached(.frames)
        let parser = FrameParser(from: .server, bodyBytesMax: WireLimits.replyBytesMax)
        let now = now
        switch parser.step(over: writer.bytes.span, at: 0) {
        case .needs, .skip: break
        case .violation(let violation):
            tally.reached(.faults)
            event { $0.brokeProtocol(connection, violation.description, at: now) }
        case .frame(let header, let kind):
            do throws(Compression.Failure) {
                received(try InboundFrame(header, kind, body: body.span))
            } catch {
                tally.reached(.faults)
                event { $0.brokeProtocol(connection, "\(error)", at: now) }
            }
        }
        if session.ready != nil { tally.reached(.connected) }
    }

    private mutating func received(_ frame: InboundFrame) {
        guard let connection else { return }
        let now = now
        event {
            $0.bytesReceived(connection, at: now)
            $0.frameReceived(frame, on: connection, at: now)
        }
    }

    // MARK: Callers

    mutating func caller(does what: UInt8, _ detail: UInt8, _ bytes: inout FuzzBytes) {
        let now = now
        switch what {
        case 8:
            let id = SubscriberID(number: session.makeID())
            subscribers.append(id)
            event { $0.noticesWanted(by: id, at: now) }
        case 9:
            switch detail & 3 {
            case 0: call(.getBalance, GetBalance().encoded)
            case 1: call(.charge, Charge(operation: Self.key, amount: Points(1)).encoded)
            case 2: call(.getHall, GetHall(performance: Self.performance, fromRow: 0).encoded)
            default: call(.getDraw, GetDraw(concert: Self.concert).encoded)
            }
        case 10:
            guard let id = calls.popLast() else { return }
            event { $0.callCancelled(id, at: now) }
        case 11:
            let id = SubscriberID(number: session.makeID())
            subscribers.append(id)
            event { $0.seatsWatched(Self.performance, by: id, at: now) }
        case 12:
            event { $0.places.enter(Self.concert) }
            call(.joinQueue, JoinQueue(operation: Self.key, concert: Self.concert).encoded)
        case 13: look(detail)
        case 14:
            guard let id = subscribers.popLast() else { return }
            event { $0.noticesUnwanted(by: id, at: now) }
            event { $0.seatsUnwatched(Self.performance, by: id, at: now) }
            event { $0.places.exit(Self.concert) }
        default:
            guard let opcode = Opcode(rawValue: bytes.short()), opcode.access != nil else { return }
            call(opcode, [0], bindsToConnection: detail & 1 != 0)
        }
    }

    private mutating func call(_ opcode: Opcode, _ body: [UInt8], bindsToConnection: Bool = false) {
        let now = now
        let id = CallID(number: session.makeID())
        calls.append(id)
        let call = Call(
            id: id, owner: .caller, opcode: opcode, body: body, deadline: now + .seconds(30),
            bindsToConnection: bindsToConnection)
        event { $0.callMade(call, at: now) }
    }

    private mutating func look(_ detail: UInt8) {
        let now = now
        guard let id = subscribers.last else { return }
        event { _ = $0.nextNotice(for: id, at: now) }
        _ = session.nextSeatMap(Self.performance, for: id, after: UInt64(detail))
        _ = session.nextPlace(in: Self.concert, after: UInt64(detail))
        _ = session.nextState(after: UInt64(detail))
    }

    // MARK: The end

    /// Everybody goes: no call is left, and no more notices are kept than a server may send.
    mutating func end(_ tally: inout Tally<ClientFuzz.Depth>) {
        noticesAreBounded()
        let now = now
        event { $0.closeRequested(at: now) }
        pass(.seconds(60))
        require(session.isClosed, "a client that cannot be closed")
        for id in calls { require(ended[id] != nil, "a call that does not end") }
        for (id, result) in ended.sorted(by: { $0.key < $1.key }) {
            tally.consume(id.number)
            switch result {
            case .success(let reply):
                tally.reached(.answered)
                decoded(reply)
                tally.consume(reply.body)
            case .failure(let error):
                tally.reached(.failed)
                tally.consume(Array(error.description.utf8))
            }
        }
    }

    private mutating func noticesAreBounded() {
        guard let id = subscribers.first else { return }
        let now = now
        var kept = 0
        while case .element = session.nextNotice(for: id, at: now) { kept += 1 }
        _ = session.takeActions()
        require(kept <= 2 * (2 * session.notices.window + 16) + 1, "\(kept) notices are kept")
    }

    /// What the task does that waits for the answer.
    private mutating func decoded(_ reply: Reply) {
        guard let response = try? Response.decode(reply.opcode, body: reply.body.span) else { return }
        switch response {
        case .seatMap(let map):
            guard let state = SeatMapState(map) else { return }
            require(state.statuses.count == Int(map.seats), "a map of other seats")
            require(state.changes(since: state).isEmpty, "a change from itself")
        case .hallPage(let page):
            var mine = page
            mine.digest = Self.digest
            mine.rowsBefore = UInt32(hall.rowCount)
            mine.firstSeat = SeatIndex(UInt32(hall.seats.count))
            if hall.append(mine) { hall.finish() }
        case .place(let newest): place = newest
        case .draw(var draw):
            draw.tickets = min(draw.tickets, 100)  // A long draw is only slow.
            let witness = place.flatMap { DrawWitness(draw: draw, place: $0) }
            _ = DrawCheck(of: draw, place: place, witness: witness).verdict
        default: break
        }
    }
}
