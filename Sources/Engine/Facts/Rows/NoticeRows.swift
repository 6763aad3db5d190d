import BoxOfficeProtocol

/// A durable, numbered message to one member.
public struct NoticeRow: Hashable, Sendable {
    /// Number among all notices; the store appends by it.
    public var id: UInt64
    /// To whom.
    public var member: MemberID
    /// Number among the member's notices, from 1 without a gap (I6).
    public var sequence: UInt64
    /// When.
    public var at: Instant
    /// Which kind of notice.
    public var opcode: Opcode
    /// The token, reservation or ledger entry it is about.
    public var subject: UInt64
    /// The notice as it travels. Empty for a hold, whose reservation says it all (`Engine.body(of:)`), and when read at a
    /// start: memory keeps only where notices are.
    public var body: [UInt8]

    /// All columns.
    public init(
        id: UInt64, member: MemberID, sequence: UInt64, at: Instant, opcode: Opcode, subject: UInt64, body: [UInt8]
    ) {
        self.id = id
        self.member = member
        self.sequence = sequence
        self.at = at
        self.opcode = opcode
        self.subject = subject
        self.body = body
    }
}
