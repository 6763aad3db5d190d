import BoxOfficeTransport

/// Where a box office listens: a host and port, or a Unix socket.
public enum ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// A host by name or numeric address, and its port.
    case host(String, port: UInt16)
    /// A socket in the file system, as the data directory has one for the server's own administration.
    case unix(path: String)

    /// A host and a port; 7480 unless told otherwise.
    public init(host: String, port: UInt16 = WireLimits.defaultPort) { self = .host(host, port: port) }

    /// Reads `HOST:PORT`, `HOST`, `[IPV6]:PORT` or `unix:/PATH`; nil when the text is none of these.
    public init?(_ text: String) {
        switch try? Endpoint(text, defaultPort: WireLimits.defaultPort) {
        case .host(let name, let port): self = .host(name, port: port)
        case .unix(let path): self = .unix(path: path)
        case nil: return nil
        }
    }

    /// As `init(_:)` reads it.
    public var description: String { endpoint.description }

    /// Whether this is the socket in the data directory, where one has an operator's rights without a login.
    var isLocal: Bool {
        if case .unix = self { true } else { false }
    }

    var endpoint: Endpoint {
        switch self {
        case .host(let name, let port): .host(name, port: port)
        case .unix(let path): .unix(path: path)
        }
    }
}
