import BoxOfficeProtocol
import BoxOfficeServer
import Foundation
import Testing

/// Limits on logins, over sockets.
@Suite struct LoginLimitTests {
    static let right = "correct horse"

    static func logIn(_ name: String, _ password: String = "wrong horse") -> LogIn {
        LogIn(name: name, password: Secret(password), device: "")
    }

    private func refusal(_ client: RawClient, _ message: some RequestMessage) throws -> Refusal? {
        if case .failure(let refusal) = try client.call(message) { refusal } else { nil }
    }

    @Test func threeOnOneConnection() async throws {
        let office = try TestOffice()
        _ = try office.member("ann")
        let twice = try office.guest()
        for _ in 1...2 { #expect(try twice.refused(Self.logIn("ann")) == .badCredentials) }
        _ = try twice.ok(Self.logIn("ann", Self.right))
        #expect(try twice.ok(WhoAmI()).name == "ann")
        let thrice = try office.guest()
        for _ in 1...3 { #expect(try thrice.refused(Self.logIn("nobody")) == .badCredentials) }
        #expect(try thrice.goAwayAndClose() == .loginFailures)
        #expect(try office.reached(.loginFailuresPerConnection) == 1)
        await office.stop()
    }

    @Test func aLocalConnectionMayErr() async throws {
        let office = try TestOffice()
        _ = try office.member("ann")
        let local = try office.local()
        for _ in 1...8 { #expect(try local.refused(Self.logIn("ann")) == .badCredentials) }
        #expect(try local.ok(Self.logIn("ann", Self.right)).account.name == "ann")
        await office.stop()
    }

    /// The same for names that are known and for those that nobody has or can have, so that nothing is told.
    @Test(arguments: ["ann", "nobody", "", "no name\n at all"])
    func fiveOfOneAccount(_ name: String) async throws {
        let office = try TestOffice { $0.limits.loginPauseSeconds = 600 }
        let device = try office.member("ann")
        let bob = try office.member("bob")
        for number in 1...5 {
            #expect(try office.guest().refused(Self.logIn(name)) == .badCredentials, "failure \(number) of 5")
        }
        for password in ["wrong horse", Self.right] {
            let refusal = try #require(try refusal(office.guest(), Self.logIn(name, password)))
            #expect(refusal.code == .rateLimited && refusal.retry == .afterDelay)
            #expect((590_000...600_000).contains(refusal.retryAfterMilliseconds))
        }
        #expect(try office.reached(.loginFailuresPerAccount) == 2)
        // However a name is written it is the same account.
        if name == "ann" { #expect(try office.guest().refused(Self.logIn("ANN")) == .rateLimited) }
        // Who is logged in notices nothing of it, and may change the password; others are not concerned.
        #expect(try device.ok(WhoAmI()).name == "ann")
        let change = ChangePassword(
            operation: device.key(), oldPassword: Secret(Self.right), newPassword: Secret("battery staple"))
        _ = try device.ok(change)
        #expect(try bob.ok(WhoAmI()).name == "bob")
        _ = try office.guest().ok(Self.logIn("bob", Self.right))
        await office.stop()
    }

    @Test func theRightPasswordWorksAfterThePause() async throws {
        let office = try TestOffice { $0.limits.loginPauseSeconds = 1 }
        _ = try office.member("ann")
        for _ in 1...5 { #expect(try office.guest().refused(Self.logIn("ann")) == .badCredentials) }
        let refusal = try #require(try refusal(office.guest(), Self.logIn("ann", Self.right)))
        #expect(refusal.code == .rateLimited)
        try await Task.sleep(for: .milliseconds(Int(refusal.retryAfterMilliseconds)))
        #expect(try office.guest().ok(Self.logIn("ann", Self.right)).account.name == "ann")
        // And has forgotten the failures.
        for _ in 1...5 { #expect(try office.guest().refused(Self.logIn("ann")) == .badCredentials) }
        await office.stop()
    }

    @Test func oldPasswordsAreNotGuessedEither() async throws {
        let office = try TestOffice {
            $0.limits.loginPauseSeconds = 600
            $0.limits.loginFailuresPerConnection = nil
        }
        let ann = try office.member("ann")
        let change = { (old: String) in
            ChangePassword(operation: ann.key(), oldPassword: Secret(old), newPassword: Secret("battery staple"))
        }
        for _ in 1...5 { #expect(try ann.refused(change("wrong horse")) == .badCredentials) }
        #expect(try ann.refused(change(Self.right)) == .rateLimited)
        #expect(try ann.ok(WhoAmI()).name == "ann")
        _ = try office.back("ann")
        await office.stop()
    }

    @Test func failuresFromOneAddress() async throws {
        let office = try TestOffice {
            $0.rates.exemptsLoopback = false
            $0.limits.loginFailuresPerAddress = RateLimit(burst: 4, intervalMilliseconds: 3_600_000)
        }
        _ = try office.member("ann")
        func guest(_ source: String) throws -> RawClient { try office.guest(from: source) }
        // What succeeds does not count.
        for _ in 1...6 { _ = try guest("127.0.1.1").ok(Self.logIn("ann", Self.right)) }
        for number in 1...4 {
            #expect(try guest("127.0.1.1").refused(Self.logIn("name \(number)")) == .badCredentials, "\(number) of 4")
        }
        #expect(try guest("127.0.1.1").refused(Self.logIn("ann", Self.right)) == .rateLimited)
        #expect(try office.reached(.loginFailuresPerAddress) == 1)
        _ = try guest("127.0.1.2").ok(Self.logIn("ann", Self.right))
        await office.stop()
    }

    @Test func whoWouldWaitTooLongIsToldToComeBack() async throws {
        let office = try TestOffice {
            $0.limits.loginFailuresPerAccount = nil
            $0.limits.passwordsAtOnce = 1
            $0.limits.passwordsWaitingMax = 1
        }
        _ = try office.member("ann")
        var busy = 0
        for _ in 0..<50 where busy == 0 {
            let guests = try (0..<6).map { _ in try office.guest() }
            let numbers = try guests.enumerated().map { try $1.request(Self.logIn("nobody \($0)")) }
            for (guest, number) in zip(guests, numbers) {
                let frame = try guest.answer(to: number)
                let refusal = try decoded(Refusal.self, frame)
                guard refusal.code != .badCredentials else { continue }
                #expect(refusal.code == .busy && refusal.retryAfterMilliseconds == 1_000)
                busy += 1
            }
        }
        #expect(busy > 0)
        #expect(try office.reached(.passwordsWaiting) == UInt64(busy))
        await office.stop()
    }

    @Test func sessionsOfOneMember() async throws {
        let office = try TestOffice { $0.sessionsPerMemberMax = 2 }
        let first = try office.member("ann")
        let second = try office.back("ann")
        #expect(try first.ok(WhoAmI()).name == "ann")
        #expect(try office.reached(.sessionsPerMember) == 0)
        let third = try office.back("ann")
        #expect(try first.goAwayAndClose() == .sessionEnded)
        for client in [second, third] { #expect(try client.ok(WhoAmI()).name == "ann") }
        #expect(try office.reached(.sessionsPerMember) == 1)
        await office.stop()
    }

    @Test func sessionsEndInTime() async throws {
        let office = try TestOffice { $0.sessionSeconds = 2 }
        let ann = try office.member("ann")
        #expect(try ann.ok(WhoAmI()).name == "ann")
        #expect(try ann.goAwayAndClose() == .sessionEnded)
        await office.stop()
        let idle = try TestOffice { $0.sessionIdleSeconds = 1 }
        let bob = try idle.guest()
        _ = try bob.signUp("bob")
        let token = try bob.logIn("bob").session
        // In use, as long as there is a connection.
        usleep(2_000_000)
        #expect(try bob.ok(WhoAmI()).name == "bob")
        shutdown(bob.descriptor, Int32(SHUT_RDWR))
        usleep(2_500_000)
        let back = try RawClient(idle.address)
        #expect(try back.hello(token: token).resumed == .refused)
        await idle.stop()
    }

    // MARK: What is told by how long it takes

    /// Interleaved, so that whatever else the machine does slows both down alike; and again when it did not.
    @Test func unknownNamesTakeAsLongAsWrongPasswords() async throws {
        let office = try TestOffice {
            $0.limits.loginFailuresPerConnection = nil
            $0.limits.loginFailuresPerAccount = nil
        }
        _ = try office.member("ann")
        let client = try office.guest()
        func milliseconds(_ name: String) throws -> Double {
            let started = ContinuousClock.now
            #expect(try client.refused(Self.logIn(name)) == .badCredentials)
            return (ContinuousClock.now - started) / .milliseconds(1)
        }
        for _ in 0..<4 { _ = try milliseconds("ann") + milliseconds("nobody") }
        // Medians within 1 ms; without a hash for unknown names they are some 20 ms apart, every time.
        var apart: [Double] = []
        for _ in 0..<12 {
            var known: [Double] = []
            var unknown: [Double] = []
            for number in 0..<24 {
                known.append(try milliseconds("ann"))
                unknown.append(try milliseconds("nobody \(number)"))
            }
            apart.append(abs(known.sorted()[12] - unknown.sorted()[12]))
            if apart.last! <= 1 { break }
        }
        #expect(apart.last! <= 1, "medians are apart by \(apart) ms")
        await office.stop()
    }
}
