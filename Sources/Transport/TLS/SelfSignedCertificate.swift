// A certificate for a server that nobody has signed one for: whoever connects compares its fingerprint once, and is
// told when it changes.
//
//     key          EC P-256, 0600
//     names        what it may be called: localhost, 127.0.0.1, ::1 and those given
//     use          TLS server; not a CA, so that a stolen key vouches for nobody else

import COpenSSL

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A new self-signed certificate and its key, as PEM.
public struct SelfSignedCertificate {
    /// The certificate, which everybody may have.
    public let certificate: [UInt8]
    /// Its private key. Secret.
    public let key: [UInt8]
    /// What clients may pin.
    public let fingerprint: CertificateFingerprint

    /// Names that every one has.
    public static let localNames = ["localhost", "127.0.0.1", "::1"]
    /// How long one is good, at most.
    public static let daysMax = 36_500
    /// Names in one certificate at most, beside the local ones.
    public static let namesMax = 100

    /// Makes one for these names and numeric addresses, good from a day before `now` (seconds since 1970): the clocks of
    /// clients may be behind.
    public init(names: [String], days: Int, now: Int64) throws(TLSSetupFailure) {
        guard (1...Self.daysMax).contains(days) else {
            throw TLSSetupFailure("a certificate is good for 1 to \(Self.daysMax) days")
        }
        guard names.count <= Self.namesMax else {
            throw TLSSetupFailure("a certificate has at most \(Self.namesMax) names")
        }
        guard OpenSSLLibrary.isStarted else { throw .last("cannot start OpenSSL") }
        ERR_clear_error()
        guard let pointer = X509_new(), let made = copenssl_make_p256_key() else { throw .last("no key can be made") }
        let (certificate, key) = (Certificate(owning: pointer), PrivateKey(owning: made))
        let begins = time_t(now - 86_400)
        guard X509_set_version(pointer, 2) == 1,  // counted from 0: version 3
            Self.setSerialNumber(of: pointer), X509_set_pubkey(pointer, made) == 1,
            ASN1_TIME_adj(X509_getm_notBefore(pointer), begins, 0, 0) != nil,
            ASN1_TIME_adj(X509_getm_notAfter(pointer), begins, Int32(days + 1), 0) != nil,
            Self.setName(of: pointer)
        else { throw .last("the certificate cannot be made") }
        try Self.extend(pointer, NID_basic_constraints, "critical,CA:FALSE")
        try Self.extend(pointer, NID_key_usage, "critical,digitalSignature")
        try Self.extend(pointer, NID_ext_key_usage, "serverAuth")
        try Self.extend(pointer, NID_subject_key_identifier, "hash")
        try Self.extend(pointer, NID_subject_alt_name, try Self.subjects(names))
        guard X509_sign(pointer, made, EVP_sha256()) > 0 else { throw .last("the certificate cannot be signed") }
        self.certificate = try Self.pem { PEM_write_bio_X509($0, pointer) }
        self.key = try Self.pem { PEM_write_bio_PrivateKey($0, made, nil, nil, 0, nil, nil) }
        fingerprint = certificate.fingerprint
        withExtendedLifetime(key) {}
    }

    /// 127 random bits, as nobody counts these certificates.
    private static func setSerialNumber(of certificate: OpaquePointer) -> Bool {
        guard let number = BN_new() else { return false }
        defer { BN_free(number) }
        return BN_rand(number, 127, 0, 0) == 1
            && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
    }

    /// For people who look at it. Programs look at the alternative names only.
    private static func setName(of certificate: OpaquePointer) -> Bool {
        let name = X509_get_subject_name(certificate)
        return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, "BoxOffice", -1, -1, 0) == 1
            && X509_set_issuer_name(certificate, name) == 1
    }

    /// The alternative names in OpenSSL's words. A name is checked: a comma in one would begin another entry.
    private static func subjects(_ names: [String]) throws(TLSSetupFailure) -> String {
        var entries: [String] = []
        for name in localNames + names {
            let isAddress = (try? SocketAddress(name.contains(":") ? "[\(name)]:0" : "\(name):0")) != nil
            guard isAddress || isHostName(name) else {
                throw TLSSetupFailure("\(name) is neither a host's name nor a numeric address")
            }
            let entry = isAddress ? "IP:\(name)" : "DNS:\(name)"
            if !entries.contains(entry) { entries.append(entry) }
        }
        return entries.joined(separator: ",")
    }

    /// Letters, digits and hyphens between dots; the first part may be a star.
    private static func isHostName(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count) else { return false }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.enumerated().allSatisfy { index, part in
            if index == 0, part == "*", parts.count > 2 { return true }
            return (1...63).contains(part.utf8.count) && !part.hasPrefix("-") && !part.hasSuffix("-")
                && part.utf8.allSatisfy { $0 == 0x2D || isLetterOrDigit($0) }
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func extend(_ certificate: OpaquePointer, _ kind: Int32, _ value: String) throws(TLSSetupFailure) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, certificate, certificate, nil, nil, 0)
        guard let made = X509V3_EXT_conf_nid(nil, &context, kind, value) else {
            throw .last("the certificate's \(value) cannot be made")
        }
        defer { X509_EXTENSION_free(made) }
        guard X509_add_ext(certificate, made, -1) == 1 else {
            throw .last("the certificate's \(value) cannot be added")
        }
    }

    private static func pem(_ write: (OpaquePointer) -> Int32) throws(TLSSetupFailure) -> [UInt8] {
        guard let memory = BIO_new(BIO_s_secmem()) else { throw .last("no memory for a PEM file") }
        defer { BIO_free(memory) }
        guard write(memory) == 1 else { throw .last("the certificate cannot be written") }
        var start: UnsafeRawPointer?
        let count = copenssl_memory_bytes(memory, &start)
        return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    // MARK: Files

    /// Writes both files, the key for its owner only. Nothing is overwritten: a key that is lost cannot be made again.
    public func write(certificate certificatePath: String, key keyPath: String) throws(TLSSetupFailure) {
        try Self.write(key, to: keyPath, mode: 0o600)
        do throws(TLSSetupFailure) {
            try Self.write(certificate, to: certificatePath, mode: 0o644)
        } catch {
            unlink(keyPath)
            throw error
        }
    }

    private static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(TLSSetupFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else {
            let error = SystemError.last(in: "open")
            throw TLSSetupFailure(error.number == EEXIST ? "\(path) is there already" : "\(path): \(error)")
        }
        defer { close(descriptor) }
        let isWritten = bytes.withUnsafeBytes { Self.writeAll(descriptor, $0) }
        guard isWritten, fsync(descriptor) == 0 else {
            let error = SystemError.last(in: "write")
            unlink(path)
            throw TLSSetupFailure("\(path): \(error)")
        }
    }

    private static func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = writeBytes(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
        return true
    }
}

/// write(2), which the structure's own `write` hides.
private func writeBytes(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, start, count)
}
