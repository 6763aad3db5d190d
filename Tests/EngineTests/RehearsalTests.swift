import BoxOfficeProtocol
import Testing

@testable import BoxOfficeEngine

@Suite("Rehearsals")
struct RehearsalTests {
    private func engine(isRehearsal: Bool) -> Engine {
        var configuration = EngineConfiguration()
        configuration.isRehearsal = isRehearsal
        return Engine(configuration: configuration)
    }

    private func make(
        _ engine: inout Engine, _ count: UInt32, points: Int64 = 100, by actor: Actor = .local, seed: UInt64 = 1
    ) -> Reply {
        let tokens = (0..<min(UInt64(count), 3)).map { number in
            let token = SessionToken(
                Bytes32(first: Bytes16(high: seed, low: number), second: Bytes16(high: 0, low: 0)))
            return (token, Digest(hashing: token.rawValue.bytes))
        }
        var effects = Effects()
        let command = Command(
            actor: actor,
            action: .makeRehearsalMembers(MakeRehearsalMembers(count: count, points: Points(points)), tokens: tokens),
            digest: Bytes16(high: 0, low: 0))
        return engine.decide(command, at: Instant(seconds: 1_000), into: &effects)
    }

    private func code(_ reply: Reply) -> String {
        if case .refused(let refusal) = reply { refusal.code.name } else { "ok" }
    }

    @Test("only a rehearsal makes members, and only for whoever runs it")
    func whoMay() {
        var real = engine(isRehearsal: false)
        #expect(code(make(&real, 1)) == "notRehearsal")
        #expect(real.memberCount == 0)
        var rehearsal = engine(isRehearsal: true)
        #expect(code(make(&rehearsal, 1, by: .guest)) == "loginRequired")
        #expect(code(make(&rehearsal, 1)) == "ok")
        #expect(rehearsal.memberCount == 1)
    }

    @Test(
        "bounds of count and points",
        arguments: [
            (UInt32(0), Int64(1), "badRequest"), (1, 1, "ok"), (10_000, 1, "ok"), (10_001, 1, "badRequest"),
            (1, -1, "badAmount"), (1, 0, "ok"), (1, 10_000_000, "ok"), (1, 10_000_001, "badAmount"),
        ])
    func bounds(count: UInt32, points: Int64, expected: String) {
        var engine = engine(isRehearsal: true)
        #expect(code(make(&engine, count, points: points)) == expected)
    }

    @Test("each has a session, points and a name of its own, and no password fits")
    func whatTheyHave() throws {
        var engine = engine(isRehearsal: true)
        guard case .response(.rehearsalMembers(let first), _) = make(&engine, 3, points: 70),
            case .response(.rehearsalMembers(let second), _) = make(&engine, 2, points: 0, seed: 2)
        else {
            Issue.record("refused")
            return
        }
        var names: Set<String> = []
        for (number, session) in (first.sessions + second.sessions).enumerated() {
            var effects = Effects()
            let resumed = engine.resume(
                tokenDigest: Digest(hashing: session.rawValue.bytes), at: Instant(seconds: 1_001), into: &effects)
            let (row, account) = try #require(resumed)
            names.insert(account.name)
            #expect(!account.isOperator)
            #expect(engine.balance(of: .member(row.member)) == Points(number < 3 ? 70 : 0))
            #expect(engine.credentials(nameKey: account.name)?.passwordHash == Engine.noPassword)
        }
        #expect(names.count == 5)
        #expect(engine.brokenInvariant() == nil)
    }
}
