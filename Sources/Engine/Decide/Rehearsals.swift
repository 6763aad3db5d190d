import BoxOfficeProtocol

// Members for a rehearsal (docs/rehearsal.md): thousands at once, and no password is hashed for them.

extension Engine {
    /// In place of a password hash: no password fits it.
    static let noPassword = "none"

    /// Makes a member with a session and points for each token.
    mutating func makeRehearsalMembers(
        _ request: MakeRehearsalMembers, tokens: [(token: SessionToken, digest: Digest)], at now: Instant,
        into effects: inout Effects
    ) throws(Refusal) -> RehearsalMembers {
        guard configuration.isRehearsal else { throw Refusal(.notRehearsal) }
        guard (Points(0)...configuration.chargeMax).contains(request.points) else {
            throw Refusal(.badAmount, "A member of a rehearsal has 0 to \(configuration.chargeMax) points.")
        }
        for (_, digest) in tokens {
            var name = "rehearsal-\(identifiers.member)"
            while memberByNameKey[name] != nil { name += "-" }
            let account = newMember(
                name, nameKey: name, passwordHash: Self.noPassword, isOperator: false, at: now, into: &effects)
            emit(
                .session(
                    SessionRow(
                        id: SessionID(identifiers.session), member: account.member, tokenDigest: digest,
                        device: "rehearsal", createdAt: now, usedAt: now, acknowledged: nil)),
                into: &effects)
            guard request.points > Points(0) else { continue }
            _ = try move(request.points, from: .topup, to: .member(account.member), for: nil, at: now, into: &effects)
        }
        return RehearsalMembers(sessions: tokens.map(\.token))
    }
}
