/// A place in the bytes of one message, moved forward by each read.
///
/// It holds no bytes: every read is given the span, so that a cursor can be copied and kept while a span cannot
/// (storing a `Span` needs an experimental feature). Every read checks what remains first and throws; none traps.
public struct Cursor: Sendable {
    /// Where the next read starts.
    public private(set) var offset: Int
    /// Where the message, or the tagged field being read, ends.
    public private(set) var end: Int

    /// A cursor over all of `bytes`.
    public init(over bytes: Span<UInt8>) {
        offset = 0
        end = bytes.count
    }

    /// Bytes that are still to be read.
    public var remaining: Int { end - offset }

    /// Moves over `count` bytes and returns where they begin.
    @inline(__always)
    mutating func advance(_ count: Int) throws(DecodeFailure) -> Int {
        guard count >= 0, count <= end - offset else { throw DecodeFailure(.truncated, at: offset) }
        defer { offset += count }
        return offset
    }

    /// A big-endian integer of fixed width.
    @inline(__always)
    public mutating func integer<I: FixedWidthInteger>(_ type: I.Type, of bytes: Span<UInt8>) throws(DecodeFailure) -> I
    {
        let start = try advance(MemoryLayout<I>.size)
        var value: I = 0
        for index in start..<offset { value = (value << 8) | I(truncatingIfNeeded: bytes[index]) }
        return value
    }

    /// A LEB128 varint in its shortest form, at most 32 bits: lengths, counts and tags are never larger.
    public mutating func varint(of bytes: Span<UInt8>) throws(DecodeFailure) -> Int {
        let start = offset
        var value: UInt64 = 0
        for index in 0..<5 {
            let byte = bytes[try advance(1)]
            value |= UInt64(byte & 0x7F) << (7 * index)
            guard byte & 0x80 != 0 else {
                guard index == 0 || byte != 0 else { throw DecodeFailure(.varintNotMinimal, at: start) }
                guard value <= UInt64(UInt32.max) else { throw DecodeFailure(.varintTooLarge, at: start) }
                return Int(value)
            }
        }
        throw DecodeFailure(.varintTooLarge, at: start)
    }

    /// The count of an array, checked against the bytes that remain before anything is reserved for it.
    public mutating func count(of bytes: Span<UInt8>, itemBytesMin: Int) throws(DecodeFailure) -> Int {
        let start = offset
        let count = try varint(of: bytes)
        guard count <= remaining / max(1, itemBytesMin) else { throw DecodeFailure(.countTooLarge, at: start) }
        return count
    }

    /// Bytes with their length before them.
    public mutating func bytes(of bytes: Span<UInt8>) throws(DecodeFailure) -> [UInt8] {
        let count = try varint(of: bytes)
        let start = try advance(count)
        // Not by the way below: it writes a count into the empty storage that all arrays share.
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count { buffer.initializeElement(at: index, to: bytes[start + index]) }
            initialized = count
        }
    }

    /// Valid UTF-8 with its length in bytes before it.
    public mutating func string(of bytes: Span<UInt8>) throws(DecodeFailure) -> String {
        let count = try varint(of: bytes)
        let start = try advance(count)
        guard let text = try? UTF8Span(validating: bytes.extracting(start..<start + count)) else {
            throw DecodeFailure(.badUTF8, at: start)
        }
        return String(copying: text)
    }

    /// Throws unless everything was read.
    public func finish() throws(DecodeFailure) {
        guard remaining == 0 else { throw DecodeFailure(.trailingBytes, at: offset) }
    }

    // MARK: Tagged fields

    /// The tagged fields that end a structure: a count, then (tag, size, bytes) by rising tag.
    public struct Tagged: Sendable {
        var left: Int
        var lastTag = -1
        var fieldEnd = 0
        var outerEnd = 0
        var tag = 0

        /// Opens the next field; nil after the last one.
        public mutating func next(of bytes: Span<UInt8>, at cursor: inout Cursor) throws(DecodeFailure) -> Int? {
            guard left > 0 else { return nil }
            left -= 1
            let start = cursor.offset
            tag = try cursor.varint(of: bytes)
            guard tag > lastTag else { throw DecodeFailure(.tagsOutOfOrder, at: start) }
            lastTag = tag
            let size = try cursor.varint(of: bytes)
            guard size <= cursor.remaining else { throw DecodeFailure(.truncated, at: cursor.offset) }
            fieldEnd = cursor.offset + size
            outerEnd = cursor.end
            cursor.end = fieldEnd
            return tag
        }

        /// Passes over a field that is not known. Odd tags may be ignored; even ones change the meaning of the rest.
        public func skipUnknown(at cursor: inout Cursor) throws(DecodeFailure) {
            guard !tag.isMultiple(of: 2) else { throw DecodeFailure(.unknownRequiredTag, at: cursor.offset) }
            cursor.offset = fieldEnd
        }

        /// Closes the field: what was read must have been all of it.
        public func finish(at cursor: inout Cursor) throws(DecodeFailure) {
            guard cursor.offset == fieldEnd else { throw DecodeFailure(.trailingBytes, at: cursor.offset) }
            cursor.end = outerEnd
        }
    }

    /// Begins the tagged fields. Each takes at least two bytes.
    public mutating func tagged(of bytes: Span<UInt8>) throws(DecodeFailure) -> Tagged {
        Tagged(left: try count(of: bytes, itemBytesMin: 2))
    }

    /// Reads the tagged fields of a structure that knows none.
    public mutating func skipTagged(of bytes: Span<UInt8>) throws(DecodeFailure) {
        var tags = try tagged(of: bytes)
        while try tags.next(of: bytes, at: &self) != nil {
            try tags.skipUnknown(at: &self)
            try tags.finish(at: &self)
        }
    }
}
