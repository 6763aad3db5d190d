#if canImport(CryptoKit)
    import CryptoKit
#else
    import CSodium
#endif

extension Digest {
    /// The SHA-256 of these bytes.
    public init(hashing bytes: [UInt8]) {
        #if canImport(CryptoKit)
            let digest = Array(SHA256.hash(data: bytes))
        #else
            // libsodium writes exactly the 32 bytes of the buffer, and needs no initialisation for a plain hash.
            var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
            crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
        #endif
        self.init(Bytes32(digest)!)
    }
}
