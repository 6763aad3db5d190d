// The pure session: what it does about greetings, refusals, time and lost connections. Days pass in no time.

import Testing

@testable import BoxOfficeClient

@Suite struct SessionHandshakeTests {
    @Test(
        "welcome → what follows",
        arguments: [
            // credentials, resumed, account, then: ready, logging in, fatal with a code, or a broken protocol
            (Credentials.guest, ResumeResult.none, nil, "ready"),
            (annByPassword, .none, nil, "login"),
            (.session(FakeServer.token), .resumed, FakeServer.ann, "ready"),
            (.session(FakeServer.token), .refused, nil, "loginRequired"),
            (.session(FakeServer.token), .none, nil, "protocolError"),
            (.session(FakeServer.token), .resumed, nil, "protocolError"),
            (.guest, .resumed, FakeServer.ann, "protocolError"),
            (.guest, .unknown(9), nil, "protocolError"),
        ] as [(Credentials, ResumeResult, Account?, String)])
    func welcomes(credentials: Credentials, resumed: ResumeResult, account: Account?, then: String) {
        var play = SessionPlay(credentials)
        play.run()
        play.open()
        play.welcome(resumed: resumed, account: account)
        switch then {
        case "ready": #expect(play.isReady)
        case "login": #expect(play.requests(.logIn).count == 1 && !play.isReady)
        case "loginRequired": #expect(play.fatal?.code == .loginRequired)
        default:
            guard case .waiting(_, let why) = play.session.state else {
                Issue.record("does not wait")
                return
            }
            #expect(why.name == then && play.isDisconnected)
        }
    }

    @Test("refusals while greeting and logging in: which are fatal")
    func fatalRefusals() {
        let table: [(Credentials, Bool, RefusalCode, Bool)] = [
            (.guest, false, .unsupportedVersion, true),
            (.guest, false, .badRequest, true),
            (.guest, false, .busy, false),
            (.guest, false, .protocolViolation, false),
            (annByPassword, true, .badCredentials, true),
            (annByPassword, true, .busy, false),
        ]
        for (credentials, whileLoggingIn, code, isFatal) in table {
            var play = SessionPlay(credentials)
            let waiter = play.call(GetBalance())
            play.run()
            play.open()
            if whileLoggingIn {
                play.welcome()
                play.refuse(play.sent[1], Refusal(code))
            } else {
                play.receive(InboundFrame(kind: .error, body: Refusal(code).encoded))
            }
            #expect((play.fatal?.code == code) == isFatal, "\(code)")
            // A fatal refusal fails the waiters at once.
            #expect((play.error(of: waiter)?.code == code) == isFatal, "\(code)")
        }
    }

    @Test(arguments: [RefusalCode.busy, .rateLimited])
    func aBusyLoginIsAskedAgainOnTheSameConnection(_ code: RefusalCode) {
        var play = SessionPlay(annByPassword)
        play.run()
        play.open()
        play.welcome()
        // Who waits no longer is told why.
        let waiter = play.call(GetBalance(), timeout: .milliseconds(300))
        play.refuse(play.sent[1], Refusal(code, retryAfterMilliseconds: 400))
        play.pass(.milliseconds(300))
        #expect(play.error(of: waiter)?.code == code)
        play.pass(.milliseconds(99))
        #expect(play.requests(.logIn).count == 1)
        play.pass(.seconds(6))
        #expect(play.requests(.logIn).count == 2 && !play.isDisconnected)
        play.answer(
            play.requests(.logIn)[1],
            LoggedIn(account: FakeServer.ann, session: FakeServer.token, expiresAt: .distantFuture))
        #expect(play.isReady)
    }

    @Test("another deployment, or another version, is fatal")
    func wrongServer() throws {
        let other = DeploymentID(Bytes16(high: 8, low: 8))
        var configured = SessionPlay { $0.deployment = other }
        configured.connect()
        #expect(configured.fatal?.name == "wrongDeployment")

        // Without a configured one, the first is the one.
        var pinned = SessionPlay()
        pinned.connect()
        pinned.lose()
        pinned.pass(.seconds(1))
        pinned.open()
        let body = pinned.sent[0].body
        let hello = try Hello(body: body.span)
        #expect(hello.deployment == FakeServer.deployment)
        pinned.welcome(deployment: other)
        #expect(pinned.fatal?.name == "wrongDeployment")

        var version = SessionPlay()
        version.run()
        version.open()
        version.welcome(major: 2)
        #expect(version.fatal?.code == .unsupportedVersion)
    }

