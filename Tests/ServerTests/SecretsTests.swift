import BoxOfficeProtocol
import BoxOfficeServer
import Logging
import Testing

/// Nothing secret is ever in the log, however much is logged.
@Suite struct SecretsTests {
    @Test func passwordsAndTokensAreInNoLine() async throws {
        let office = try TestOffice {
            $0.logger.logLevel = .trace
            $0.limits.loginFailuresPerConnection = 2
        }
        let secrets = [
            "first password", "wrong password", "second password", "operators password", "set by an operator",
            "password of nobody", "a password without a frame",
        ]
        let ann = try office.guest()
        _ = try ann.signUp("ann", password: secrets[0])
        #expect(
            try ann.refused(SignUp(operation: ann.key(), name: "ann", password: Secret(secrets[0]))) == .nameTaken)
        let token = try ann.logIn("ann", password: secrets[0]).session
        #expect(try office.guest().refused(LogIn(name: "ann", password: Secret(secrets[1]), device: "")) != nil)
        let failing = try office.guest()
        for _ in 1...2 { _ = try failing.refused(LogIn(name: "nobody", password: Secret(secrets[5]), device: "")) }
        #expect(try failing.goAwayAndClose() == .loginFailures)
        _ = try ann.ok(
            ChangePassword(operation: ann.key(), oldPassword: Secret(secrets[0]), newPassword: Secret(secrets[2])))
        let back = try RawClient(office.address)
        #expect(try back.hello(token: token).resumed == .resumed)
        let made = SessionToken.random()
        #expect(try RawClient(office.address).hello(token: made).resumed == .refused)
        let local = try office.local()
        _ = try local.ok(MakeOperator(operation: local.key(), name: "boss", password: Secret(secrets[3])))
        let boss = try office.guest()
        _ = try boss.logIn("boss", password: secrets[3])
        _ = try boss.ok(SetPassword(operation: boss.key(), name: "ann", password: Secret(secrets[4])))
        #expect(try back.goAwayAndClose() == .sessionEnded)
        // Requests that do not decode, and bytes that are no frame, with a secret in them.
        let broken = try office.guest()
        let body = LogIn(name: "ann", password: Secret(secrets[6]), device: "").encoded + [9]
        try broken.send(
            ViolationTests.header(FrameKind.request.rawValue, length: UInt32(body.count), opcode: 257, id: 1) + body)
        #expect(try decoded(Refusal.self, broken.answer(to: 1)).code == .badRequest)
        try broken.send(Array(secrets[6].utf8))
        _ = try broken.goAwayAndClose()
        _ = try boss.ok(LogOut())
        await office.stop()

        let lines = office.log.all
        #expect(lines.contains { $0.hasPrefix("debug ") && $0.contains("hello") }, "the log has everything in it")
        #expect(lines.contains { $0.contains("limit=loginFailuresPerConnection") })
        for line in lines {
            for secret in secrets { #expect(!line.contains(secret), "\(line)") }
            for token in [token, made] {
                let hex = token.rawValue.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                #expect(!line.lowercased().contains(hex), "\(line)")
                // However it would be printed, its first bytes in a row would be there.
                let digits = token.rawValue.bytes.prefix(6).map { "\($0)" }.joined(separator: ", ")
                #expect(!line.contains(digits), "\(line)")
            }
        }
    }
}
