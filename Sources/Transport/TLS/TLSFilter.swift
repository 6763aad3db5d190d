// TLS for one connection, between the socket's bytes and the handler's. No socket, no clock, no queue: bytes go in, bytes
// come out, and `phase` says how far it is. Whoever owns it sends `ciphertext` and closes when it has failed.
//
//     socket ──▶ received ──▶ plaintext, into the caller's room
//     outbox ──▶ write    ──▶ ciphertext ──▶ socket
//
//     handshaking ──▶ open ──peer's close_notify──▶ ended
//          └───────────┴──────────▶ failed, perhaps with an alert in `ciphertext`
//
// OpenSSL reads and writes through a BIO of our own rather than its memory BIOs: those keep for ever a buffer as large as
// the largest burst they have carried, and an idle connection would cost three times as much.

import COpenSSL

/// One side of one encrypted connection. Confined to whoever owns it.
final class TLSFilter {
    enum Phase: Equatable {
        case handshaking
        case open
        /// The peer has said that it sends nothing more. What is written still reaches it.
        case ended
        case failed(TLSFailure)
    }

    /// What a peer may send before the handshake is done. A ClientHello has a few hundred bytes; a server's chain some
    /// thousands.
    static let serverHandshakeBytesMax = 16 * 1024
    static let clientHandshakeBytesMax = 128 * 1024
    /// The longest record there is: five bytes, the text, and what encryption adds. As much may be kept unfinished.
    static let recordBytesMax = 5 + 16 * 1024 + 256

    /// With more than this unsent, nothing more is taken in: each request for new keys adds an answer to it.
    static let unsentBytesMax = 128 * 1024

    private(set) var phase = Phase.handshaking
    let context: TLSContext
    /// What there is to be sent, in order.
    private(set) var ciphertext: [UInt8] = []
    /// What the verification of the server's certificate has found, when it has found something.
    var refusedCertificate: CertificateRefusal?

    let ssl: OpaquePointer
    private let handshakeBytesMax: Int
    private var handshakeBytes = 0
    private var hasFinished = false
    private var hasReadTooMuch = false
    /// What came from the socket and OpenSSL has not read yet. Only set while a call is on its way.
    private var input = UnsafeRawBufferPointer(start: nil, count: 0)

    /// The server's side. Nil when there is no memory for it.
    static func server(_ context: TLSContext) -> TLSFilter? {
        TLSFilter(context, handshakeBytesMax: serverHandshakeBytesMax) { SSL_set_accept_state($0) }
    }

    /// The client's side, for the server that is called `host`: a name or a numeric address. Its first words are in
    /// `ciphertext` at once.
    static func client(_ context: TLSContext, host: String) -> TLSFilter? {
        let filter = TLSFilter(context, handshakeBytesMax: clientHandshakeBytesMax) { SSL_set_connect_state($0) }
        guard let filter, filter.expect(host) else { return nil }
        filter.shakeHands()
        return filter
    }

    private init?(_ context: TLSContext, handshakeBytesMax: Int, _ begin: (OpaquePointer) -> Void) {
        guard let ssl = SSL_new(context.pointer) else {
            ERR_clear_error()
            return nil
        }
        self.ssl = ssl
        self.context = context
        self.handshakeBytesMax = handshakeBytesMax
        guard let bio = FilterBIO.make() else { return nil }
        // Unretained: OpenSSL calls back only from inside a call that this object makes.
        let owner = Unmanaged.passUnretained(self).toOpaque()
        copenssl_set_owner(ssl, owner)
        BIO_set_data(bio, owner)
        // Both directions, one reference, which is OpenSSL's from here on.
        SSL_set_bio(ssl, bio, bio)
        begin(ssl)
    }

    deinit { SSL_free(ssl) }

