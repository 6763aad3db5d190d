import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore

/// A data directory with members who have signed up and logged in before.
enum FilledDirectory {
    /// Stores members with a session each; the tokens of the sessions. Signing up hashes a password, 19 ms each: here
    /// all have one hash.
    static func fill(_ directory: String, members count: Int) throws -> [SessionToken] {
        let store = try Store.open(directory: directory)
        defer { store.close() }
        var engine = Engine(configuration: EngineConfiguration())
        _ = try store.load { engine.apply($0) }
        let now = Wall.now
        let hash = "$argon2id$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$" + String(repeating: "w", count: 43)
        var tokens: [SessionToken] = []
        var facts: [Fact] = []
        for number in 1...UInt64(count) {
            let name = "member-\(number)"
            let token = SessionToken.random()
            tokens.append(token)
            facts.append(
                .member(
                    MemberRow(
                        id: MemberID(number), name: name, nameKey: name, passwordHash: hash, isOperator: false,
                        createdAt: now)))
            facts.append(
                .session(
                    SessionRow(
                        id: SessionID(number), member: MemberID(number),
                        tokenDigest: Digest(hashing: token.rawValue.bytes),
                        device: "benchmark", createdAt: now, usedAt: now, acknowledged: nil)))
        }
        try store.commit(facts, at: now)
        return tokens
    }
}
