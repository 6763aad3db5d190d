// TLS keeps others from reading along; that it is the right server at the other end is what a certificate is for.
//
//     .system       somebody whom this system trusts has signed it, for the host that was asked for
//     .file(path)   somebody whose certificate is in that PEM file has, or it is in the file itself
//     .pinned(…)    it is exactly this one: for a certificate that nobody has signed, as SSH does it
//
// A server that does not prove who it is gets nothing from us: no name, no token, no request. Trying again would not make
// it another one, so the client closes, and everybody who waits is told at once:
//
//     certificateUnknown    nobody who is trusted has signed it; `BoxOfficeError.certificate` may be pinned, if it is the
//                           one that the server's operator names
//     certificateInvalid    expired, for another host, not for servers…
//     certificateChanged    it is not the one that was pinned
//     trustUnusable         the PEM file cannot be read, or there is nothing in it
//     tlsFailed             the other end speaks no TLS 1.3, or not this protocol; tried a few times

import BoxOfficeTransport

/// Which server a client believes to be the right one.
public typealias ServerTrust = BoxOfficeTransport.TLSTrust
/// The SHA-256 of a certificate, by which people compare certificates.
public typealias CertificateFingerprint = BoxOfficeTransport.CertificateFingerprint

extension BoxOfficeError {
    /// Why there is no TLS, and no sense in trying again; nil when the failure is one of the way.
    init?(_ failure: TLSFailure, at address: ServerAddress) {
        switch failure {
        case .certificate(let refusal):
            self.init(refusal, at: address)
        case .truncated, .timedOut: return nil
        case .notTLS, .version, .noProtocol, .alert, .handshakeTooLong, .unread, .broken:
            self.init("tlsFailed", "\(address): \(failure).")
        }
    }

    private init(_ refusal: CertificateRefusal, at address: ServerAddress) {
        switch refusal.reason {
        case .unknownIssuer:
            self.init(
                "certificateUnknown",
                "Nobody who is trusted here has signed the certificate of \(address), \(refusal.fingerprint).",
                retry: .never)
        case .changed(let pinned):
            self.init(
                "certificateChanged",
                "The certificate of \(address) is not the one that is known here. Pinned is \(pinned), shown was "
                    + "\(refusal.fingerprint).", retry: .never)
            pinnedCertificate = pinned
        case .invalid(let why):
            self.init(
                "certificateInvalid", "The certificate of \(address) is not good: \(why) (\(refusal.fingerprint)).",
                retry: .never)
        }
        certificate = refusal.fingerprint
    }

    /// What the client is told to trust is of no use.
    static func trustUnusable(_ failure: TLSSetupFailure) -> Self {
        Self("trustUnusable", "\(failure.description).", retry: .never)
    }
}
