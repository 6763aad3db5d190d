/// A password on its way: text that no log, dump or error message shows.
public struct Secret: WireValue, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text. Read it where it is hashed, nowhere else.
    public var exposed: String

    /// Wraps the text.
    public init(_ exposed: String) { self.exposed = exposed }

    /// The fewest bytes it takes on the wire.
    public static var bytesMin: Int { String.bytesMin }
    /// Appends its bytes.
    public func encode(into writer: inout WireWriter) { exposed.encode(into: &writer) }
    /// Reads one at the cursor; throws when the bytes there are not one.
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        exposed = try String(from: bytes, at: &cursor)
    }

    /// `(secret)`, whatever it is.
    public var description: String { "(secret)" }
    /// `(secret)`, whatever it is.
    public var debugDescription: String { "(secret)" }
    /// Empty: a dump shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension SessionToken: CustomDebugStringConvertible, CustomReflectable {
    /// Secret like a password: whoever has it is the member.
    public var description: String { "(session token)" }
    /// As `description`.
    public var debugDescription: String { "(session token)" }
    /// Empty: a dump shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
