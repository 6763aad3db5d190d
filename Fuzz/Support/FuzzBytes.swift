/// The bytes of an input, taken from the front. What is not there reads as zero, so that every input means something.
public struct FuzzBytes {
    private let bytes: [UInt8]
    private var offset = 0

    /// All of an input.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Nothing is left.
    public var isEmpty: Bool { offset >= bytes.count }

    /// The next byte.
    public mutating func byte() -> UInt8 {
        guard offset < bytes.count else { return 0 }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// The next two bytes, big-endian.
    public mutating func short() -> UInt16 { UInt16(byte()) << 8 | UInt16(byte()) }

    /// The next so many bytes, or as many as are left.
    public mutating func take(_ count: Int) -> [UInt8] {
        let end = min(bytes.count, offset + max(0, count))
        defer { offset = end }
        return Array(bytes[min(offset, end)..<end])
    }

    /// All that is left.
    public mutating func rest() -> [UInt8] { take(bytes.count) }
}

/// Writes what `FuzzBytes` reads, for seeds.
public struct FuzzSeed {
    /// What was written.
    public private(set) var bytes: [UInt8] = []

    /// Nothing yet.
    public init() {}

    /// A byte.
    public mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Two bytes, big-endian.
    public mutating func short(_ value: UInt16) { bytes += [UInt8(value >> 8), UInt8(value & 0xFF)] }

    /// So many bytes as they are.
    public mutating func append(_ more: [UInt8]) { bytes += more }
}
