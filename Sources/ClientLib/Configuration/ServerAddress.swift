import BoxOfficeTransport

/// Where a box office listens: a host and port, in the clear or encrypted, or a Unix socket.
public enum ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// A host by name or numeric address, and its port. Nothing is encrypted: for this machine, and for networks where
    /// everybody may read passwords.
    case host(String, port: UInt16)
    /// The same, encrypted with TLS from the first byte on. `ClientConfiguration.trust` says how the host is known.
    case tls(String, port: UInt16)
    /// A socket in the file system, as the data directory has one for the server's own administration.
    case unix(path: String)

    /// The port of an encrypted address that has none of its own.
    public static let tlsPort: UInt16 = 7481
    private static let tlsPrefix = "tls://"

    /// A host and a port; 7480 unless told otherwise.
    public init(host: String, port: UInt16 = WireLimits.defaultPort) { self = .host(host, port: port) }

    /// Reads `HOST:PORT`, `HOST`, `[IPV6]:PORT`, any of these behind `tls://`, or `unix:/PATH`; nil when the text is none
    /// of these.
    public init?(_ text: String) {
        let isEncrypted = text.hasPrefix(Self.tlsPrefix)
        let rest = isEncrypted ? String(text.dropFirst(Self.tlsPrefix.count)) : text
        switch try? Endpoint(rest, defaultPort: isEncrypted ? Self.tlsPort : WireLimits.defaultPort) {
        case .host(let name, let port): self = isEncrypted ? .tls(name, port: port) : .host(name, port: port)
        case .unix(let path) where !isEncrypted: self = .unix(path: path)
        case .unix, nil: return nil
        }
    }

    /// As `init(_:)` reads it.
    public var description: String { isEncrypted ? Self.tlsPrefix + endpoint.description : endpoint.description }

    /// Whether it is spoken to with TLS.
    public var isEncrypted: Bool {
        if case .tls = self { true } else { false }
    }

    /// Whether this is the socket in the data directory, where one has an operator's rights without a login.
    var isLocal: Bool {
        if case .unix = self { true } else { false }
    }

    var endpoint: Endpoint {
        switch self {
        case .host(let name, let port), .tls(let name, let port): .host(name, port: port)
        case .unix(let path): .unix(path: path)
        }
    }
}
