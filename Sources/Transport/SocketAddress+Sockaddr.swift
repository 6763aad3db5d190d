// Between `SocketAddress` and the kernel's `sockaddr` structures. The pointer casts are the ones the C interface
// is defined by: every address family's structure is passed as `sockaddr *` with its length.

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension SocketAddress {
    /// `AF_INET`, `AF_INET6` or `AF_UNIX`.
    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Calls `body` with the kernel's form of the address; nil when a Unix path is empty or does not fit in one.
    func withSockaddr<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R? {
        switch self {
        case .ipv4(let host, let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = host.bigEndian
            return Self.passing(&address, body)
        case .ipv6(let high, let low, let scope, let port):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = Self.in6(high: high, low: low)
            address.sin6_scope_id = scope
            return Self.passing(&address, body)
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
                // One byte stays zero: the kernel's string ends there. A zero inside would name another file.
                let bytes = path.utf8
                guard !bytes.isEmpty, bytes.count < room.count, !bytes.contains(0) else { return false }
                room.copyBytes(from: bytes)
                return true
            }
            return fits ? Self.passing(&address, body) : nil
        }
    }

    private static func passing<A, R>(_ address: inout A, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<A>.size)) }
        }
    }

    /// Reads the address that `fill` stores, as accept, getsockname and getpeername do; nil when the call fails or
    /// the family is not one of ours.
    static func reading(_ fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32)
        -> (result: Int32, address: SocketAddress?)
    {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { fill($0, &length) }
        }
        guard result >= 0 else { return (result, nil) }
        return (result, withUnsafeBytes(of: &storage) { SocketAddress(sockaddr: $0, length: Int(length)) })
    }

    /// The address in the first `length` bytes of `bytes`.
    init?(sockaddr bytes: UnsafeRawBufferPointer, length: Int) {
        let length = min(length, bytes.count)
        let familyOffset = MemoryLayout.offset(of: \sockaddr.sa_family)!
        let pathOffset = MemoryLayout.offset(of: \sockaddr_un.sun_path)!
        // Some systems answer with nothing for the unnamed end of a Unix connection.
        guard length >= familyOffset + MemoryLayout<sa_family_t>.size else {
            self = .unix(path: "")
            return
        }
        switch Int32(bytes.loadUnaligned(fromByteOffset: familyOffset, as: sa_family_t.self)) {
        case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
            let address = bytes.loadUnaligned(as: sockaddr_in.self)
            self = .ipv4(host: UInt32(bigEndian: address.sin_addr.s_addr), port: UInt16(bigEndian: address.sin_port))
        case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
            let address = bytes.loadUnaligned(as: sockaddr_in6.self)
            let (high, low) = withUnsafeBytes(of: address.sin6_addr) { half in
                (half.loadUnaligned(as: UInt64.self), half.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            }
            self = .ipv6(
                high: UInt64(bigEndian: high), low: UInt64(bigEndian: low), scope: address.sin6_scope_id,
                port: UInt16(bigEndian: address.sin6_port))
        case AF_UNIX:
            let path = bytes[pathOffset..<max(length, pathOffset)].prefix { $0 != 0 }
            self = .unix(path: String(decoding: path, as: UTF8.self))
        default:
            return nil
        }
    }
}
