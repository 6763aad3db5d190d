import CZlib

/// zlib around a frame's body: u32 inflated size, then a zlib stream. From the server only; what a client sends is
/// never inflated. The inflated size is declared and capped, so that a small frame cannot become a large memory.
public enum Compression {
    /// Why bytes are not a compressed body.
    public enum Failure: Error, Hashable, Sendable {
        /// Not a zlib stream, or one that ends early, or with bytes after it.
        case corrupt
        /// The declared size is above the cap, or is not what the stream inflates to.
        case badSize
    }

    /// The compressed form of a body; nil when it would not be smaller.
    public static func deflated(_ body: [UInt8], level: Int32 = 6) -> [UInt8]? {
        var size = compressBound(UInt(body.count))
        let result = [UInt8](unsafeUninitializedCapacity: 4 + Int(size)) { buffer, initialized in
            for index in 0..<4 { buffer[index] = UInt8(truncatingIfNeeded: body.count >> (24 - 8 * index)) }
            // The buffer has room for 4 + compressBound bytes, and zlib writes at most `size` of them.
            let status = compress2(buffer.baseAddress! + 4, &size, body, UInt(body.count), level)
            initialized = status == Z_OK ? 4 + Int(size) : 0
        }
        return result.isEmpty || result.count >= body.count ? nil : result
    }

    /// The body that was compressed.
    public static func inflated(_ bytes: Span<UInt8>, bytesMax: Int) throws(Failure) -> [UInt8] {
        guard bytes.count > 4 else { throw .corrupt }
        var declared = 0
        for index in 0..<4 { declared = declared << 8 | Int(bytes[index]) }
        guard declared <= bytesMax else { throw .badSize }
        var status = Z_OK
        var size = UInt(declared)
        var consumed = UInt(bytes.count - 4)
        let result = bytes.withUnsafeBufferPointer { input in
            [UInt8](unsafeUninitializedCapacity: max(1, declared)) { buffer, initialized in
                // zlib reads at most `consumed` of the input's bytes and writes at most `size` of the buffer's.
                status = uncompress2(buffer.baseAddress!, &size, input.baseAddress! + 4, &consumed)
                initialized = status == Z_OK ? Int(size) : 0
            }
        }
        guard status == Z_OK else { throw status == Z_BUF_ERROR ? .badSize : .corrupt }
        guard result.count == declared else { throw .badSize }
        guard consumed == UInt(bytes.count - 4) else { throw .corrupt }
        return result
    }
}
