/// Whole frames, ready to send.
public enum Frame {
    /// A frame without a body.
    public static func bare(_ kind: FrameKind, id: UInt64 = 0) -> [UInt8] {
        var writer = WireWriter(reserving: FrameHeader.bytes)
        FrameHeader(kind: kind, id: id).encode(into: &writer)
        return writer.bytes
    }

    /// A frame whose body is what `body` writes.
    public static func bytes(
        _ kind: FrameKind, flags: FrameFlags = [], opcode: UInt16 = 0, id: UInt64 = 0, body: (inout WireWriter) -> Void
    ) -> [UInt8] {
        var writer = WireWriter(reserving: 128)
        append(kind, flags: flags, opcode: opcode, id: id, to: &writer, body: body)
        return writer.bytes
    }

    /// The same, after what `writer` has already.
    public static func append(
        _ kind: FrameKind, flags: FrameFlags = [], opcode: UInt16 = 0, id: UInt64 = 0, to writer: inout WireWriter,
        body: (inout WireWriter) -> Void
    ) {
        let start = writer.bytes.count
        FrameHeader(kind: kind, flags: flags, opcode: opcode, id: id).encode(into: &writer)
        body(&writer)
        let count = UInt32(writer.bytes.count - start - FrameHeader.bytes)
        for index in 0..<4 {
            writer.bytes[start + index] = UInt8(truncatingIfNeeded: count >> (24 - 8 * UInt32(index)))
        }
    }

    /// The first frame of a connection.
    public static func hello(_ hello: Hello) -> [UInt8] { bytes(.hello) { hello.encode(into: &$0) } }
    /// The answer to hello.
    public static func welcome(_ welcome: Welcome) -> [UInt8] { bytes(.welcome) { welcome.encode(into: &$0) } }
    /// The server's last frame; `lastRequest` is the number of the last request taken.
    public static func goAway(_ goAway: GoAway, lastRequest: UInt64) -> [UInt8] {
        bytes(.goAway, id: lastRequest) { goAway.encode(into: &$0) }
    }
    /// The refusal of a request, or of the connection when `request` is 0.
    public static func refusal(_ refusal: Refusal, opcode: UInt16 = 0, request: UInt64) -> [UInt8] {
        bytes(.error, opcode: opcode, id: request) { refusal.encode(into: &$0) }
    }
    /// A request under a number that the client has not used on this connection.
    public static func request(_ message: some RequestMessage, number: UInt64) -> [UInt8] {
        bytes(.request, opcode: type(of: message).opcode.rawValue, id: number) { message.encode(into: &$0) }
    }
    /// The answer to a request; `replayed` when it is the stored result of an operation carried out before.
    public static func response(_ response: Response, to opcode: Opcode, number: UInt64, replayed: Bool = false)
        -> [UInt8]
    {
        bytes(.response, flags: replayed ? .replayed : [], opcode: opcode.rawValue, id: number) {
            response.encode(into: &$0)
        }
    }
    /// A notice whose body is encoded already: the same bytes go to each connection of a member.
    public static func notice(_ opcode: Opcode, body: [UInt8], sequence: UInt64, replayed: Bool = false) -> [UInt8] {
        bytes(.notice, flags: replayed ? .replayed : [], opcode: opcode.rawValue, id: sequence) {
            $0.bytes.append(contentsOf: body)
        }
    }
    /// An update at a version of what it tells about.
    public static func update(_ update: Update, version: UInt64) -> [UInt8] {
        bytes(.update, opcode: update.opcode.rawValue, id: version) { update.encode(into: &$0) }
    }
}
