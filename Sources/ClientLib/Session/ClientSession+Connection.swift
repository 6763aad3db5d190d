// How connections begin, end and begin again.

extension ClientSession {
    mutating func runStarted(at now: Moment) {
        guard case .idle = phase else { return }
        open(at: now)
    }

    mutating func open(at now: Moment) {
        let id = ConnectionID(number: makeID())
        phase = .opening(id)
        phaseDeadline = now + configuration.connectTimeout
        tell(.connecting)
        act(.connect(id))
    }

    mutating func connectionOpened(_ id: ConnectionID, at now: Moment) {
        guard case .opening(id) = phase else { return }
        phase = .greeting(id)
        connectedAt = now
        lastReceivedAt = now
        let hello = Hello(
            magic: WireLimits.magic, major: WireLimits.major, minor: WireLimits.minor, features: 0, instance: instance,
            client: configuration.clientName.cut(toBytes: 100), session: token, deployment: deployment)
        send(Frame.hello(hello), on: id, at: now)
    }

    /// The socket is closed, by whomever. `insecure` says that TLS is not to be had there.
    mutating func connectionClosed(
        _ id: ConnectionID, why: String, insecure: BoxOfficeError? = nil, at now: Moment
    ) {
        guard connection == id else { return }
        if let insecure { return refused(insecure, at: now) }
        switch phase {
        case .opening: lose(.connectFailed("\(configuration.address): \(why)."), at: now)
        case .closing: over(nil)
        case .leaving(_, let departure): leave(departure, at: now)
        default: lose(.connectionLost("The connection was lost: \(why)."), at: now)
        }
    }

    /// No connection, but not for want of one: the other end is not whom it should be, or does not speak TLS.
    private mutating func refused(_ insecure: BoxOfficeError, at now: Moment) {
        if case .closing = phase { return over(nil) }
        // It will be no other certificate in a second.
        if insecure.retry == .never { over(insecure) } else { lose(insecure, at: now) }
    }

    /// What came is not the protocol: no frame after it can be trusted.
    mutating func brokeProtocol(_ id: ConnectionID, _ what: String, at now: Moment) {
        guard connection == id else { return }
        if case .closing = phase { return over(nil) }
        lose(.protocolError(what), at: now)
    }

    /// Gives the connection up and tries again after a pause, at least as long as the server asked for.
    mutating func lose(_ why: BoxOfficeError, comeBackAfter: Duration? = nil, at now: Moment) {
        if !hasConnected, !configuration.retriesFirstConnection { return over(why) }
        if ["protocolError", "tlsFailed"].contains(why.name) || why.code == .protocolViolation { faults += 1 }
        if faults >= Self.faultsMax { return over(why) }
        if case .ready = phase, let connectedAt, now - connectedAt >= .seconds(Self.stableSeconds) { backoff.reset() }
        endConnection(because: why)
        let pause = max(comeBackAfter ?? .zero, backoff.next(using: &random))
        phase = .waiting
        phaseDeadline = now + pause
        tell(.waiting(retryIn: pause, why: why))
    }

    private mutating func endConnection(because why: BoxOfficeError) {
        if let connection { act(.disconnect(connection, afterFlush: false)) }
        for call in calls.connectionLost() {
            let error = why.name == "connectionLost" ? why : .connectionLost(why.message)
            answer(call, .failure(call.ending(with: error, isUnanswered: true)))
        }
        notices.connectionLost()
        places.connectionLost()
        maps.connectionLost()
        phaseDeadline = nil
        loginDue = nil
        guestSpeaksAt = nil
        connectedAt = nil
        lastSentAt = nil
        lastReceivedAt = nil
    }

    // MARK: The server asks us to go

    mutating func goneAway(_ goAway: GoAway, lastTaken: UInt64, on id: ConnectionID, at now: Moment) {
        let why = BoxOfficeError.connectionLost("The server closes the connection: \(goAway.message)")
        let milliseconds = min(goAway.retryAfterMilliseconds, 3_600_000)
        var departure = Departure(
            why: why, comeBackAfter: milliseconds == 0 ? nil : .milliseconds(Int64(milliseconds)))
        if goAway.reason == .protocolViolation {
            departure.why = BoxOfficeError(refusing: .protocolViolation, goAway.message)
        }
        if goAway.reason == .sessionEnded { departure.isFatal = !forgetSession() }
        if departure.isFatal { departure.why = BoxOfficeError(refusing: .loginRequired, goAway.message) }
        for call in calls.connectionLost(after: lastTaken) {
            answer(call, .failure(call.ending(with: why)))
        }
        phase = .leaving(id, departure)
        phaseDeadline = now + .seconds(Self.leavingSeconds)
        leaveWhenDone(at: now)
    }

    /// Leaves at once when no answer is due any more.
    mutating func leaveWhenDone(at now: Moment) {
        if case .leaving(_, let departure) = phase, calls.inFlightCount == 0 { leave(departure, at: now) }
    }

    mutating func leave(_ departure: Departure, at now: Moment) {
        if departure.isFatal { return over(departure.why) }
        lose(departure.why, comeBackAfter: departure.comeBackAfter, at: now)
    }

    /// The session is over. False when there is no password to begin another with.
    mutating func forgetSession() -> Bool {
        token = nil
        account = nil
        if case .password = credentials { return true }
        return false
    }

    // MARK: The end

    mutating func closeRequested(at now: Moment) {
        switch phase {
        case .closed, .closing: return
        case .idle, .waiting, .opening: over(nil)
        case .greeting(let id), .loggingIn(let id), .ready(let id), .leaving(let id, _):
            endAllCalls(with: .closed)
            if let cursor = notices.pendingAcknowledgement() { send(Frame.bare(.ack, id: cursor), on: id, at: now) }
            phase = .closing(id)
            phaseDeadline = now + .seconds(Self.leavingSeconds)
            act(.disconnect(id, afterFlush: true))
        }
    }

    /// Nothing more will happen: everybody who waits is told.
    mutating func over(_ why: BoxOfficeError?) {
        endAllCalls(with: why ?? .closed)
        endConnection(because: why ?? .closed)
        phase = .closed(why)
        tell(.closed(why))
        newsAboutEverything()
    }

    private mutating func endAllCalls(with error: BoxOfficeError) {
        for (call, isInFlight) in calls.takeAll() {
            answer(call, .failure(call.ending(with: error, isUnanswered: isInFlight)))
        }
    }
}

extension String {
    /// As many whole characters from the front as fit.
    func cut(toBytes bytesMax: Int) -> String {
        var text = self
        while text.utf8.count > bytesMax { text.removeLast() }
        return text
    }
}
