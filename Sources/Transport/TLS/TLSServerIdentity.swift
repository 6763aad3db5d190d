import Foundation

/// Who a server is: its certificate and key, from files that may be replaced while it runs.
///
/// Connections that are there keep what they began with; each new one gets what was read last.
///
/// `@unchecked Sendable`: `current` is only touched with `lock` held.
public final class TLSServerIdentity: @unchecked Sendable {
    /// A certificate in use.
    public struct Shown: Sendable {
        /// What clients may pin.
        public let fingerprint: CertificateFingerprint
        /// When it ends, seconds since 1970; nil when it does not say so in a way that can be read.
        public let notAfterSeconds: Int64?
        let context: TLSContext
    }

    private let certificatePath: String
    private let keyPath: String
    private let lock = NSLock()
    private var current: Shown

    /// Reads a certificate, with those that lead to a root behind it, and its key. Both are PEM files.
    public init(certificate: String, key: String) throws(TLSSetupFailure) {
        certificatePath = certificate
        keyPath = key
        current = try Self.read(certificate, key)
    }

    /// Reads the files again. When something is wrong with them, nothing changes.
    @discardableResult
    public func reload() throws(TLSSetupFailure) -> Shown {
        let fresh = try Self.read(certificatePath, keyPath)
        lock.lock()
        defer { lock.unlock() }
        current = fresh
        return fresh
    }

    /// What new connections are shown.
    public var certificate: Shown {
        lock.lock()
        defer { lock.unlock() }
        return current
    }

    private static func read(_ certificate: String, _ key: String) throws(TLSSetupFailure) -> Shown {
        let chain = try Certificate.read(from: certificate)
        let context = try TLSContext.server(chain, key: try PrivateKey.read(from: key))
        return Shown(
            fingerprint: chain[0].fingerprint, notAfterSeconds: chain[0].notAfterSeconds, context: context)
    }
}
