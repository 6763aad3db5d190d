import BoxOfficeProtocol
import Foundation
import Testing

/// Sessions: resumed, superseded, ended, and what becomes of their connections.
@Suite struct LoginTests {
    @Test func aTokenResumesItsSession() async throws {
        let office = try TestOffice()
        let ann = try office.guest()
        let account = try ann.signUp("ann")
        let token = try ann.logIn("ann").session
        try await office.restart()
        let back = try RawClient(office.address)
        let welcome = try back.hello(token: token)
        #expect(welcome.resumed == .resumed && welcome.account == account)
        #expect(try back.ok(WhoAmI()) == account)
        let stranger = try RawClient(office.address)
        #expect(try stranger.hello(token: .random()).resumed == .refused)
        #expect(try stranger.refused(WhoAmI()) == .loginRequired)
        // The token is nowhere in the directory.
        for file in try FileManager.default.contentsOfDirectory(atPath: office.directory) {
            let data = FileManager.default.contents(atPath: office.directory + "/" + file) ?? Data()
            #expect(data.range(of: Data(token.rawValue.bytes)) == nil, "\(file)")
            #expect(data.range(of: Data("correct horse".utf8)) == nil, "\(file)")
        }
        await office.stop()
    }

    @Test func requestsMayFollowTheHelloAtOnce() async throws {
        let office = try TestOffice()
        let ann = try office.guest()
        _ = try ann.signUp("ann")
        let token = try ann.logIn("ann").session
        let hello = Hello(
            magic: WireLimits.magic, major: 1, minor: 0, features: 0, instance: 1, client: "test", session: token)
        let back = try RawClient(office.address)
        // The second body is longer than a guest's may be, and is read once the connection is a member's.
        let labels = FindSeats(performance: PerformanceID(1), labels: Array(repeating: "Balcony-2-14", count: 200))
        try back.send(Frame.hello(hello) + Frame.request(WhoAmI(), number: 1) + Frame.request(labels, number: 2))
        #expect(try decoded(Account.self, back.answer(to: 1)).name == "ann")
        #expect(try decoded(Refusal.self, back.answer(to: 2)).code == .unknownPerformance)
        await office.stop()
    }

    @Test func aClientThatIsBackTakesItsOldPlace() async throws {
        let office = try TestOffice()
        let ann = try RawClient(office.address)
        try ann.hello(instance: 5)
        _ = try ann.signUp("ann")
        let token = try ann.logIn("ann").session
        let beside = try RawClient(office.address)
        try beside.hello(token: token, instance: 6)
        let back = try RawClient(office.address)
        #expect(try back.hello(token: token, instance: 5).resumed == .resumed)
        #expect(try ann.goAwayAndClose() == .superseded)
        #expect(try beside.ok(WhoAmI()).name == "ann")
        #expect(try back.ok(WhoAmI()).name == "ann")
        await office.stop()
    }

    /// What the old connection still asks, and the engine has not begun, is not carried out: its client asks again.
    @Test func whatComesBehindASuccessorIsNotBegun() async throws {
        let office = try TestOffice { $0.limits.requestsPerConnection = nil }
        var old = try RawClient(office.address)
        try old.hello(instance: 5)
        _ = try old.signUp("ann")
        let token = try old.logIn("ann").session
        let hello = Hello(
            magic: WireLimits.magic, major: 1, minor: 0, features: 0, instance: 5, client: "test", session: token)
        var (charged, superseded, number) = (0, 0, UInt64(100))
        // Which of the two the engine meets first is a matter of luck.
        for _ in 0..<200 where superseded == 0 {
            let back = try RawClient(office.address)
            try back.send(Frame.hello(hello))
            var charges: [UInt8] = []
            for _ in 0..<30 {
                number += 1
                charges += Frame.request(Charge(operation: old.key(), amount: Points(1)), number: number)
            }
            try? old.send(charges)
            while let frame = try? old.receive() {
                if frame.kind == .response { charged += 1 }
                if frame.kind == .error, try decoded(Refusal.self, frame).code == .superseded { superseded += 1 }
            }
            _ = try back.push(.welcome)
            old = back
        }
        #expect(superseded > 0)
        // A connection that closes with requests unread may reset, and answers be lost: never more than were carried out.
        let balance = try old.ok(GetBalance()).balance.rawValue
        #expect(balance >= charged && balance <= Int64(number) - 100 - Int64(superseded))
        await office.stop()
    }

