// Requests on their way: sending, refusals and what is asked again, time, cancellation.

extension ClientSession {
    mutating func callMade(_ call: Call, at now: Moment) {
        if case .closed(let why) = phase { return answer(call, .failure(why ?? .closed)) }
        if case .closing = phase { return answer(call, .failure(.closed)) }
        guard calls.count < CallTable.callsMax else {
            return answer(call, .failure(BoxOfficeError(refusing: .busy, "Too many calls wait in this client.")))
        }
        if call.owner == .subscription { return subscriptionAwaited(call) }
        calls.add(call)
        sendQueued(at: now)
    }

    /// Waits for the answer to the session's own SubscribeNotices.
    private mutating func subscriptionAwaited(_ call: Call) {
        switch notices.phase {
        case .live: answer(call, .success(Reply(opcode: call.opcode, body: [], isReplayed: false)))
        case .refused(let error): answer(call, .failure(error))
        case .idle, .subscribing: calls.rest(call, until: call.deadline)
        }
    }

    /// The task that waits was cancelled. The server may forget the request too; no other call is touched.
    mutating func callCancelled(_ id: CallID, at now: Moment) {
        guard let (call, number) = calls.forget(id) else { return }
        if let number { cancel(number, at: now) }
        answer(call, .failure(call.ending(with: .cancelled, isUnanswered: number != nil)))
    }

    private mutating func cancel(_ number: UInt64, at now: Moment) {
        guard let connection else { return }
        send(Frame.bare(.cancel, id: number), on: connection, at: now)
    }

    mutating func sendQueued(at now: Moment) {
        guard let connection = ready else { return }
        let inFlightMax = Int(min(max(1, limits?.requestsInFlightMax ?? 1), UInt32(WireLimits.requestsInFlightMax)))
        while let call = calls.front() {
            if call.owner == .readiness {
                calls.dropFront()
                _ = calls.forget(call.id)
                answer(call, .success(Reply(opcode: call.opcode, body: [], isReplayed: false)))
                continue
            }
            guard calls.inFlightCount < inFlightMax else { return }
            calls.dropFront()
            guard call.body.count <= bodyBytesMax else {
                _ = calls.forget(call.id)
                answer(call, .failure(BoxOfficeError(refusing: .badRequest, "The request is too long to be sent.")))
                continue
            }
            begin(call, on: connection, at: now)
        }
    }

    /// The server closes the connection on a longer frame.
    private var bodyBytesMax: Int {
        guard account != nil || configuration.address.isLocal else { return WireLimits.frameBytesMaxBeforeLogin }
        return min(WireLimits.frameBytesMax, max(WireLimits.frameBytesMaxBeforeLogin, Int(limits?.frameBytesMax ?? 0)))
    }

    mutating func begin(_ call: Call, on connection: ConnectionID, at now: Moment) {
        let number = calls.begin(call)
        let frame = Frame.bytes(.request, opcode: call.opcode.rawValue, id: number) {
            $0.bytes.append(contentsOf: call.body)
        }
        send(frame, on: connection, at: now)
    }

    // MARK: Refusals

    mutating func refused(_ call: Call, _ refusal: Refusal, at now: Moment) {
        var call = call
        if let serverNow = refusal.now { clock = ServerClock(serverNow, at: now) }
        let error = BoxOfficeError(refusal)
        if call.owner == .login { return loginRefused(error, at: now) }
        madeProgress()
        if error.code == .loginRequired, account != nil, sessionWasLost(during: &call, at: now) { return }
        call.refusals += 1
        call.lastRefusal = error
        if error.outcome == .undetermined { call.mayHaveBeenExecuted = true }
        if !call.isAwaited, error.retry == .afterDelay || error.retry == .sameKey {
            return wishRefused(call, error, at: now)
        }
        if let pause = pauseBeforeRetry(of: call, error), now + pause < call.deadline {
            return calls.rest(call, until: now + pause)
        }
        switch call.owner {
        case .caller, .readiness, .subscription: answer(call, .failure(call.ending(with: error)))
        case .notices:
            notices.phase = .refused(error)
            for call in calls.take(ownedBy: .subscription) { answer(call, .failure(error)) }
        case .place(let concert):
            places.ended(concert)
            news(about: .place(concert))
        case .seats(let performance) where maps.maps[performance]?.asked == call.id:
            maps.ended(performance, with: error)
            news(about: .seats(performance))
        case .login, .seats, .nobody: break
        }
    }

    /// What the session asks for itself (notices, a place, a seat map) is still wanted when a full disk or a rate has
    /// passed: whoever iterates would wait for ever otherwise, or be told that the wait is over.
    private mutating func wishRefused(_ call: Call, _ error: BoxOfficeError, at now: Moment) {
        if call.owner == .notices {
            for call in calls.take(ownedBy: .subscription) { answer(call, .failure(error)) }
        }
        guard call.owner != .nobody else { return }
        let pause = Backoff.pause(
            after: call.refusals - 1, shortest: .milliseconds(50), longest: .seconds(10), using: &random)
        var call = call
        let due = now + max(pause, error.retryAfter ?? .zero)
        call.deadline = due + configuration.requestTimeout
        calls.rest(call, until: due)
    }

