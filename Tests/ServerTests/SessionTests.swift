import BoxOfficeEngine
import BoxOfficeProtocol
import Testing

@testable import BoxOfficeServer

/// The state machine of one connection, without a connection.
@Suite struct SessionTests {
    static let deployment = DeploymentID.random()
    static let account = Account(member: MemberID(7), name: "ann", isOperator: false)

    static func hello(_ change: (inout Hello) -> Void = { _ in }) -> [UInt8] {
        var hello = Hello(magic: WireLimits.magic, major: 1, minor: 0, features: 0, instance: 1, client: "test")
        change(&hello)
        return hello.encoded
    }

    static func opened(isLocal: Bool = false) -> Session {
        var session = Session(isLocal: isLocal)
        let hello = hello()
        let action = session.helloReceived(hello.span, deployment: deployment)
        #expect(action == .sendWelcome(minor: 0))
        return session
    }

    static func loggedIn() -> Session {
        var session = opened()
        session.loggedIn(account, session: SessionID(3))
        return session
    }

    /// What becomes of a request, in a word.
    static func said(_ session: inout Session, _ message: some RequestMessage, number: UInt64) -> String {
        let body = message.encoded
        let header = FrameHeader(
            bodyBytes: UInt32(body.count), kind: .request, opcode: type(of: message).opcode.rawValue, id: number)
        switch session.requestReceived(header, body: body.span) {
        case .take(_, let route): return "\(route)"
        case .refuse(let refusal): return refusal.code.name
        case .violation: return "violation"
        case .ignore: return "ignored"
        }
    }

    @Test func capsFollowWhoItIs() {
        #expect(Session(isLocal: false).frameBytesMax == 1_024)
        #expect(Session(isLocal: true).frameBytesMax == 65_536)
        var session = Self.opened()
        #expect(session.frameBytesMax == 1_024)
        session.loggedIn(Self.account, session: SessionID(3))
        #expect(session.frameBytesMax == 65_536)
        session.loggedOut()
        #expect(session.frameBytesMax == 1_024)
    }

    @Test func aTokenIsAskedAboutBeforeAnythingElseIsRead() {
        var session = Session(isLocal: false)
        let token = SessionToken.random()
        let hello = Self.hello { $0.session = token }
        let action = session.helloReceived(hello.span, deployment: Self.deployment)
        #expect(action == .resume(token, minor: 0))
        #expect(!session.reads)
        session.resumed(Self.account, session: SessionID(3))
        #expect(session.reads && session.actor == .member(MemberID(7), session: SessionID(3)))
    }

    @Test func numbersRise() {
        var session = Self.loggedIn()
        #expect(Self.said(&session, WhoAmI(), number: 1) == "operators")
        #expect(Self.said(&session, WhoAmI(), number: 5) == "operators")
        #expect(Self.said(&session, WhoAmI(), number: 5) == "violation")
        #expect(Self.said(&session, WhoAmI(), number: 4) == "violation")
        #expect(session.lastRequest == 5)
    }

    @Test func someRequestsHoldUpTheOthers() {
        let key = OperationKey.random()
        let table: [(any RequestMessage, Bool)] = [
            (LogIn(name: "ann", password: Secret("x"), device: ""), true),
            (LogOut(), true),
            (ChangePassword(operation: key, oldPassword: Secret("x"), newPassword: Secret("correct horse")), true),
            (Charge(operation: key, amount: Points(1)), false),
            (GetConcerts(after: ConcertID(0), limit: 1), false),
            (SubscribeNotices(), false),
            (WhoAmI(), false),
            // Long answers that are not there at once.
            (GetLedger(before: LedgerEntryID(0), limit: 1), true),
            (GetReservations(before: ReservationID(0), limit: 1), true),
            (GetPlans(), true), (ExportPlan(plan: PlanID(1), offset: 0), true),
        ]
        for (message, holdsUp) in table {
            var session = Self.loggedIn()
            _ = Self.said(&session, message, number: 1)
            #expect(session.isHeldUp == holdsUp && session.reads == !holdsUp)
            session.answered(type(of: message).opcode)
            #expect(session.reads && session.inFlight == 0)
        }
    }

