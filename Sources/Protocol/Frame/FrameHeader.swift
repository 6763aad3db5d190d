// The frame: 16 bytes of header, big-endian, frozen for every future version, then the body.
//
//     offset  type  field
//     0       u32   length of the body, bytes
//     4       u8    kind (FrameKind)
//     5       u8    flags (FrameFlags)
//     6       u16   opcode
//     8       u64   id: request number, notice sequence, state version or echo; else 0
//
// spec/frame.md is the contract; this file and FrameParser are all that knows it here.

/// The first 16 bytes of every frame.
public struct FrameHeader: Hashable, Sendable {
    /// Bytes of every header.
    public static let bytes = 16

    /// Bytes of body that follow.
    public var bodyBytes: UInt32
    /// A `FrameKind`, or a number that this version does not know.
    public var kind: UInt8
    /// `compressed` and `replayed`; a client sets none.
    public var flags: FrameFlags
    /// Which request, notice or update; 0 for other kinds.
    public var opcode: UInt16
    /// Request number, notice sequence, state version or echo, as the kind says; else 0.
    public var id: UInt64

    /// A header; what is left out is 0.
    public init(bodyBytes: UInt32 = 0, kind: FrameKind, flags: FrameFlags = [], opcode: UInt16 = 0, id: UInt64 = 0) {
        self.bodyBytes = bodyBytes
        self.kind = kind.rawValue
        self.flags = flags
        self.opcode = opcode
        self.id = id
    }

    /// The header that begins at `offset`, where 16 bytes must be.
    init(of bytes: Span<UInt8>, at offset: Int) {
        func integer<I: FixedWidthInteger>(_ start: Int, _ type: I.Type) -> I {
            var value: I = 0
            for index in start..<start + MemoryLayout<I>.size {
                value = (value << 8) | I(truncatingIfNeeded: bytes[offset + index])
            }
            return value
        }
        bodyBytes = integer(0, UInt32.self)
        kind = bytes[offset + 4]
        flags = FrameFlags(rawValue: bytes[offset + 5])
        opcode = integer(6, UInt16.self)
        id = integer(8, UInt64.self)
    }

    func encode(into writer: inout WireWriter) {
        // Of a short frame the header is most: its first four fields are written as one number.
        writer.write(UInt64(bodyBytes) << 32 | UInt64(kind) << 24 | UInt64(flags.rawValue) << 16 | UInt64(opcode))
        writer.write(id)
    }
}
