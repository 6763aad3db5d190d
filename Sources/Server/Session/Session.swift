// What one connection may say, and when (spec/session.md). Pure: an event in, an action out; Connection acts.
//
//                        hello                  engine knows the token, or not
//     awaitingHello ───────────────▶ resuming ─────────────────────────────────▶ open
//          │      hello without a session token                                   ▲ │
//          └──────────────────────────────────────────────────────────────────────┘ │ goAway
//          any violation, from anywhere ──────────────────────────────▶ leaving ◀───┘
//
// In `open` the connection belongs to a guest, to a member once it is resumed or logged in, or, on the socket in the
// data directory, to whoever runs the box office. In `leaving` nothing more is taken; what was taken is answered.

import BoxOfficeEngine
import BoxOfficeProtocol

/// The conversation on one connection.
struct Session {
    /// Where the conversation is.
    enum Phase: UInt8 {
        case awaitingHello, resuming, open, leaving
    }

    /// Of the socket in the data directory.
    let isLocal: Bool
    private(set) var phase = Phase.awaitingHello
    /// A request that others wait for is under way: any of a guest's, who has one at a time.
    private(set) var isHeldUp = false
    /// Requests taken and not answered.
    private(set) var inFlight: UInt8 = 0
    /// Those of them that change something, holds left out.
    private(set) var changesOnTheWay: UInt8 = 0
    /// Those of them that are holds, and how many seats they ask for: at most, as long as any is on the way.
    private var holdsOnTheWay: UInt8 = 0
    private(set) var seatsOnTheWay = 0
    private(set) var lastRequest: UInt64 = 0
    /// Notices through here may be acknowledged: they were sent, or were there when the subscription began.
    private(set) var ackableThrough: UInt64 = 0
    private(set) var actor: Actor
    /// The member's, once logged in.
    private(set) var name: String?

    init(isLocal: Bool) {
        self.isLocal = isLocal
        actor = isLocal ? .local : .guest
    }

    /// The longest body that is taken now, bytes.
    var frameBytesMax: Int {
        actor == .guest ? WireLimits.frameBytesMaxBeforeLogin : WireLimits.frameBytesMax
    }

    /// Whether the next frame may be looked at.
    var reads: Bool { (phase == .awaitingHello || phase == .open) && !isHeldUp }

    // MARK: Hello

    enum HelloAction: Equatable {
        case sendWelcome(minor: UInt16)
        /// Ask the engine whose the token is; `resumed` or `resumeRefused` follows.
        case resume(SessionToken, minor: UInt16)
        /// Refuse the connection.
        case refuse(Refusal)
    }

    mutating func helloReceived(_ body: Span<UInt8>, deployment: DeploymentID) -> HelloAction {
        guard phase == .awaitingHello else { return refuse(.protocolViolation, "Hello was said before.") }
        // Magic and major are where they are in every version, so that a newer client learns what would do.
        var cursor = Cursor(over: body)
        guard let magic = try? UInt32(from: body, at: &cursor), magic == WireLimits.magic else {
            return refuse(.protocolViolation, "This is not a hello.")
        }
        if let major = try? UInt16(from: body, at: &cursor), major != WireLimits.major {
            phase = .leaving
            return .refuse(Refusal(.unsupportedVersion, versions: [WireLimits.major]))
        }
        let hello: Hello
        do {
            hello = try Hello(body: body)
        } catch {
            return refuse(.protocolViolation, "The hello does not decode: \(error).")
        }
        guard hello.client.utf8.count <= Self.clientBytesMax else {
            return refuse(.badRequest, "The client's name is at most \(Self.clientBytesMax) bytes.", path: "client")
        }
        if let meant = hello.deployment, meant != deployment {
            return refuse(.badRequest, "This is another deployment than the client means.", path: "deployment")
        }
        let minor = min(hello.minor, WireLimits.minor)
        guard let token = hello.session else {
            phase = .open
            return .sendWelcome(minor: minor)
        }
        phase = .resuming
        return .resume(token, minor: minor)
    }

    static let clientBytesMax = 100

    private mutating func refuse(_ code: RefusalCode, _ message: String, path: String? = nil) -> HelloAction {
        phase = .leaving
        return .refuse(Refusal(code, message, path: path))
    }

    mutating func resumed(_ account: Account, session: SessionID) {
        guard phase == .resuming else { return }
        phase = .open
        becomes(account, session)
    }

    mutating func resumeRefused() {
        if phase == .resuming { phase = .open }
    }

    // MARK: Requests

    enum RequestAction {
        /// Answer it there; `answered` follows.
        case take(Request, Route)
        /// Answer with this.
        case refuse(Refusal)
        /// The connection cannot go on.
        case violation(String)
        /// It came after goAway, which says so.
        case ignore
    }

