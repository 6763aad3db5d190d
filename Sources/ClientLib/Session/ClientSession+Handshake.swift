// From hello to the first request: who the server is, and who we are to it.

extension ClientSession {
    mutating func welcomed(_ welcome: Welcome, on id: ConnectionID, at now: Moment) {
        guard welcome.major == WireLimits.major else {
            return over(BoxOfficeError(refusing: .unsupportedVersion, "The server speaks version \(welcome.major)."))
        }
        if let deployment, deployment != welcome.deployment {
            return over(
                BoxOfficeError(
                    "wrongDeployment",
                    "Another box office than the one that is meant answers at \(configuration.address).",
                    retry: .never))
        }
        deployment = welcome.deployment
        limits = welcome.limits
        features = welcome.features
        clock = ServerClock(welcome.now, at: now)
        notices.window = Int(min(max(1, welcome.limits.noticesUnacknowledgedMax), 4096))
        hasConnected = true
        switch welcome.resumed {
        case .resumed where token != nil && welcome.account != nil:
            account = welcome.account
            becomeReady(id, resumed: true, at: now)
        case .refused where token != nil:
            guard forgetSession() else {
                return over(BoxOfficeError(refusing: .loginRequired, "The session has ended: log in again."))
            }
            logIn(on: id, at: now)
        case .none where token == nil:
            account = nil
            if case .password = credentials { logIn(on: id, at: now) } else { becomeReady(id, resumed: false, at: now) }
        default:
            brokeProtocol(id, "a welcome that does not fit the hello", at: now)
        }
    }

    /// The server refuses the connection itself.
    mutating func connectionRefused(_ refusal: Refusal, at now: Moment) {
        var error = BoxOfficeError(refusal)
        // The only value in a hello that a server may find wrong in one of ours.
        if case .greeting = phase, refusal.code == .badRequest, deployment != nil { error.name = "wrongDeployment" }
        switch phase {
        case .greeting where refusal.retry == .never && refusal.code != .protocolViolation: over(error)
        case .leaving(let id, var departure) where !departure.isFatal:
            departure.why = error
            phase = .leaving(id, departure)
        default: lose(error, comeBackAfter: error.retryAfter, at: now)
        }
    }

    mutating func logIn(on id: ConnectionID, at now: Moment) {
        guard case .password(let name, let password, let device) = credentials else { return }
        loginDue = nil
        if case .loggingIn = phase {
        } else {
            loginAttempts = 0
            loginRefusal = nil
        }
        phase = .loggingIn(id)
        // Hashing takes its time when many log in at once; each refusal as busy gives it anew.
        phaseDeadline = now + configuration.requestTimeout
        let request = LogIn(name: name, password: Secret(password), device: device)
        let call = Call(
            id: CallID(number: makeID()), owner: .login, opcode: .logIn, body: request.encoded,
            deadline: now + configuration.requestTimeout)
        begin(call, on: id, at: now)
    }

    mutating func loginRefused(_ error: BoxOfficeError, at now: Moment) {
        guard case .loggingIn = phase else { return }
        guard error.retry == .afterDelay || error.retry == .sameKey else { return over(error) }
        loginAttempts += 1
        loginRefusal = error
        let pause = Backoff.pause(
            after: loginAttempts, shortest: backoff.shortest, longest: backoff.longest, using: &random)
        loginDue = now + max(pause, error.retryAfter ?? .zero)
        phaseDeadline = loginDue.map { $0 + configuration.requestTimeout }
    }

    mutating func loggedIn(_ answer: LoggedIn, at now: Moment) {
        let isNewMember = account.map { $0.member != answer.account.member } ?? false
        account = answer.account
        token = answer.session
        if isNewMember { endPlaces() }
        if case .loggingIn(let id) = phase {
            becomeReady(id, resumed: false, at: now)
        } else {
            // The connection has changed hands: what it was subscribed to was the old session's.
            notices.belongs(to: answer.account.member)
            notices.phase = .idle
            places.connectionLost()
            tell(.connected(resumed: false))
            takeUp(at: now)
        }
    }

    mutating func loggedOut() {
        account = nil
        token = nil
        credentials = .guest
        notices.phase = .idle
        endPlaces()
        tell(.connected(resumed: false))
    }

    private mutating func endPlaces() {
        for concert in places.rooms.keys {
            places.ended(concert)
            news(about: .place(concert))
        }
    }

    private mutating func becomeReady(_ id: ConnectionID, resumed: Bool, at now: Moment) {
        phase = .ready(id)
        phaseDeadline = nil
        let isGuest = account == nil && !configuration.address.isLocal
        guestSpeaksAt = isGuest ? now + .seconds(WireLimits.handshakeSeconds / 2) : nil
        notices.belongs(to: account?.member)
        tell(.connected(resumed: resumed))
        takeUp(at: now)
    }

    /// Asks for what is wanted on this connection and has not been asked for, then sends what waits.
    mutating func takeUp(at now: Moment) {
        guard ready != nil else { return }
        if notices.isWanted, notices.phase == .idle, account != nil {
            let id = ask(SubscribeNotices(), for: .notices, at: now)
            notices.phase = .subscribing(id)
        }
        if account != nil {
            for concert in places.unwatched {
                places.asked(concert, in: ask(WatchPlace(concert: concert), for: .place(concert), at: now))
            }
        }
        for performance in maps.unwatched {
            let id = ask(WatchSeats(performance: performance), for: .seats(performance), at: now)
            maps.asked(performance, in: id)
        }
        sendQueued(at: now)
    }

    /// A request of the session's own. It is asked anew on every connection.
    @discardableResult
    mutating func ask(_ request: some RequestMessage, for owner: Call.Owner, at now: Moment) -> CallID {
        let call = Call(
            id: CallID(number: makeID()), owner: owner, opcode: type(of: request).opcode, body: request.encoded,
            deadline: now + configuration.requestTimeout)
        calls.add(call)
        return call.id
    }
}
