// What a person writes to say where a server is, and how that becomes addresses.
//
// Looking up a name blocks, for seconds when a name server is silent, so it has a queue of its own: a shard that
// waited for it would stall every connection it carries.

import Dispatch

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A host and port, or a Unix path, as written: `tickets.example:7480`, `[::1]:7480`, `unix:/path`.
public enum Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// A name or a numeric address, without brackets.
    case host(String, port: UInt16)
    /// The path of a Unix socket.
    case unix(path: String)

    /// Parses the text of an endpoint.
    ///
    /// An IPv6 address stands in brackets when a port follows; without one it may stand bare. `defaultPort` is
    /// used when the text has no port; nil makes the port required.
    public init(_ text: String, defaultPort: UInt16? = nil) throws(EndpointError) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            guard !path.isEmpty else { throw .malformed(text) }
            self = .unix(path: path)
            return
        }
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .malformed(text) }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
        } else if let colon = text.firstIndex(of: ":"), text[text.index(after: colon)...].contains(":") {
            // Two colons and no bracket: a bare IPv6 address.
            (host, rest) = (text[...], "")
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            (host, rest) = (text[..<colon], text[colon...])
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw .malformed(text) }
        if rest.isEmpty {
            guard let defaultPort else { throw .malformed(text) }
            self = .host(String(host), port: defaultPort)
        } else {
            let digits = rest.dropFirst()
            guard rest.first == ":", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits)
            else { throw .malformed(text) }
            self = .host(String(host), port: port)
        }
    }

    /// The text that parses to this endpoint.
    public var description: String {
        switch self {
        case .host(let name, let port): name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    private static let lookups = DispatchQueue(label: "boxoffice.names", attributes: .concurrent)

    /// Looks the host up, off every shard, and calls `completion` on a queue of its own. An answer is never empty.
    public func resolve(_ completion: @escaping @Sendable (Result<[SocketAddress], EndpointError>) -> Void) {
        Self.lookups.async {
            completion(Result { () throws(EndpointError) in try self.lookUp(numericOnly: false) })
        }
    }

    /// The addresses of the host, in the order in which they should be tried.
    public func resolved() async throws -> [SocketAddress] {
        try await withCheckedThrowingContinuation { continuation in
            resolve { continuation.resume(with: $0) }
        }
    }

    /// The address when the host is one already; asks no name server and never blocks.
    public func numericAddress() throws(EndpointError) -> SocketAddress {
        try lookUp(numericOnly: true)[0]
    }

    private func lookUp(numericOnly: Bool) throws(EndpointError) -> [SocketAddress] {
        guard case .host(let name, let port) = self else {
            guard case .unix(let path) = self else { return [] }
            return [.unix(path: path)]
        }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Sockets.stream
        hints.ai_flags = AI_NUMERICSERV | (numericOnly ? AI_NUMERICHOST : 0)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(name, String(port), &hints, &list)
        guard status == 0 else {
            throw .unresolved(name, because: String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let info = entry?.pointee {
            if let pointer = info.ai_addr {
                let bytes = UnsafeRawBufferPointer(start: pointer, count: Int(info.ai_addrlen))
                if let address = SocketAddress(sockaddr: bytes, length: bytes.count), !addresses.contains(address) {
                    addresses.append(address)
                }
            }
            entry = info.ai_next
        }
        guard !addresses.isEmpty else { throw .unresolved(name, because: "no address") }
        return addresses
    }
}

extension SocketAddress {
    /// Parses `127.0.0.1:7480`, `[::1]:7480` or `unix:/path`; a name is refused, `Endpoint` looks those up.
    public init(_ text: String) throws(EndpointError) {
        self = try Endpoint(text).numericAddress()
    }
}

/// Why an endpoint leads nowhere.
public enum EndpointError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is not `HOST:PORT`, `[IPV6]:PORT` or `unix:/path`.
    case malformed(String)
    /// The name has no address now.
    case unresolved(String, because: String)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .malformed(let text): "\"\(text)\" is not HOST:PORT, [IPV6]:PORT or unix:/PATH"
        case .unresolved(let name, let because): "cannot find \(name): \(because)"
        }
    }
}
