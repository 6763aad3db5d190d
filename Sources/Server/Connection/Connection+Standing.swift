// What limits on connections look at: how far this one has come.
//
//     stranger ── a request, a resumed session ──▶ guest ◀── LogIn, LogOut ──▶ member
//
// A stranger has `handshakeSeconds` to ask for something, and goes first when there are too many (Strangers.swift).

import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeTransport
import Logging

extension Connection {
    /// How far a connection has come.
    enum Standing: UInt8 {
        /// Only told to go.
        case turnedAway
        /// Has asked for nothing yet.
        case stranger
        case guest, member
        /// Of the socket in the data directory, which is held to none of this.
        case local
    }

    /// A limit was reached: counted, and logged when it is time for a line.
    func reached(_ limit: LimitKind, _ what: String) { services.limits.reached(limit, what) { metadata() } }

    // MARK: Standing

    func opened() {
        if standing == .turnedAway { leave(.tooManyConnections, turnedAway?.reasonToGo ?? "", atOnce: true) }
    }

    /// It counts among those who have asked for nothing, and one of them may have to go for it.
    func isStranger() {
        guard let goes = services.doorkeeper.opened(self, at: acceptedAt) else { return }
        goes.host.shard.post { goes.isOneStrangerTooMany() }
    }

    /// The doorkeeper has forgotten it already.
    private func isOneStrangerTooMany() {
        guard standing == .stranger, leaving == nil, let socket = channel ?? beginning else { return }
        reached(.strangers, "a connection that asked for nothing was closed")
        standing = .guest
        guard socket.isOpen, channel != nil else { return socket.close() }
        // Who is told keeps a descriptor until it has listened.
        guard services.doorkeeper.maySayGoodbye() else { return socket.reset() }
        isToldToGo = true
        leave(.tooManyConnections, LimitKind.strangers.reasonToGo, atOnce: true)
    }

    /// It has asked for something.
    func becameKnown() {
        guard standing == .stranger else { return }
        standing = .guest
        services.doorkeeper.isKnown(self)
    }

    /// Somebody has logged in, resumed a session or logged out.
    func becameMember(_ isMember: Bool) {
        let now: Standing = isMember ? .member : .guest
        guard standing != .local, standing != .turnedAway, standing != now, let peer = channel?.peer else { return }
        let wasGuest = standing != .member
        standing = now
        if wasGuest == isMember { services.doorkeeper.changed(self, from: peer, isGuest: !isMember) }
    }

    func closed(from peer: SocketAddress) {
        switch standing {
        case .turnedAway: services.doorkeeper.saidGoodbye()
        case .stranger, .guest, .member:
            services.doorkeeper.left(self, from: peer, wasGuest: standing != .member)
            if isToldToGo { services.doorkeeper.saidGoodbye() }
        case .local: break
        }
    }

    // MARK: Time

    /// All of the bytes there are were looked at. `hasBegun`: a part of a frame is left. `isNew`: it is another frame
    /// than the one that was waited for.
    func frameWaits(isNew: Bool, hasBegun: Bool) {
        guard hasBegun else { return frameBegunAt = nil }
        if isNew || frameBegunAt == nil { frameBegunAt = host.turnBeganAt }
    }

    /// What took too long; nil when nothing did.
    func lateness(at now: Instant) -> (limit: LimitKind, message: String)? {
        if standing == .stranger, now - acceptedAt > .seconds(services.configuration.handshakeSeconds) {
            return (.handshake, "Nothing was asked for in time.")
        }
        if let frameBegunAt, session.reads, !isReaderSlow, now - frameBegunAt > .seconds(limits.frameSeconds) {
            return (.frameTime, "A frame was not finished in time.")
        }
        return nil
    }

    // MARK: Rates

    /// So many frames of one connection, and then it is the turn of the others: a thousand may be there at once, and
    /// an honest member's one request behind them.
    static let framesPerTurn = 64
    /// How long a frame's flood is not read.
    static let framePauseSeconds = 0.1

    /// One more frame. True when they come too fast: nothing is read for a moment, so that it is the sender who waits.
    func paceFrames() -> Bool {
        let limit = standing == .member ? limits.framesPerConnection : limits.framesBeforeLogin
        guard standing != .local, let limit else { return false }
        let now = host.turnBeganAt
        framesWholeAt = limit.passed(framesWholeAt, at: now)
        guard limit.wait(until: framesWholeAt, at: now).count > 0, leaving == nil else { return false }
        reached(.frameRate, "frames came too fast")
        isPaced = true
        host.shard.after(seconds: Self.framePauseSeconds) {
            self.isPaced = false
            self.readOn()
        }
        return true
    }

    /// Why a request has to wait, whatever it asks for; nil when it may go on, and then it is counted.
    func requestRateRefusal(_ request: Request, at now: Instant) -> Refusal? {
        guard standing != .local, let limit = limits.requestsPerConnection else { return nil }
        // A file of 32 MiB has a thousand parts; whoever has begun an upload was an operator then.
        if case .uploadPart(let part) = request, extras?.uploads.contains(part.upload) == true { return nil }
        let wait = limit.wait(until: requestsWholeAt, at: now)
        guard wait.count == 0 else {
            reached(.requestRate, "requests came too fast")
            return Refusal(rateLimitedFor: wait)
        }
        requestsWholeAt = limit.passed(requestsWholeAt, at: now)
        return nil
    }

    // MARK: Memory

    /// All outboxes together are too full, and this is one of the fullest.
    func shedOutbox() {
        guard leaving == nil else { return }
        reached(.outboxes, "all that was not read was too much")
        channel?.dropQueued()
        leave(.slowReader, "What was sent was not read, and space for it ran out.", atOnce: true)
    }

    /// Counts what its uploads may take; false when that is more than all may.
    @discardableResult
    func uploadsChanged(by bytes: Int) -> Bool {
        guard bytes != 0 else { return true }
        let now = services.uploadBytes.wrappingAdd(bytes, ordering: .relaxed).newValue
        guard bytes > 0, now > limits.uploadsBytes else { return true }
        services.uploadBytes.wrappingSubtract(bytes, ordering: .relaxed)
        return false
    }
}

extension LimitKind {
    /// What who is turned away is told.
    fileprivate var reasonToGo: String {
        switch self {
        case .connectionsPerAddress: "There are too many connections from this address."
        case .guestsPerAddress: "There are too many connections from this address that are not logged in."
        case .newPerAddress: "Too many connections came from this address in a short time."
        case .strangers: "Too many connections have asked for nothing."
        default: "The server is full."
        }
    }
}

extension FrameViolation {
    /// As what it is counted.
    var limit: LimitKind {
        if case .tooLong = self { .frameSize } else { .violation }
    }
}

extension Microseconds {
    /// A span of so many seconds; a century at most.
    fileprivate static func seconds(_ seconds: Double) -> Self { Self(Int64(min(seconds, 3e9) * 1_000_000)) }
}
