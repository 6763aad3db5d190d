// What all connections of one side share: the versions, the protocol's name, and either whose certificate is shown or
// whose are believed.
//
//     version      TLS 1.3, nothing else: each older one has choices that are wrong
//     ALPN         boxoffice/1. A client that does not ask for it, and a server that does not take it, are refused:
//                  what is spoken here cannot be mistaken for what is spoken on another port with the same certificate
//     resumption   none, neither tickets nor early data: early data can be sent twice by somebody in between, and a
//                  whole handshake costs a core about half a millisecond
//     client       shows no certificate: members log in, over the connection

import COpenSSL

/// The names by which protocols are asked for in a TLS handshake.
public enum TLSProtocolName {
    /// The box office's, in its first version.
    public static let boxOffice = "boxoffice/1"
}

/// OpenSSL's `SSL_CTX`, ready for connections.
///
/// `@unchecked Sendable`: it is changed before anybody else has it, and only read and counted afterwards, which
/// OpenSSL does safely from all threads.
public final class TLSContext: @unchecked Sendable {
    /// What a client believes.
    enum Belief: Sendable {
        /// Certificates that those in the context's store have signed, for the right name.
        case signed
        /// This one certificate, whatever is in it.
        case pinned(CertificateFingerprint)
    }

    let pointer: OpaquePointer
    let belief: Belief

    /// A context for one side, with everything that does not depend on certificates.
    private init(_ method: OpaquePointer?, _ belief: Belief) throws(TLSSetupFailure) {
        guard OpenSSLLibrary.isStarted, let method, let pointer = SSL_CTX_new(method) else {
            throw .last("cannot start OpenSSL")
        }
        self.pointer = pointer
        self.belief = belief
        copenssl_set_defaults(pointer)
        guard copenssl_set_only_version(pointer, TLS1_3_VERSION) == 1 else { throw .last("TLS 1.3 is not available") }
        SSL_CTX_set_num_tickets(pointer, 0)
        SSL_CTX_set_max_early_data(pointer, 0)
    }

    deinit { SSL_CTX_free(pointer) }

    /// The protocol's name as it travels: its length before it.
    private static let protocolList: [UInt8] =
        [UInt8(TLSProtocolName.boxOffice.utf8.count)] + TLSProtocolName.boxOffice.utf8

    // MARK: Server

    /// For a server that shows `certificates`, its own first and then those that lead to a root.
    static func server(_ certificates: [Certificate], key: PrivateKey) throws(TLSSetupFailure) -> TLSContext {
        let context = try TLSContext(TLS_server_method(), .signed)
        guard let own = certificates.first, SSL_CTX_use_certificate(context.pointer, own.pointer) == 1,
            certificates.dropFirst().allSatisfy({ copenssl_add_chain_certificate(context.pointer, $0.pointer) == 1 })
        else { throw .last("the certificate is of no use") }
        ERR_clear_error()
        guard SSL_CTX_use_PrivateKey(context.pointer, key.pointer) == 1, SSL_CTX_check_private_key(context.pointer) == 1
        else {
            ERR_clear_error()
            throw TLSSetupFailure("the key does not belong to the certificate")
        }
        SSL_CTX_set_alpn_select_cb(context.pointer, Self.selectProtocol, nil)
        SSL_CTX_set_client_hello_cb(context.pointer, Self.clientSaidHello, nil)
        return context
    }

    /// Called when the client names protocols.
    private static let selectProtocol: SSL_CTX_alpn_select_cb_func = {
        _, chosen, chosenLength, offered, offeredLength, _ in
        // The choice points into what the client sent, which OpenSSL keeps until it has read the choice.
        var start: UnsafeMutablePointer<UInt8>?
        let isFound = TLSContext.protocolList.withUnsafeBufferPointer {
            SSL_select_next_proto(&start, chosenLength, offered, offeredLength, $0.baseAddress, UInt32($0.count))
                == OPENSSL_NPN_NEGOTIATED
        }
        guard isFound else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        chosen?.pointee = UnsafePointer(start)
        return SSL_TLSEXT_ERR_OK
    }

