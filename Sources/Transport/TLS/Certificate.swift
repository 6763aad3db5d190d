import COpenSSL

/// A certificate that OpenSSL holds for us.
final class Certificate {
    let pointer: OpaquePointer

    /// Takes over the reference.
    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_free(pointer) }

    var fingerprint: CertificateFingerprint { CertificateFingerprint(of: pointer) }

    /// When it ends, seconds since 1970; nil when its date cannot be read.
    var notAfterSeconds: Int64? {
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard let epoch = ASN1_TIME_set(nil, 0) else { return nil }
        defer { ASN1_STRING_free(epoch) }
        guard ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(pointer)) == 1 else { return nil }
        return Int64(days) * 86_400 + Int64(seconds)
    }

    /// The certificates of a PEM file, in order; at least one.
    static func read(from path: String) throws(TLSSetupFailure) -> [Certificate] {
        var certificates: [Certificate] = []
        let failure: TLSSetupFailure? = try PEMFile.read(path, access: .public).withMemory { memory in
            // What is not a certificate between them, as text for people, is passed over.
            while let pointer = PEM_read_bio_X509(memory, nil, PEMFile.noPassword, nil) {
                certificates.append(Certificate(owning: pointer))
            }
            return PEMFile.failure(path, certificates.isEmpty ? "has no certificate" : nil)
        }
        if let failure { throw failure }
        return certificates
    }
}

/// A private key that OpenSSL holds for us.
final class PrivateKey {
    let pointer: OpaquePointer

    /// Takes over the reference.
    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    /// The key of a PEM file. One that is locked with a password is refused: nobody is there to type it.
    static func read(from path: String) throws(TLSSetupFailure) -> PrivateKey {
        var key: PrivateKey?
        let failure: TLSSetupFailure? = try PEMFile.read(path, access: .secret).withMemory { memory in
            key = PEM_read_bio_PrivateKey(memory, nil, PEMFile.noPassword, nil).map { PrivateKey(owning: $0) }
            return key == nil ? PEMFile.failure(path, "has no private key that can be read without a password") : nil
        }
        guard failure == nil, let key else { throw failure ?? TLSSetupFailure("\(path) has no private key") }
        return key
    }
}
