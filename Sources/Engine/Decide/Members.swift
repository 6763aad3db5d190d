import BoxOfficeProtocol

// Members and what operators do about them. Names are checked and passwords hashed before they come here.

extension Engine {
    /// Who has this name, and the hash to verify a password against.
    public func credentials(nameKey: String) -> (member: MemberID, passwordHash: String)? {
        guard let id = memberByNameKey[nameKey], let state = members[id] else { return nil }
        return (id, state.password.text)
    }

    /// Who a member is; nil when there is none.
    public func account(of member: MemberID) -> Account? {
        members[member].map { Account(member: member, name: $0.name, isOperator: $0.isOperator) }
    }

    mutating func signUp(
        _ request: SignUp, nameKey: String, passwordHash: String, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> Account {
        guard memberByNameKey[nameKey] == nil else { throw Refusal(.nameTaken) }
        return newMember(
            request.name, nameKey: nameKey, passwordHash: passwordHash, isOperator: false, at: now, into: &effects)
    }

    mutating func makeOperator(
        _ request: MakeOperator, nameKey: String, passwordHash: String?, at now: Instant, into effects: inout Effects
    ) throws(Refusal) -> Account {
        if let id = memberByNameKey[nameKey] {
            var row = members[id]!.row
            row.isOperator = true
            emit(.member(row), into: &effects)
            return account(of: id)!
        }
        guard let passwordHash else { throw Refusal(.unknownMember, "A new member needs a password.") }
        return newMember(
            request.name, nameKey: nameKey, passwordHash: passwordHash, isOperator: true, at: now, into: &effects)
    }

    mutating func newMember(
        _ name: String, nameKey: String, passwordHash: String, isOperator: Bool, at now: Instant,
        into effects: inout Effects
    ) -> Account {
        let row = MemberRow(
            id: MemberID(identifiers.member), name: name, nameKey: nameKey, passwordHash: passwordHash,
            isOperator: isOperator, createdAt: now)
        emit(.member(row), into: &effects)
        return account(of: row.id)!
    }

    /// Changes the password unless it was changed since it was verified, and ends the member's other sessions.
    mutating func changePassword(
        of actor: Actor, verifiedHash: String, to passwordHash: String, at now: Instant, into effects: inout Effects
    ) throws(Refusal) {
        guard case .member(let member, let session) = actor, var row = members[member]?.row else {
            throw Refusal(.loginRequired)
        }
        guard row.passwordHash == verifiedHash else { throw Refusal(.badCredentials) }
        row.passwordHash = passwordHash
        emit(.member(row), into: &effects)
        for other in members[member]!.sessions where other != session { endSession(other, into: &effects) }
    }

    mutating func setPassword(
        nameKey: String, to passwordHash: String, at now: Instant, into effects: inout Effects
    ) throws(Refusal) {
        guard let member = memberByNameKey[nameKey], var row = members[member]?.row else {
            throw Refusal(.unknownMember)
        }
        row.passwordHash = passwordHash
        emit(.member(row), into: &effects)
        for session in members[member]!.sessions { endSession(session, into: &effects) }
    }
}
