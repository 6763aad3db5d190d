import BoxOfficeProtocol
import CSodium

/// The SHA-256 of bytes, without the server's own code.
func sha256(_ bytes: [UInt8]) -> Bytes32 {
    var digest = [UInt8](repeating: 0, count: 32)
    crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
    return Bytes32(digest)!
}