    @Test func aFirstConnectionThatFailsMayBeTheEnd() {
        var play = SessionPlay { $0.retriesFirstConnection = false }
        let waiter = play.call(GetBalance())
        play.run()
        play.lose("connection refused")
        #expect(play.fatal?.name == "connectFailed")
        #expect(play.error(of: waiter)?.name == "connectFailed")
        #expect(play.error(of: waiter)?.message.contains("connection refused") == true)
    }
}

@Suite struct SessionTimeTests {
    @Test func pausesGrowToTheirBoundAndShrinkAfterAnAnswer() {
        var play = SessionPlay {
            $0.backoffMin = .milliseconds(100)
            $0.backoffMax = .seconds(5)
        }
        play.run()
        var pauses: [Duration] = []
        for _ in 0..<12 {
            play.lose()
            guard case .waiting(let pause, _) = play.session.state else { break }
            pauses.append(pause)
            play.pass(pause)
        }
        for (index, pause) in pauses.enumerated() {
            let span = min(Duration.seconds(5), .milliseconds(100) * (1 << index))
            #expect(pause <= span && pause >= span / 2)
        }
        #expect(pauses.count == 12)
        // A welcome alone is no success: a server that greets and drops would be asked without a pause.
        play.open()
        play.welcome()
        play.lose()
        #expect(play.session.backoff.failures == 13)
        play.pass(.seconds(5))
        play.open()
        play.welcome()
        _ = play.call(GetBalance())
        play.answer(play.sent[1], Balance(member: MemberID(1), balance: Points(1)))
        play.lose()
        #expect(play.session.backoff.failures == 1)
    }

    @Test func aSilentServerIsAskedAndThenLeft() {
        var play = SessionPlay(annByPassword)
        play.logIn()
        let sent = play.sent.count
        play.pass(.seconds(29))
        #expect(play.sent.count == sent)
        play.pass(.seconds(2))
        #expect(play.sent.last?.kind == .ping)
        play.receive(InboundFrame(kind: .pong, id: 1))
        if let connection = play.connection { play.event { $0.bytesReceived(connection, at: $1) } }
        play.pass(.seconds(44))
        #expect(play.isReady)
        let old = play.connection
        play.pass(.seconds(2))
        #expect(!play.isReady && play.connection != old)
    }

    @Test("a call ends at its timeout, wherever it is")
    func timeouts() {
        let charge = Charge(operation: aKey, amount: Points(1))
        // never run
        var idle = SessionPlay()
        let forgotten = idle.call(charge, timeout: .seconds(3))
        idle.pass(.seconds(3))
        #expect(idle.error(of: forgotten)?.name == "timeout")
        #expect(idle.error(of: forgotten)?.outcome == .notExecuted)
        // no server: the error says why
        var away = SessionPlay()
        away.run()
        let waiting = away.call(charge, timeout: .seconds(3))
        for _ in 0..<100 {
            away.lose("connection refused")
            away.pass(.milliseconds(50))
        }
        #expect(away.error(of: waiting)?.name == "connectFailed")
        #expect(away.error(of: waiting)?.outcome == .notExecuted)
        // in flight: the server may have done it, and is told to forget it
        var silent = SessionPlay(annByPassword)
        silent.logIn()
        let asked = silent.call(charge, timeout: .seconds(3))
        let query = silent.call(GetBalance(), timeout: .seconds(3))
        silent.pass(.seconds(3))
        #expect(silent.error(of: asked)?.name == "timeout")
        #expect(silent.error(of: asked)?.outcome == .undetermined)
        #expect(silent.error(of: query)?.outcome == .notExecuted)
        #expect(silent.sent.suffix(2).map(\.kind) == [.cancel, .cancel])
        #expect(silent.isReady)
    }

