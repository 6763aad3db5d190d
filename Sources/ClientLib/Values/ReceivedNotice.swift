/// An element of `BoxOffice.notices`.
public struct ReceivedNotice: Hashable, Sendable {
    /// What came.
    public enum Content: Hashable, Sendable {
        /// A notice.
        case notice(Notice)
        /// Notices through this sequence that were not delivered here are no longer kept: look at reservations,
        /// payments and places instead.
        case gap
        /// A notice of a kind that this version does not know.
        case unknown(opcode: UInt16)
    }

    /// Its number among the member's notices. Rises from element to element.
    public var sequence: UInt64
    /// What came.
    public var content: Content
    /// Whether it happened earlier and was missed, or was sent before and not acknowledged.
    public var isReplayed: Bool

    /// The notice, unless it is a gap or of an unknown kind.
    public var notice: Notice? {
        if case .notice(let notice) = content { notice } else { nil }
    }
}

extension ReceivedNotice {
    init(_ frame: InboundFrame) {
        sequence = frame.id
        isReplayed = frame.isReplayed
        // The number counts even when the contents cannot be read: refusing the frame would only bring it again.
        if let opcode = Opcode(rawValue: frame.opcode), let notice = try? Notice.decode(opcode, body: frame.body.span) {
            content = .notice(notice)
        } else {
            content = .unknown(opcode: frame.opcode)
        }
    }
}
