// Where a socket listens or connects to: IPv4, IPv6 or a Unix path. Numeric only; names are an `Endpoint`.
//
//     127.0.0.1:7480      [::1]:7480      [fe80::1%2]:7480      unix:/var/lib/boxoffice/socket

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The numeric address of a stream socket.
public enum SocketAddress: Hashable, Sendable {
    /// `host` in host byte order: 127.0.0.1 is 0x7F000001.
    case ipv4(host: UInt32, port: UInt16)
    /// The 16 bytes of the address as two big-endian halves; `scope` is the interface of a link-local address, else 0.
    case ipv6(high: UInt64, low: UInt64, scope: UInt32, port: UInt16)
    /// A path in the file system; empty for the unnamed socket of a connecting peer.
    case unix(path: String)

    /// The port, nil for a Unix socket.
    public var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, _, _, let port): port
        case .unix: nil
        }
    }

    /// Whether what is sent there never leaves this machine, so that secrets may travel without TLS.
    public var isLoopback: Bool {
        switch self {
        case .ipv4(let host, _): host >> 24 == 127
        case .ipv6(let high, let low, _, _):
            // ::1, and the IPv4 block 127/8 in its mapped form ::ffff:127.x.y.z.
            high == 0 && (low == 1 || low >> 24 == 0xFFFF_7F)
        case .unix: true
        }
    }

    /// The same host with another port; a Unix path stays as it is.
    public func withPort(_ port: UInt16) -> SocketAddress {
        switch self {
        case .ipv4(let host, _): .ipv4(host: host, port: port)
        case .ipv6(let high, let low, let scope, _): .ipv6(high: high, low: low, scope: scope, port: port)
        case .unix: self
        }
    }

    /// An IPv4 address on this machine.
    public static func loopback(port: UInt16) -> SocketAddress { .ipv4(host: 0x7F00_0001, port: port) }
}

extension SocketAddress: CustomStringConvertible {
    /// As `Endpoint` parses it.
    public var description: String {
        switch self {
        case .ipv4(let host, let port):
            return "\(host >> 24).\(host >> 16 & 255).\(host >> 8 & 255).\(host & 255):\(port)"
        case .ipv6(let high, let low, let scope, let port):
            var address = SocketAddress.in6(high: high, low: low)
            let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
                // The buffer has the size that inet_ntop asks for, so it cannot fail and always terminates the string.
                inet_ntop(AF_INET6, &address, buffer.baseAddress, socklen_t(buffer.count)) == nil
                    ? "?" : String(cString: buffer.baseAddress!)
            }
            return scope == 0 ? "[\(text)]:\(port)" : "[\(text)%\(scope)]:\(port)"
        case .unix(let path):
            return "unix:\(path)"
        }
    }

    static func in6(high: UInt64, low: UInt64) -> in6_addr {
        var address = in6_addr()
        withUnsafeMutableBytes(of: &address) { bytes in
            bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }
}
