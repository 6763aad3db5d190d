import BoxOfficeProtocol

/// The body of an answer, encoded and compressed once for everybody who asks.
struct EncodedBody: Sendable {
    private let flags: FrameFlags
    private let bytes: [UInt8]

    /// Level 6 for what is kept; 1 for what is sent once and thrown away.
    init(_ encode: (inout WireWriter) -> Void, level: Int32 = 6) {
        var writer = WireWriter(reserving: 1024)
        encode(&writer)
        if writer.bytes.count >= WireLimits.compressBytesMin,
            let deflated = Compression.deflated(writer.bytes, level: level)
        {
            flags = .compressed
            bytes = deflated
        } else {
            flags = []
            bytes = writer.bytes
        }
        isTooLong = writer.bytes.count > WireLimits.replyBytesMax
    }

    init(_ message: some WireStructure, level: Int32 = 6) {
        self.init({ message.encode(into: &$0) }, level: level)
    }

    /// Longer than a frame's body may be: it cannot be sent.
    let isTooLong: Bool

    /// The frame that answers request `number` with it.
    func response(to opcode: Opcode, number: UInt64) -> [UInt8] {
        Frame.bytes(.response, flags: flags, opcode: opcode.rawValue, id: number) {
            $0.bytes.append(contentsOf: bytes)
        }
    }
}
