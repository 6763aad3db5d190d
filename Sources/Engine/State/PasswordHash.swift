import BoxOfficeProtocol

/// An argon2id string in memory: with the usual cost only its salt and its digest are kept, in place. As a string it takes
/// three times as much, and every member has one.
enum PasswordHash: Hashable, Sendable {
    case usual(salt: Bytes16, digest: Bytes32)
    case other(String)

    /// What strings of the usual cost begin with.
    private static let usualPrefix = "$argon2id$v=19$m=19456,t=2,p=1$"
    private static let usualBytes = Array(usualPrefix.utf8)
    fileprivate static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    init(_ text: String) { self = Self.usual(text) ?? .other(text) }

    /// Nil unless it would come out again as it went in. A start reads as many as there are members, so it is read in one
    /// pass.
    private static func usual(_ text: String) -> PasswordHash? {
        var reader = Base64Reader(text.utf8)
        guard reader.skip(usualBytes), let salt = reader.bytes16(), reader.ends(with: UInt8(ascii: "$")),
            let first = reader.bytes16(), let second = reader.bytes16(), reader.ends(with: nil)
        else { return nil }
        return .usual(salt: salt, digest: Bytes32(first: first, second: second))
    }

    var text: String {
        switch self {
        case .usual(let salt, let digest):
            Self.usualPrefix + Self.base64(salt.bytes) + "$" + Self.base64(digest.bytes)
        case .other(let text): text
        }
    }

    /// Base64 without padding, as argon2 strings have it.
    private static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for digit in 0...group.count { text.append(alphabet[Int(bits >> UInt32(18 - 6 * digit) & 63)]) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Reads base64 without padding from the bytes of a text.
private struct Base64Reader {
    /// By the byte of a digit; `noDigit` for others.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: noDigit, count: 256)
        for (value, byte) in PasswordHash.alphabet.enumerated() { values[Int(byte)] = UInt8(value) }
        return values
    }()
    private static let noDigit: UInt8 = 64

    private let values = Self.values
    /// An array: its bytes are read faster than through the string's own iterator.
    private let text: [UInt8]
    private var at = 0
    private var bits: UInt64 = 0
    /// Bits that were read and not given out yet, the last of `bits`.
    private var left: UInt64 = 0

    init(_ text: String.UTF8View) { self.text = Array(text) }

    mutating func skip(_ prefix: [UInt8]) -> Bool {
        at += prefix.count
        return text.starts(with: prefix)
    }

    mutating func bytes16() -> Bytes16? {
        guard let high = word(), let low = word() else { return nil }
        return Bytes16(high: high, low: low)
    }

    /// Whether a byte, or the end, comes now that a value was read, of which no bits are left over.
    mutating func ends(with byte: UInt8?) -> Bool {
        defer { (at, left) = (at + 1, 0) }
        return bits & (1 << left - 1) == 0 && (at < text.count ? text[at] : nil) == byte
    }

    private mutating func word() -> UInt64? {
        var word: UInt64 = 0
        for _ in 0..<8 {
            while left < 8 {
                guard at < text.count else { return nil }
                let value = values[Int(text[at])]
                guard value != Self.noDigit else { return nil }
                at += 1
                bits = bits << 6 | UInt64(value)
                left += 6
            }
            left -= 8
            word = word << 8 | bits >> left & 0xFF
        }
        return word
    }
}
