import COpenSSL

/// Why a connection that was to be encrypted is not, or is not any more.
public enum TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the peer sent first is no TLS.
    case notTLS
    /// The peer speaks no version of TLS that is spoken here: 1.3 only.
    case version
    /// The peer does not say, or not take, that it speaks this protocol (ALPN, `TLSProtocolName.boxOffice`).
    case noProtocol
    /// The server's certificate does not prove who it is.
    case certificate(CertificateRefusal)
    /// The peer refused, with this alert of RFC 8446.
    case alert(Int32)
    /// The handshake took more bytes than `TLSFilter.handshakeBytesMax`.
    case handshakeTooLong
    /// The handshake was not done in time.
    case timedOut
    /// The stream ended without the peer's close_notify: somebody may have cut it off.
    case truncated
    /// The peer makes this side send (it may ask for new keys) and reads none of it.
    case unread
    /// Something else that TLS does not allow, in OpenSSL's words.
    case broken(String)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .notTLS: "the peer does not speak TLS"
        case .version: "the peer does not speak TLS 1.3"
        case .noProtocol: "the peer does not offer the protocol \(TLSProtocolName.boxOffice) (ALPN)"
        case .certificate(let refusal): refusal.description
        case .alert(let number): "the peer refused TLS: \(String(cString: SSL_alert_desc_string_long(number)))"
        case .handshakeTooLong: "the TLS handshake is too long"
        case .timedOut: "the TLS handshake was not done in time"
        case .truncated: "the connection was cut off without a TLS goodbye"
        case .unread: "the peer asks for more than it reads"
        case .broken(let why): "TLS failed: \(why)"
        }
    }

    /// The failure behind what OpenSSL has just put into this thread's error queue, which is empty afterwards.
    static func last(inHandshake: Bool) -> TLSFailure {
        // The first error is the cause, those after it are how it was passed on.
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return .broken("an unknown error") }
        let reason = ERR_GET_REASON(code)
        if ERR_GET_LIB(code) == ERR_LIB_SSL {
            if reason > SSL_AD_REASON_OFFSET { return .alert(reason - SSL_AD_REASON_OFFSET) }
            switch reason {
            case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST,
                SSL_R_RECORD_LENGTH_MISMATCH:
                if inHandshake { return .notTLS }
            // The second is what `TLSContext.clientSaidHello` leads to.
            case SSL_R_NO_APPLICATION_PROTOCOL, SSL_R_CALLBACK_FAILED: return .noProtocol
            case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_NO_PROTOCOLS_AVAILABLE: return .version
            default: break
            }
        }
        return .broken(reasonText(code))
    }

    static func reasonText(_ code: UInt) -> String {
        ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
    }
}

/// What is wrong with a server's certificate.
public struct CertificateRefusal: Hashable, Sendable, CustomStringConvertible {
    /// The kind of it.
    public enum Reason: Hashable, Sendable {
        /// Nobody who is trusted here has signed it: a self-signed one may be pinned instead.
        case unknownIssuer
        /// It is not the one that was pinned.
        case changed(pinned: CertificateFingerprint)
        /// Another reason, in OpenSSL's words: expired, for another host, revoked…
        case invalid(String)
    }

    /// Why it is refused.
    public var reason: Reason
    /// The certificate that was shown.
    public var fingerprint: CertificateFingerprint

    /// The reason, for people.
    public var description: String {
        switch reason {
        case .unknownIssuer: "nobody who is trusted here has signed the server's certificate (\(fingerprint))"
        case .changed(let pinned): "the server's certificate is \(fingerprint), not the pinned \(pinned)"
        case .invalid(let why): "the server's certificate is not good: \(why) (\(fingerprint))"
        }
    }

    /// What `X509_verify_cert` found.
    init(verifyError error: Int32, _ fingerprint: CertificateFingerprint) {
        self.fingerprint = fingerprint
        switch error {
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            reason = .unknownIssuer
        default:
            reason = .invalid(String(cString: X509_verify_cert_error_string(Int(error))))
        }
    }

    init(_ reason: Reason, _ fingerprint: CertificateFingerprint) {
        self.reason = reason
        self.fingerprint = fingerprint
    }
}
