/// Why bytes are not a message. Its scope is the message: the frame around it was whole, so a request that fails to
/// decode is refused with `badRequest` and the connection lives on.
public struct DecodeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with the bytes; `spec/frame.md` lists these names.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// The bytes end before the value does.
        case truncated
        /// Bytes are left after the message.
        case trailingBytes
        /// A varint that could be shorter.
        case varintNotMinimal
        /// A varint of more than 32 bits.
        case varintTooLarge
        /// A count that the remaining bytes cannot hold.
        case countTooLarge
        /// A string that is not UTF-8.
        case badUTF8
        /// A boolean that is neither 0 nor 1.
        case badBoolean
        /// Tags that do not rise.
        case tagsOutOfOrder
        /// An even tag that is not known.
        case unknownRequiredTag
    }

    /// What is wrong.
    public var reason: Reason
    /// Bytes from the start of the body.
    public var offset: Int

    /// A failure found `offset` bytes into the body.
    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// The reason and the place, for logs and the refusal's message.
    public var description: String { "\(reason.rawValue) at byte \(offset)" }
}