    /// Whose certificate the server has to show.
    private func expect(_ host: String) -> Bool {
        // A scope belongs to this machine, not to the address: fe80::1%eth0. A dot at the end says that a name is whole,
        // and is in no certificate.
        var host = String(host.prefix { $0 != "%" })
        if host.hasSuffix(".") { host.removeLast() }
        let parameters = SSL_get0_param(ssl)
        X509_VERIFY_PARAM_set_hostflags(
            parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
        if X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1 { return true }
        ERR_clear_error()
        return X509_VERIFY_PARAM_set1_host(parameters, host, 0) == 1 && copenssl_set_server_name(ssl, host) == 1
    }

    // MARK: From the socket

    /// Takes in what came from the socket, all of it, and puts what it says into `room`. Returns how many bytes that are.
    ///
    /// Before the handshake is done, and after the peer's end or a failure, that is nothing. `room` is at least
    /// `recordBytesMax` larger than `bytes`: no more can come out.
    func received(_ bytes: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int {
        precondition(room.count >= bytes.count + Self.recordBytesMax, "what comes out may not fit")
        if ciphertext.count > Self.unsentBytesMax, phase == .open { phase = .failed(.unread) }
        input = bytes
        defer { input = UnsafeRawBufferPointer(start: nil, count: 0) }
        if phase == .handshaking { shakeHands() }
        var filled = 0
        while phase == .open {
            var count = 0
            ERR_clear_error()
            let status = SSL_read_ex(ssl, room.baseAddress.map { $0 + filled }, room.count - filled, &count)
            guard status == 1 else {
                stopped(status)
                break
            }
            filled += count
        }
        return filled
    }

    /// The stream from the peer is over. An honest end was announced.
    func streamEnded() {
        switch phase {
        case .handshaking, .open: phase = .failed(.truncated)
        case .ended, .failed: break
        }
    }

    private func shakeHands() {
        ERR_clear_error()
        let status = SSL_do_handshake(ssl)
        guard status == 1 else { return stopped(status) }
        phase = hasAgreedOnProtocol ? .open : .failed(.noProtocol)
    }

    private var hasAgreedOnProtocol: Bool {
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &start, &count)
        return UnsafeBufferPointer(start: start, count: Int(count)).elementsEqual(TLSProtocolName.boxOffice.utf8)
    }

    /// A call could not go on: what came has been read to its end, or this is the end.
    private func stopped(_ status: Int32) {
        switch SSL_get_error(ssl, status) {
        // Writing never has to wait: `ciphertext` takes everything.
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: break
        case SSL_ERROR_ZERO_RETURN: phase = .ended
        default:
            let failure = TLSFailure.last(inHandshake: phase == .handshaking)
            if let refusedCertificate {
                phase = .failed(.certificate(refusedCertificate))
            } else {
                phase = .failed(hasReadTooMuch ? .handshakeTooLong : failure)
            }
        }
    }

    // MARK: To the socket

    /// Encrypts bytes into `ciphertext`. Nothing happens when it has failed.
    func write(_ bytes: UnsafeRawBufferPointer) {
        guard phase == .open || phase == .ended, bytes.count > 0 else { return }
        var count = 0
        ERR_clear_error()
        guard SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &count) == 1, count == bytes.count else {
            phase = .failed(.last(inHandshake: false))
            return
        }
    }

    /// Says, once, that nothing more will be written. True when it was said by this call.
    @discardableResult
    func finish() -> Bool {
        guard phase == .open || phase == .ended, !hasFinished else { return false }
        hasFinished = true
        ERR_clear_error()
        _ = SSL_shutdown(ssl)
        ERR_clear_error()
        return true
    }

    /// Takes off the front of `ciphertext` what the socket took.
    func sent(_ count: Int) {
        if count == ciphertext.count { ciphertext = [] } else { ciphertext.removeFirst(count) }
    }

    func dropCiphertext() { ciphertext = [] }

    // MARK: Called back by OpenSSL

    fileprivate func read(into bytes: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(bytes.count, input.count)
        guard count > 0 else { return 0 }
        if phase == .handshaking {
            handshakeBytes += count
            hasReadTooMuch = handshakeBytes > handshakeBytesMax
            if hasReadTooMuch { return 0 }
        }
        bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
        input = UnsafeRawBufferPointer(rebasing: input[count...])
        return count
    }

    fileprivate func wrote(_ bytes: UnsafeRawBufferPointer) { ciphertext.append(contentsOf: bytes) }

    fileprivate var readsOn: Bool { !hasReadTooMuch }
}

/// OpenSSL's view of a filter: where it reads what came and writes what is to be sent.
private enum FilterBIO {
    /// `nonisolated(unsafe)`: made once, never changed or freed.
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "boxoffice") else { return nil }
        BIO_meth_set_create(method) { bio in
            BIO_set_init(bio, 1)
            return 1
        }
        BIO_meth_set_read(method) { bio, bytes, count in
            BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
            guard let filter = FilterBIO.owner(bio), let bytes, count > 0 else { return -1 }
            let read = filter.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: Int(count)))
            if read == 0, filter.readsOn { BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY) }
            return read == 0 ? -1 : Int32(read)
        }
        BIO_meth_set_write(method) { bio, bytes, count in
            BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
            guard let filter = FilterBIO.owner(bio), let bytes, count > 0 else { return -1 }
            filter.wrote(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return method
    }()

    static func make() -> OpaquePointer? {
        guard let method else { return nil }
        return BIO_new(method)
    }

    private static func owner(_ bio: OpaquePointer?) -> TLSFilter? {
        BIO_get_data(bio).map { Unmanaged<TLSFilter>.fromOpaque($0).takeUnretainedValue() }
    }
}
