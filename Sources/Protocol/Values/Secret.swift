/// A password on its way: text that no log, dump or error message shows.
public struct Secret: WireValue, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text. Read it where it is hashed, nowhere else.
    public var exposed: String

    public init(_ exposed: String) { self.exposed = exposed }

    public static var bytesMin: Int { String.bytesMin }
    public func encode(into writer: inout WireWriter) { exposed.encode(into: &writer) }
    public init(from bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) {
        exposed = try String(from: bytes, at: &cursor)
    }

    public var description: String { "(secret)" }
    public var debugDescription: String { "(secret)" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension SessionToken: CustomDebugStringConvertible, CustomReflectable {
    /// Secret like a password: whoever has it is the member.
    public var description: String { "(session token)" }
    public var debugDescription: String { "(session token)" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