    @Test func aGuestWhoAsksForNothingAsksForSomethingInTime() {
        var idle = SessionPlay()
        idle.connect()
        idle.pass(.milliseconds(4_900))
        #expect(idle.requests(.getConcerts).isEmpty)
        idle.pass(.milliseconds(200))
        #expect(idle.requests(.getConcerts).count == 1, "half of what a server gives a stranger")
        idle.answer(idle.requests(.getConcerts)[0], ConcertPage(concerts: [], more: false))
        idle.pass(.seconds(20))
        #expect(idle.requests(.getConcerts).count == 1 && idle.isReady)
        // Who has asked already need not, nor who is logged in.
        var asks = SessionPlay()
        asks.connect()
        _ = asks.call(GetDraw(concert: ConcertID(1)))
        asks.pass(.seconds(6))
        #expect(asks.requests(.getConcerts).isEmpty)
        var member = SessionPlay(annByPassword)
        member.logIn()
        member.pass(.seconds(6))
        #expect(member.requests(.getConcerts).isEmpty)
    }

    @Test("what is refused for now is asked again until the time is up", arguments: [RefusalCode.busy, .rateLimited])
    func busy(_ code: RefusalCode) {
        var play = SessionPlay()
        play.connect()
        let call = play.call(GetBalance(), timeout: .seconds(3))
        var refused = 0
        for _ in 0..<100 where play.ended[call] == nil {
            for request in play.requests(.getBalance).dropFirst(refused) {
                play.refuse(request, Refusal(code, retryAfterMilliseconds: 100))
                refused += 1
            }
            play.pass(.milliseconds(100))
        }
        #expect(play.error(of: call)?.code == code)
        #expect(play.requests(.getBalance).count > 1)
        // One that advises a longer pause than there is time for is the answer at once.
        let hopeless = play.call(GetBalance(), timeout: .seconds(3))
        play.refuse(play.sent[play.sent.count - 1], Refusal(code, retryAfterMilliseconds: 60_000))
        #expect(play.error(of: hopeless)?.code == code)
        #expect(play.error(of: hopeless)?.retryAfter == .seconds(60))
        // A full disk does not pass while somebody waits.
        let full = play.call(GetBalance())
        play.refuse(play.sent[play.sent.count - 1], Refusal(.storageFull, retryAfterMilliseconds: 100))
        #expect(play.error(of: full)?.code == .storageFull)
    }

    @Test func superseededAndUnknownOutcomesAreAskedAgainWithTheSameBytes() {
        for code in [RefusalCode.superseded, .outcomeUnknown] {
            var play = SessionPlay(annByPassword)
            play.logIn()
            let call = play.call(Charge(operation: aKey, amount: Points(1)))
            play.refuse(play.requests(.charge)[0], Refusal(code))
            play.pass(.seconds(1))
            #expect(play.requests(.charge).count == 2)
            #expect(Set(play.requests(.charge).map(\.body)).count == 1)
            #expect(play.ended[call] == nil)
        }
    }

    @Test("goAway: the server's delay, however long the own pause is")
    func goAway() {
        var play = SessionPlay()
        play.connect()
        let goAway = GoAway(reason: .shuttingDown, retryAfterMilliseconds: 20_000, message: "restart")
        play.receive(InboundFrame(kind: .goAway, id: 0, body: goAway.encoded))
        guard case .waiting(let pause, _) = play.session.state else {
            Issue.record("does not wait")
            return
        }
        #expect(pause == .seconds(20))
        // An answer that never comes does not keep the client.
        var stuck = SessionPlay()
        stuck.connect()
        _ = stuck.call(GetBalance(), timeout: .seconds(100))
        stuck.receive(InboundFrame(kind: .goAway, id: 1, body: goAway.encoded))
        #expect(!stuck.isWaiting)
        stuck.pass(.seconds(15))
        #expect(stuck.isWaiting)
    }
}

