import BoxOfficeProtocol

/// The one place where roles are checked. What a request needs stands in the schema as its access.
public enum Authorization {
    /// Why `actor` may not send this request; nil when it may.
    public static func refusal(for opcode: Opcode, by actor: Actor, isOperator: Bool) -> Refusal? {
        guard let access = opcode.access else { return Refusal(.unsupported) }
        switch (actor, access) {
        case (_, .guest): return nil
        case (.local, .operator), (.local, .local): return nil
        // The local socket has no member: what is a member's own has no meaning there.
        case (.local, .member): return opcode == .getBalance ? nil : Refusal(.notAllowed, "Only a member can do this.")
        case (.guest, _): return Refusal(.loginRequired)
        case (.member, .member): return nil
        case (.member, .operator): return isOperator ? nil : Refusal(.notAllowed)
        case (.member, .local):
            return Refusal(.notAllowed, "This can be done only through the socket in the data directory.")
        }
    }
}
