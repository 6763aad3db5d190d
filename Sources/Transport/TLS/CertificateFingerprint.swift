import COpenSSL

/// The SHA-256 of a certificate, by which people compare certificates: `SHA256:` and 64 hexadecimal digits.
///
/// The same digits as `openssl x509 -noout -fingerprint -sha256` prints; colons between them and upper case are read too.
public struct CertificateFingerprint: Hashable, Sendable, LosslessStringConvertible {
    /// 32 of them. What a certificate is known by is no secret.
    let bytes: [UInt8]

    /// The fingerprint of a certificate that OpenSSL holds.
    init(of certificate: OpaquePointer) {
        bytes = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { room, count in
            var length: UInt32 = 0
            // Fails on a missing digest or memory only; then it is empty, and no pin is.
            let isMade = X509_digest(certificate, EVP_sha256(), room.baseAddress, &length) == 1
            count = isMade ? Int(length) : 0
        }
    }

    /// Reads the text; nil when it is something else.
    public init?(_ text: String) {
        let prefix = "sha256:"
        guard text.lowercased().hasPrefix(prefix) else { return nil }
        let digits = text.dropFirst(prefix.count).filter { $0 != ":" }
        guard digits.utf8.count == 64 else { return nil }
        var bytes: [UInt8] = []
        var rest = digits[...]
        while !rest.isEmpty {
            // Two digits, not what an integer may look like otherwise: "+1" is none.
            guard rest.prefix(2).allSatisfy(\.isHexDigit), let byte = UInt8(rest.prefix(2), radix: 16) else {
                return nil
            }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        self.bytes = bytes
    }

    /// As `init(_:)` reads it, in lower case without colons.
    public var description: String {
        let digits = Array("0123456789abcdef")
        return "SHA256:" + String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
