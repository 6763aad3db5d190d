/// Who the client is, and how it proves that.
public enum Credentials: Hashable, Sendable {
    /// Nobody: concerts, dates and seats can be looked at.
    case guest
    /// A member by name and password. When the session ends, the client logs in again by itself.
    case password(name: String, password: String, device: String = "")
    /// A session that was begun earlier, with its token from `BoxOffice.session`. When it has ended, the client
    /// closes with `loginRequired`, since it knows no password.
    case session(SessionToken)
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the secret.
    public var description: String {
        switch self {
        case .guest: "guest"
        case .password(let name, _, _): "\(name) by password"
        case .session: "a session"
        }
    }
    /// As `description`.
    public var debugDescription: String { description }
    /// Empty: a dump shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