    /// How long to wait before asking the same again; nil when the refusal is the answer.
    ///
    /// A full disk is told at once although the server advises a delay: it does not pass while somebody waits.
    private mutating func pauseBeforeRetry(of call: Call, _ error: BoxOfficeError) -> Duration? {
        switch (error.code, error.retry) {
        case (.busy, .afterDelay) where error.outcome == .notExecuted,
            (.rateLimited, .afterDelay) where error.outcome == .notExecuted,
            (.shuttingDown, .afterDelay) where error.outcome == .notExecuted:
            break
        case (_, .sameKey): break
        default: return nil
        }
        let pause = Backoff.pause(
            after: call.refusals - 1, shortest: .milliseconds(50), longest: .seconds(2), using: &random)
        return max(pause, error.retryAfter ?? .zero)
    }

    /// The server says that nobody is logged in, while we thought so: the session was ended from elsewhere. With a
    /// password at hand the call is asked again on a connection that has logged in anew. True when it will be.
    private mutating func sessionWasLost(during call: inout Call, at now: Moment) -> Bool {
        guard call.opcode != .getSeatMap, call.opcode != .watchSeats else { return false }
        guard forgetSession(), !call.renewedSession else { return false }
        call.renewedSession = true
        calls.requeue(call)
        lose(BoxOfficeError(refusing: .loginRequired, "The session has ended."), at: now)
        return true
    }

    // MARK: Time

    mutating func timerFired(at now: Moment) {
        if let phaseDeadline, phaseDeadline <= now { phaseEnded(at: now) }
        watchSilence(at: now)
        for (call, number) in calls.takeDue(at: now) { expired(call, number, at: now) }
        if let loginDue, loginDue <= now, case .loggingIn(let id) = phase { logIn(on: id, at: now) }
        if let guestSpeaksAt, guestSpeaksAt <= now {
            self.guestSpeaksAt = nil
            if account == nil, !calls.hasAsked {
                ask(GetConcerts(after: ConcertID(0), limit: 1), for: .nobody, at: now)
            }
        }
        takeUp(at: now)
    }

    private mutating func phaseEnded(at now: Moment) {
        switch phase {
        case .waiting: open(at: now)
        case .opening: lose(.connectFailed("\(configuration.address): no answer in time."), at: now)
        case .greeting: lose(.connectFailed("\(configuration.address): no greeting in time."), at: now)
        case .loggingIn: lose(.connectFailed("\(configuration.address): no answer to the login in time."), at: now)
        case .leaving(_, let departure): leave(departure, at: now)
        case .closing: over(nil)
        case .idle, .ready, .closed: phaseDeadline = nil
        }
    }

    private mutating func expired(_ call: Call, _ number: UInt64?, at now: Moment) {
        if let number { cancel(number, at: now) }
        switch call.owner {
        case .caller, .readiness, .subscription:
            let error = call.lastRefusal ?? timeout(isUnanswered: number != nil)
            answer(call, .failure(call.ending(with: error, isUnanswered: number != nil)))
        case .notices, .place, .seats:
            // The server does not answer the simplest of questions.
            lose(.connectionLost("The server does not answer."), at: now)
        case .login, .nobody: break
        }
    }

    private func timeout(isUnanswered: Bool) -> BoxOfficeError {
        if !isUnanswered, case .waiting(_, let why) = state { return BoxOfficeError(why.name, why.message) }
        // Nothing can be asked before the login, and that is refused for now.
        if !isUnanswered, let loginRefusal, case .loggingIn = phase { return loginRefusal }
        return BoxOfficeError("timeout", "No answer in time.")
    }

    // MARK: Keepalive

    private var keepalive: Duration { .seconds(min(max(1, limits?.keepaliveSeconds ?? 30), 3600)) }

    private mutating func watchSilence(at now: Moment) {
        guard let pingDue, let deadAt else { return }
        if deadAt <= now { return lose(.connectionLost("The server has fallen silent."), at: now) }
        if pingDue <= now, let connection {
            pings += 1
            send(Frame.bare(.ping, id: pings), on: connection, at: now)
        }
    }

    private var pingDue: Moment? { isTalking ? lastSentAt.map { $0 + keepalive } : nil }
    private var deadAt: Moment? { isTalking ? lastReceivedAt.map { $0 + keepalive * 3 / 2 } : nil }

    private var isTalking: Bool {
        switch phase {
        case .loggingIn, .ready, .leaving: true
        default: false
        }
    }

    /// When `timerFired` has something to do, at the latest.
    var wakeAt: Moment? {
        [phaseDeadline, calls.nextDue, loginDue, guestSpeaksAt, pingDue, deadAt].compactMap { $0 }.min()
    }
}
