/// Bytes being written. Appends to one array; nothing can fail.
public struct WireWriter: Sendable {
    /// What was written so far.
    public var bytes: [UInt8]

    /// Nothing written yet; `capacityBytes` saves growing.
    public init(reserving capacityBytes: Int = 0) {
        bytes = []
        if capacityBytes > 0 { bytes.reserveCapacity(capacityBytes) }
    }

    /// A big-endian integer of fixed width.
    @inline(__always)
    public mutating func write<I: FixedWidthInteger>(_ value: I) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// A LEB128 varint in its shortest form. Lengths, counts and tags only, so at most 32 bits.
    public mutating func writeVarint(_ value: Int) {
        var rest = UInt32(value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Bytes with their length before them.
    public mutating func writeBytes(_ value: [UInt8]) {
        writeVarint(value.count)
        bytes.append(contentsOf: value)
    }

    /// A tagged field: its tag, the size of what `body` writes, and that.
    public mutating func writeTagged(_ tag: Int, _ body: (inout WireWriter) -> Void) {
        writeVarint(tag)
        // Nearly all are shorter than 128 bytes: one byte is kept for the size, and more are put in when needed.
        let sizeAt = bytes.count
        bytes.append(0)
        body(&self)
        let size = bytes.count - sizeAt - 1
        if size < 0x80 {
            bytes[sizeAt] = UInt8(size)
        } else {
            var prefix = WireWriter()
            prefix.writeVarint(size)
            bytes.replaceSubrange(sizeAt...sizeAt, with: prefix.bytes)
        }
    }
}
