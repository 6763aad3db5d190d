// How an encrypted server proves that it is the right one, as it was settled with the first connection: by a certificate
// that is pinned, as SSH does with hosts, or by a file of certificates. Servers that the system's store vouches for need
// no entry.

import BoxOfficeClient

/// What is known of an encrypted server.
struct KnownServer: Codable, Hashable, Sendable {
    /// Where: `tls://HOST:PORT`.
    var server: String
    /// Its certificate, and no other: `SHA256:…`.
    var pin: String?
    /// A PEM file with the certificate of whoever has signed it.
    var ca: String?

    init(_ server: ServerAddress, _ trust: ServerTrust) {
        self.server = server.description
        switch trust {
        case .pinned(let fingerprint): pin = fingerprint.description
        case .file(let path): ca = path
        case .system: break
        }
    }

    /// Nil when the profile was changed by hand.
    var trust: ServerTrust? {
        if let pin { CertificateFingerprint(pin).map { .pinned($0) } } else { ca.map { .file($0) } }
    }
}

extension Profile {
    /// So many servers are enough for anybody; the oldest go.
    static let serversMax = 100

    /// How a server proves who it is; nil when nothing was settled. An entry that cannot be read is not passed over: what
    /// it has pinned would then be believed to be anybody.
    func trust(in server: ServerAddress) throws(Failure) -> ServerTrust? {
        guard let known = servers.last(where: { $0.server == server.description }) else { return nil }
        guard let trust = known.trust else {
            throw Failure(
                "badProfile", "What the profile knows of \(known.server) is damaged: give it with --pin or --ca.")
        }
        return trust
    }

    /// Whether that is what is kept.
    func knows(_ server: ServerAddress, _ trust: ServerTrust) -> Bool {
        let known = servers.last { $0.server == server.description }
        return known == (trust == .system ? nil : KnownServer(server, trust))
    }

    /// Keeps how a server proves who it is. `.system` forgets what was kept.
    mutating func trusts(_ server: ServerAddress, _ trust: ServerTrust) {
        servers.removeAll { $0.server == server.description }
        guard trust != .system else { return }
        servers = (servers + [KnownServer(server, trust)]).suffix(Self.serversMax)
    }
}
