extension OperationKey {
    /// A UUIDv7 (RFC 9562): 48 bits of milliseconds since 1970, version 7, 74 random bits.
    ///
    /// - Parameters:
    ///   - instant: the server's time, as welcome gave it and the client's own clock carried it on.
    ///   - random: sixteen random bytes; the bits that the layout fixes are overwritten.
    public init(at instant: Instant, random: Bytes16) {
        let milliseconds = UInt64(clamping: instant.rawValue / 1_000) & 0xFFFF_FFFF_FFFF
        self.init(
            Bytes16(
                high: milliseconds << 16 | 0x7000 | (random.high & 0x0FFF),
                low: 0x8000_0000_0000_0000 | (random.low & 0x3FFF_FFFF_FFFF_FFFF)))
    }

    /// When it was stamped; nil when it is not a UUIDv7.
    public var stampedAt: Instant? {
        guard rawValue.high >> 12 & 0xF == 7, rawValue.low >> 62 == 0b10 else { return nil }
        return Instant(Int64(rawValue.high >> 16) * 1_000)
    }
}

extension WireScalar where RawValue == Bytes16 {
    /// A fresh random value from the system's generator.
    public static func random() -> Self {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// A fresh random value from this generator.
    public static func random(using generator: inout some RandomNumberGenerator) -> Self {
        Self(Bytes16(high: generator.next(), low: generator.next()))
    }
}

extension WireScalar where RawValue == Bytes32 {
    /// A fresh random value from the system's generator, which on Linux and Apple platforms is cryptographic.
    public static func random() -> Self {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// A fresh random value from this generator.
    public static func random(using generator: inout some RandomNumberGenerator) -> Self {
        let first = Bytes16(high: generator.next(), low: generator.next())
        return Self(Bytes32(first: first, second: Bytes16(high: generator.next(), low: generator.next())))
    }
}