    mutating func requestReceived(
        _ header: FrameHeader, body: Span<UInt8>, inFlightMax: Int = WireLimits.requestsInFlightMax
    ) -> RequestAction {
        switch phase {
        case .awaitingHello, .resuming: return .violation("The first frame is hello.")
        case .leaving: return .ignore
        case .open: break
        }
        guard header.id > lastRequest else {
            return .violation("Request \(header.id) came after request \(lastRequest): the numbers rise from 1.")
        }
        lastRequest = header.id
        guard Int(inFlight) < inFlightMax else {
            return .refuse(
                Refusal(.busy, "\(inFlightMax) requests are without an answer.", retryAfterMilliseconds: 100))
        }
        guard let opcode = Opcode(rawValue: header.opcode), opcode.access != nil else {
            return .refuse(Refusal(.unsupported))
        }
        // Arguments come before roles (spec/refusals.md).
        let request: Request
        do {
            guard let decoded = try Request.decode(opcode, body: body) else { return .refuse(Refusal(.unsupported)) }
            request = decoded
        } catch {
            return .refuse(Refusal(.badRequest, "The body does not decode: \(error)."))
        }
        if let refusal = request.argumentRefusal ?? request.boundsRefusal { return .refuse(refusal) }
        // Who is an operator is the engine's to know.
        if let refusal = Authorization.refusal(for: opcode, by: actor, isOperator: true) { return .refuse(refusal) }
        let route = request.route
        inFlight += 1
        if case .hold(let hold) = request {
            holdsOnTheWay += 1
            seatsOnTheWay += hold.seats.count
        } else if opcode.changes {
            changesOnTheWay += 1
        }
        isHeldUp = actor == .guest || route.holdsUpOthers || opcode.isPage
        return .take(request, route)
    }

    /// A request that was taken has its answer.
    mutating func answered(_ opcode: Opcode) {
        precondition(inFlight > 0, "an answer to a request that nobody made")
        inFlight -= 1
        if opcode == .hold {
            holdsOnTheWay -= 1
            if holdsOnTheWay == 0 { seatsOnTheWay = 0 }
        } else if opcode.changes {
            changesOnTheWay -= 1
        }
        // Only one request at a time holds the others up, and it is the last one that was taken.
        if inFlight == 0 || opcode.holdsUpOthers || opcode.isPage { isHeldUp = false }
    }

    /// A hold gets none of its seats, and is about to be answered.
    mutating func lost(_ hold: Hold) { seatsOnTheWay -= hold.seats.count }

    // MARK: Who

    mutating func loggedIn(_ account: Account, session: SessionID) { becomes(account, session) }

    mutating func loggedOut() {
        name = nil
        actor = isLocal ? .local : .guest
        ackableThrough = 0
    }

    private mutating func becomes(_ account: Account, _ session: SessionID) {
        name = account.name
        actor = .member(account.member, session: session)
        ackableThrough = 0
    }

    // MARK: Other frames

    enum AckAction: Equatable {
        case acknowledge(through: UInt64)
        case violation(String)
        case ignore
    }

    func ackReceived(through sequence: UInt64) -> AckAction {
        if phase == .leaving { return .ignore }
        guard phase == .open else { return .violation("The first frame is hello.") }
        // A login on the same connection leaves acks of the notices before it behind; a guest has no notices.
        guard actor.member != nil else { return .ignore }
        guard sequence <= ackableThrough else {
            return .violation("Notice \(sequence) was acknowledged, and \(ackableThrough) is the last one sent.")
        }
        return .acknowledge(through: sequence)
    }

    /// Notices through here were sent on this connection, or are about to be.
    mutating func noticesSent(through sequence: UInt64) { ackableThrough = max(ackableThrough, sequence) }

    /// Whether a ping, a pong or a cancel may come now.
    var takesControlFrames: Bool { phase != .awaitingHello }

    /// A request that the client wishes to forget: whether it may still be under way.
    func cancelReceived(_ number: UInt64) -> Bool { phase == .open && inFlight > 0 && number <= lastRequest }

    /// The connection ends: nothing more is taken.
    mutating func left() { phase = .leaving }
}

extension Opcode {
    /// Whether its answer may be long and is not there at once: the next request is read when it is, so that a reader who
    /// keeps up is never sent more than fits.
    var isPage: Bool {
        switch self {
        case .getLedger, .getReservations, .getPayments, .getPlans, .exportPlan, .getFigures, .getRoomChanges,
            .makeRehearsalMembers:
            true
        default: false
        }
    }

    /// See `Route.holdsUpOthers`.
    var holdsUpOthers: Bool {
        switch self {
        case .signUp, .logIn, .changePassword, .setPassword, .makeOperator, .logOut, .commitUpload: true
        default: false
        }
    }
}