@Suite struct SessionCallTests {
    @Test("what a change that failed may have done")
    func outcomes() {
        typealias Step = (inout SessionPlay) -> Void
        func refusing(_ code: RefusalCode) -> Step {
            return { play in
                guard let request = play.requests(.hold).last else { return }
                play.refuse(request, Refusal(code, retryAfterMilliseconds: 60_000))
            }
        }
        let reconnect: Step = { play in
            play.lose()
            play.pass(.seconds(1))
            play.open()
            play.welcome(resumed: .resumed, account: FakeServer.ann)
        }
        let unknown: Step = { play in
            guard let request = play.requests(.hold).last else { return }
            play.refuse(request, Refusal(.outcomeUnknown))
            play.pass(.seconds(3))
        }
        let close: Step = { play in play.event { $0.closeRequested(at: $1) } }
        let table: [(String, [Step], Outcome)] = [
            ("refused by the rules", [refusing(.seatTaken)], .notExecuted),
            ("refused by the rules after a lost answer", [reconnect, refusing(.seatTaken)], .notExecuted),
            ("busy", [refusing(.busy)], .notExecuted),
            ("busy after a lost answer", [reconnect, refusing(.busy)], .undetermined),
            ("too often after a lost answer", [reconnect, refusing(.rateLimited)], .undetermined),
            ("a full disk", [refusing(.storageFull)], .notExecuted),
            ("a full disk after a lost answer", [reconnect, refusing(.storageFull)], .undetermined),
            ("a full disk after a commit that nobody knows of", [unknown, refusing(.storageFull)], .undetermined),
            ("refused by the rules after such a commit", [unknown, refusing(.seatTaken)], .notExecuted),
            ("closed while in flight", [close], .undetermined),
            ("closed after a lost answer", [{ $0.lose() }, close], .undetermined),
            ("the key is too old", [refusing(.operationExpired)], .undetermined),
        ]
        for (name, steps, outcome) in table {
            var play = SessionPlay(annByPassword)
            play.logIn()
            let call = play.call(
                Hold(operation: aKey, performance: PerformanceID(1), seats: [SeatIndex(1)]), timeout: .seconds(30))
            for step in steps { step(&play) }
            #expect(play.error(of: call)?.outcome == outcome, "\(name)")
        }
    }

    @Test func cancellingOneCallTouchesNoOther() {
        var play = SessionPlay()
        play.connect()
        let first = play.call(GetBalance())
        let second = play.call(GetBalance())
        play.event { $0.callCancelled(first, at: $1) }
        #expect(play.error(of: first)?.code == .cancelled)
        #expect(play.sent.last == InboundFrame(kind: .cancel, id: 1))
        // Answered or refused, the first request's end reaches nobody.
        play.refuse(play.requests(.getBalance)[0], Refusal(.cancelled))
        play.answer(play.requests(.getBalance)[1], Balance(member: MemberID(1), balance: Points(2)))
        #expect(play.ended[second] != nil && play.isReady)
        #expect(play.session.calls.inFlightCount == 0)
    }

    @Test func whatIsTooLongIsNotSent() {
        let names = FindSeats(performance: PerformanceID(1), labels: Array(repeating: "A-12", count: 400))
        var guest = SessionPlay()
        guest.connect()
        let call = guest.call(names)
        #expect(guest.error(of: call)?.code == .badRequest)
        var member = SessionPlay(annByPassword)
        member.logIn()
        let sent = member.call(names)
        #expect(member.ended[sent] == nil && member.requests(.findSeats).count == 1)
    }

    @Test func aCallThatBindsToItsConnectionFailsWithIt() {
        var play = SessionPlay(annByPassword)
        play.logIn()
        let part = play.call(
            UploadPart(upload: UploadID(1), offset: 0, bytes: [1]), timeout: .seconds(30), bindsToConnection: true)
        let other = play.call(GetBalance())
        play.lose()
        #expect(play.error(of: part)?.name == "connectionLost")
        #expect(play.ended[other] == nil)
    }

    @Test func framesOfAnOldConnectionAreIgnored() {
        var play = SessionPlay()
        play.connect()
        let old = play.connection
        let call = play.call(GetBalance())
        let request = play.requests(.getBalance)[0]
        play.lose()
        play.pass(.seconds(1))
        play.open()
        play.welcome()
        let answer = InboundFrame(
            kind: .response, opcode: request.opcode, id: request.id,
            body: Balance(member: MemberID(1), balance: Points(66)).encoded)
        if let old { play.event { $0.frameReceived(answer, on: old, at: $1) } }
        #expect(play.ended[call] == nil && play.isReady)
    }

    @Test func callsBeyondTheBoundAreRefused() {
        var play = SessionPlay()
        var last = CallID(number: 0)
        for _ in 0...CallTable.callsMax { last = play.call(GetBalance()) }
        #expect(play.ended.count == 1)
        #expect(play.error(of: last)?.code == .busy)
    }
}