    @Test func loggingOutEndsTheSessionEverywhere() async throws {
        let office = try TestOffice()
        let ann = try office.guest()
        _ = try ann.signUp("ann")
        let token = try ann.logIn("ann").session
        let beside = try RawClient(office.address)
        try beside.hello(token: token)
        _ = try ann.ok(LogOut())
        #expect(try ann.refused(WhoAmI()) == .loginRequired)
        _ = try ann.ok(GetConcerts(after: ConcertID(0), limit: 1))
        #expect(try beside.goAwayAndClose() == .sessionEnded)
        let back = try RawClient(office.address)
        #expect(try back.hello(token: token).resumed == .refused)
        await office.stop()
    }

    @Test func loggingInAgainEndsTheSessionBefore() async throws {
        let office = try TestOffice()
        let client = try office.guest()
        _ = try client.signUp("ann")
        _ = try client.signUp("bob")
        let first = try client.logIn("ann")
        #expect(try client.logIn("bob").account.name == "bob")
        #expect(try client.ok(WhoAmI()).name == "bob")
        let back = try RawClient(office.address)
        #expect(try back.hello(token: first.session).resumed == .refused)
        await office.stop()
    }

    @Test func aNewPasswordEndsOtherSessions() async throws {
        let office = try TestOffice()
        let ann = try office.member("ann")
        let elsewhere = try office.back("ann")
        let key = ann.key()
        let change = ChangePassword(
            operation: key, oldPassword: Secret("correct horse"), newPassword: Secret("battery staple"))
        let wrong = ChangePassword(
            operation: ann.key(), oldPassword: Secret("wrong"), newPassword: Secret("battery staple"))
        #expect(try ann.refused(wrong) == .badCredentials)
        _ = try ann.ok(change)
        #expect(try elsewhere.goAwayAndClose() == .sessionEnded)
        #expect(try ann.ok(WhoAmI()).name == "ann")
        // The retry is answered though the old password is no longer right.
        #expect(try ann.answer(to: try ann.request(change)).header.flags == .replayed)
        let login = { LogIn(name: "ann", password: Secret($0), device: "") }
        #expect(try office.guest().refused(login("correct horse")) == .badCredentials)
        _ = try office.guest().ok(login("battery staple"))
        // An operator sets it: every session ends.
        let operators = try office.operatorClient()
        _ = try operators.ok(
            SetPassword(operation: operators.key(), name: "ANN", password: Secret("third time lucky")))
        #expect(try ann.goAwayAndClose() == .sessionEnded)
        _ = try office.guest().ok(login("third time lucky"))
        await office.stop()
    }

    @Test func oneLoginTooManyEndsTheOldest() async throws {
        let office = try TestOffice()
        let first = try office.member("ann")
        // All are in use, so that none is more in the way than another but by its age.
        let others = try (0..<8).map { _ in try office.back("ann") }
        #expect(try first.goAwayAndClose() == .sessionEnded)
        for other in others { #expect(try other.ok(WhoAmI()).name == "ann") }
        await office.stop()
    }

    @Test func whatIsBehindALoginIsJudgedByIt() async throws {
        let office = try TestOffice()
        let client = try office.guest()
        _ = try client.signUp("ann")
        let login = try client.request(LogIn(name: "ann", password: Secret("correct horse"), device: ""))
        let who = try client.request(WhoAmI())
        let charge = try client.request(Charge(operation: client.key(), amount: Points(3)))
        let out = try client.request(LogOut())
        let after = try client.request(WhoAmI())
        #expect(try client.answer(to: login).kind == .response)
        #expect(try client.answer(to: who).kind == .response)
        #expect(try decoded(Charged.self, client.answer(to: charge)).balance == Points(3))
        #expect(try client.answer(to: out).kind == .response)
        #expect(try decoded(Refusal.self, client.answer(to: after)).code == .loginRequired)
        await office.stop()
    }
}