    /// Called with each ClientHello: who does not name protocols at all would not come to `selectProtocol`.
    private static let clientSaidHello: SSL_client_hello_cb_fn = { ssl, alert, _ in
        var start: UnsafePointer<UInt8>?
        var count = 0
        let hasNames = SSL_client_hello_get0_ext(
            ssl, UInt32(TLSEXT_TYPE_application_layer_protocol_negotiation), &start, &count)
        // A client of an older version is told so, whatever it asks for.
        let isModern = SSL_client_hello_get0_ext(ssl, UInt32(TLSEXT_TYPE_supported_versions), &start, &count) == 1
        if hasNames == 1 || !isModern { return SSL_CLIENT_HELLO_SUCCESS }
        alert?.pointee = SSL_AD_NO_APPLICATION_PROTOCOL
        return SSL_CLIENT_HELLO_ERROR
    }

    // MARK: Client

    /// For a client that believes `trust`.
    public static func client(_ trust: TLSTrust) throws(TLSSetupFailure) -> TLSContext {
        let belief: Belief = if case .pinned(let fingerprint) = trust { .pinned(fingerprint) } else { .signed }
        let context = try TLSContext(TLS_client_method(), belief)
        switch trust {
        case .system:
            guard SSL_CTX_set_default_verify_paths(context.pointer) == 1 else {
                throw .last("the system's certificates cannot be read")
            }
        case .file(let path):
            guard let store = SSL_CTX_get_cert_store(context.pointer) else { throw .last("OpenSSL has no store") }
            for certificate in try Certificate.read(from: path) {
                guard X509_STORE_add_cert(store, certificate.pointer) == 1 else {
                    throw .last("\(path) cannot be used")
                }
            }
        case .pinned: break
        }
        SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER, nil)
        SSL_CTX_set_cert_verify_callback(context.pointer, Self.verify, nil)
        let isSet = protocolList.withUnsafeBufferPointer {
            SSL_CTX_set_alpn_protos(context.pointer, $0.baseAddress, UInt32($0.count)) == 0
        }
        guard isSet else { throw .last("ALPN is not available") }
        // The system's store may have left complaints about single files behind.
        ERR_clear_error()
        return context
    }

    /// Called with the server's chain. What is found is told to the connection, which tells its user.
    private static let verify: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { store, _ in
        guard let store, let certificate = X509_STORE_CTX_get0_cert(store),
            let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
            let owner = copenssl_owner(OpaquePointer(ssl))
        else { return 0 }
        // Unretained: OpenSSL calls back only from inside a call that the filter makes.
        let filter = Unmanaged<TLSFilter>.fromOpaque(owner).takeUnretainedValue()
        let fingerprint = CertificateFingerprint(of: certificate)
        switch filter.context.belief {
        case .pinned(let pin):
            if fingerprint == pin { return 1 }
            filter.refusedCertificate = CertificateRefusal(.changed(pinned: pin), fingerprint)
            X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED)
            return 0
        case .signed:
            if X509_verify_cert(store) == 1 { return 1 }
            filter.refusedCertificate = CertificateRefusal(
                verifyError: X509_STORE_CTX_get_error(store), fingerprint)
            return 0
        }
    }
}

/// OpenSSL itself.
enum OpenSSLLibrary {
    /// Starts it, once, before anything else of it is used: otherwise it starts itself, and tears itself down when the
    /// process exits, while other threads may still be closing connections.
    static let isStarted = copenssl_start() == 1
}

/// Which servers a client believes.
public enum TLSTrust: Hashable, Sendable {
    /// Those whose certificate somebody in the system's store has signed, for the name that was asked for.
    case system
    /// Those whose certificate somebody in this PEM file has signed, or is itself in it, for the name that was asked for.
    case file(String)
    /// The one that has this certificate. Neither its name nor its dates matter: it is exactly this one.
    case pinned(CertificateFingerprint)
}

/// Why TLS cannot be set up as it was asked for, in words for whoever asked.
public struct TLSSetupFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line.
    public let description: String

    init(_ description: String) { self.description = description }

    /// With OpenSSL's reason, when it has left one.
    static func last(_ what: String) -> TLSSetupFailure {
        let code = ERR_get_error()
        ERR_clear_error()
        return TLSSetupFailure(code == 0 ? what : "\(what): \(TLSFailure.reasonText(code))")
    }
}
