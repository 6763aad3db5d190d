import BoxOfficeProtocol

/// An argon2id string in memory: with the usual cost only its salt and its digest are kept, in place. As a string it takes
/// three times as much, and every member has one.
enum PasswordHash: Hashable, Sendable {
    case usual(salt: Bytes16, digest: Bytes32)
    case other(String)

    /// What strings of the usual cost begin with.
    private static let usualPrefix = "$argon2id$v=19$m=19456,t=2,p=1$"
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8: UInt32] = Dictionary(
        uniqueKeysWithValues: alphabet.enumerated().map { ($1, UInt32($0)) })

    init(_ text: String) {
        self = .other(text)
        guard text.hasPrefix(Self.usualPrefix) else { return }
        let parts = text.utf8.dropFirst(Self.usualPrefix.utf8.count).split(separator: UInt8(ascii: "$"))
        guard parts.count == 2, let salt = Bytes16(Self.bytes(of: parts[0])),
            let digest = Bytes32(Self.bytes(of: parts[1]))
        else { return }
        let short = PasswordHash.usual(salt: salt, digest: digest)
        // Only when it comes out again as it went in.
        if short.text == text { self = short }
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

    private static func bytes(of text: Substring.UTF8View) -> [UInt8] {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for character in text {
            guard let value = values[character] else { return [] }
            bits = (bits << 6 | value) & 0xFFFF
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> count))
        }
        return bytes
    }
}
