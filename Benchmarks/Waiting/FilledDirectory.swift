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
        try store.load { _ in }
        let now = Wall.now
        let tokens = (0..<count).map { _ in SessionToken.random() }
        try store.commit(tokens.enumerated().flatMap { member($0 + 1, session: $1, at: now) }, at: now)
        return tokens
    }

    /// A member and its session, which have the same number.
    static func member(_ number: Int, session token: SessionToken, at now: Instant) -> [Fact] {
        let (member, name) = (MemberID(UInt64(number)), "member-\(number)")
        return [
            .member(
                MemberRow(
                    id: member, name: name, nameKey: name, passwordHash: passwordHash, isOperator: false,
                    createdAt: now)),
            .session(
                SessionRow(
                    id: SessionID(UInt64(number)), member: member, tokenDigest: Digest(hashing: token.rawValue.bytes),
                    device: "benchmark", createdAt: now, usedAt: now, acknowledged: nil)),
        ]
    }

    private static let passwordHash =
        "$argon2id$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$" + String(repeating: "w", count: 43)
}
