// TLS as this server has it: whose certificate is shown, and what becomes of handshakes.
//
//     start, SIGHUP ──▶ files are read, key and certificate fit ──▶ new connections are shown it
//                          └─ else: at the start nothing is served; later the old one stays, and the log says why
//
//     accept ──▶ handshake ──▶ done: the connection opens and is like all others
//                   └─ failed, or not done in time: closed, counted, a line a second at most

import BoxOfficeTransport
import Foundation
import Logging
import Synchronization

/// The server's certificate, and how handshakes went.
final class Encryption: Sendable {
    private let identity: TLSServerIdentity
    private let handshakeSeconds: Double
    private let logger: Logger

    /// Handshakes that came to a connection, and those that did not, since the start.
    let handshakes = Atomic<UInt64>(0)
    let failures = Atomic<UInt64>(0)

    /// Reads the files of the configuration. Nil when it listens nowhere with TLS.
    init?(_ configuration: ServerConfiguration) throws(ServerFailure) {
        guard let certificate = configuration.tlsCertificate, let key = configuration.tlsKey,
            !configuration.tlsListen.isEmpty
        else { return nil }
        do {
            identity = try TLSServerIdentity(certificate: certificate, key: key)
        } catch {
            throw ServerFailure("TLS: \(error)")
        }
        handshakeSeconds = configuration.tlsHandshakeSeconds
        logger = configuration.logger
    }

    /// For the next connection.
    var server: TLSServer { TLSServer(identity, handshakeSeconds: handshakeSeconds) }

    // MARK: The certificate

    /// Reads the files again. A bad one changes nothing.
    func reload() throws(ServerFailure) {
        do {
            try identity.reload()
        } catch {
            logger.error("the certificate is not replaced, the old one stays: \(error)")
            throw ServerFailure("TLS: \(error)")
        }
        tellCertificate("the certificate is replaced")
    }

    /// Says what is shown, and when it will not do any more.
    func tellCertificate(_ what: String, now: Date = .now) {
        let certificate = identity.certificate
        var metadata: Logger.Metadata = ["fingerprint": "\(certificate.fingerprint)"]
        if let end = certificate.notAfterSeconds {
            metadata["until"] = "\(Date(timeIntervalSince1970: Double(end)).formatted(.iso8601))"
        }
        logger.notice("\(what)", metadata: metadata)
        guard let end = certificate.notAfterSeconds else { return }
        let days = (Double(end) - now.timeIntervalSince1970) / 86_400
        if days < 0 {
            logger.warning("the certificate has expired: who has not pinned it refuses it", metadata: metadata)
        } else if days < Self.warningDays {
            logger.warning("the certificate expires within \(Int(days) + 1) days", metadata: metadata)
        }
    }

    /// How long before its end a certificate is complained about.
    static let warningDays = 14.0

    // MARK: Handshakes

    func succeeded() { handshakes.wrappingAdd(1, ordering: .relaxed) }

    func failed() { failures.wrappingAdd(1, ordering: .relaxed) }

    /// How handshakes went so far, for a line of the log.
    var tally: Logger.Metadata {
        [
            "failed": "\(failures.load(ordering: .relaxed))", "done": "\(handshakes.load(ordering: .relaxed))",
        ]
    }
}
