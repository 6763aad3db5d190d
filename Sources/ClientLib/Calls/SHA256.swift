#if canImport(CryptoKit)
    import CryptoKit
#else
    import CSodium
#endif

/// The digest that an upload is announced with.
func sha256(_ bytes: [UInt8]) -> Digest {
    #if canImport(CryptoKit)
        let digest = Array(SHA256.hash(data: bytes))
    #else
        // libsodium writes exactly the 32 bytes of the buffer, and needs no initialisation for a plain hash.
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
    #endif
    return Digest(Bytes32(digest) ?? Bytes32(first: Bytes16(high: 0, low: 0), second: Bytes16(high: 0, low: 0)))
}