    @Test func guestsHaveOneAtATime() {
        var session = Self.opened()
        #expect(Self.said(&session, GetDraw(concert: ConcertID(1)), number: 1) == "engine")
        #expect(!session.reads && session.inFlight == 1)
        session.answered(.getDraw)
        #expect(session.reads && session.inFlight == 0)
        // From the login on as many as may be.
        _ = Self.said(&session, LogIn(name: "ann", password: Secret("x"), device: ""), number: 2)
        session.loggedIn(Self.account, session: SessionID(3))
        session.answered(.logIn)
        for number in 3...9 as ClosedRange<UInt64> {
            #expect(Self.said(&session, GetDraw(concert: ConcertID(1)), number: number) == "engine")
            #expect(session.reads)
        }
    }

    @Test func theSixtyFifthIsTooMany() {
        var session = Self.loggedIn()
        for number in 1...64 as ClosedRange<UInt64> {
            #expect(Self.said(&session, SubscribeNotices(), number: number) == "notices")
        }
        #expect(Self.said(&session, SubscribeNotices(), number: 65) == "busy")
        #expect(session.inFlight == 64 && session.lastRequest == 65)
        session.answered(.subscribeNotices)
        #expect(Self.said(&session, SubscribeNotices(), number: 66) == "notices")
    }

    @Test func argumentsComeBeforeLogin() {
        let key = OperationKey.random()
        let long = String(repeating: "x", count: 257)
        let table: [(any RequestMessage, String)] = [
            (SignUp(operation: key, name: "a", password: Secret("x")), "badName"),
            (SignUp(operation: key, name: "ann", password: Secret("x")), "badPassword"),
            (SignUp(operation: key, name: "ann", password: Secret(long)), "badPassword"),
            (SignUp(operation: key, name: "ann", password: Secret("correct horse")), "password"),
            (ChangePassword(operation: key, oldPassword: Secret(""), newPassword: Secret("x")), "badPassword"),
            (Hold(operation: key, performance: PerformanceID(1), seats: []), "badRequest"),
            (Hold(operation: key, performance: PerformanceID(1), seats: [SeatIndex(1)]), "loginRequired"),
            (GetLedger(before: LedgerEntryID(0), limit: 0), "badRequest"),
            (GetLedger(before: LedgerEntryID(0), limit: 500), "loginRequired"),
            (BeginUpload(kind: .plan, sizeBytes: 0, digest: Digest(hashing: [])), "badRequest"),
            (BeginUpload(kind: .unknown(9), sizeBytes: 1, digest: Digest(hashing: [])), "badRequest"),
            (BeginUpload(kind: .plan, sizeBytes: 33_554_433, digest: Digest(hashing: [])), "badRequest"),
            (LogIn(name: "ann", password: Secret(""), device: long), "badRequest"),
        ]
        for (index, (message, word)) in table.enumerated() {
            var session = Self.opened()
            #expect(Self.said(&session, message, number: 1) == word, "row \(index)")
        }
    }

    @Test func acksStayBehindWhatWasSent() {
        var session = Self.opened()
        #expect(session.ackReceived(through: 9) == .ignore)
        session.loggedIn(Self.account, session: SessionID(3))
        #expect(session.ackReceived(through: 0) == .acknowledge(through: 0))
        session.noticesSent(through: 4)
        #expect(session.ackReceived(through: 4) == .acknowledge(through: 4))
        if case .violation = session.ackReceived(through: 5) {} else { Issue.record("an ack ran ahead") }
        session.left()
        #expect(session.ackReceived(through: 5) == .ignore)
    }

    @Test func afterGoodbyeNothingIsTaken() {
        var session = Self.loggedIn()
        session.left()
        #expect(Self.said(&session, WhoAmI(), number: 1) == "ignored")
        #expect(!session.reads && session.lastRequest == 0)
    }

    @Test func digestsLeaveOutKeysAndPasswords() {
        let signUp = { (name: String, password: String) in
            Request.signUp(SignUp(operation: .random(), name: name, password: Secret(password))).operationDigest
        }
        #expect(signUp("ann", "one") == signUp("ann", "two"))
        #expect(signUp("ann", "one") != signUp("bob", "one"))
        let charge = { Request.charge(Charge(operation: .random(), amount: Points($0))).operationDigest }
        #expect(charge(1) == charge(1) && charge(1) != charge(2))
        let release = Request.release(Release(operation: .random(), reservation: ReservationID(1))).operationDigest
        let pay = Request.pay(Pay(operation: .random(), reservation: ReservationID(1))).operationDigest
        #expect(release != pay)
    }
}
