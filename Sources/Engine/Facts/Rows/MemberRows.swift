import BoxOfficeProtocol

/// A person with a login name.
public struct MemberRow: Hashable, Sendable {
    /// Its number.
    public var id: MemberID
    /// As signed up.
    public var name: String
    /// The name case-folded and normalised: what makes names the same.
    public var nameKey: String
    /// An argon2id string; empty when nobody can log in by password.
    public var passwordHash: String
    /// Whether the member runs the box office.
    public var isOperator: Bool
    /// When the member signed up.
    public var createdAt: Instant

    /// All columns.
    public init(
        id: MemberID, name: String, nameKey: String, passwordHash: String, isOperator: Bool, createdAt: Instant
    ) {
        self.id = id
        self.name = name
        self.nameKey = nameKey
        self.passwordHash = passwordHash
        self.isOperator = isOperator
        self.createdAt = createdAt
    }
}

/// A login on one device.
public struct SessionRow: Hashable, Sendable {
    /// Its number, never told.
    public var id: SessionID
    /// Whose.
    public var member: MemberID
    /// SHA-256 of the session token; the token itself is nowhere on disk.
    public var tokenDigest: Digest
    /// What the client called itself, for people.
    public var device: String
    /// When the member logged in.
    public var createdAt: Instant
    /// Last use, to within ten minutes.
    public var usedAt: Instant
    /// Notices through this sequence were consumed; nil until the session first subscribes.
    public var acknowledged: UInt64?

    /// All columns.
    public init(
        id: SessionID, member: MemberID, tokenDigest: Digest, device: String, createdAt: Instant, usedAt: Instant,
        acknowledged: UInt64?
    ) {
        self.id = id
        self.member = member
        self.tokenDigest = tokenDigest
        self.device = device
        self.createdAt = createdAt
        self.usedAt = usedAt
        self.acknowledged = acknowledged
    }
}
