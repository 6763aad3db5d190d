import BoxOfficeTransport

/// The address of a host. IPv4 is kept in its mapped form, ::ffff:a.b.c.d, so that it is the same host however it came.
struct HostAddress: Hashable, Sendable {
    var high: UInt64
    var low: UInt64

    /// Nil for Unix sockets.
    init?(_ address: SocketAddress) {
        switch address {
        case .ipv4(let host, _): (high, low) = (0, 0xFFFF_0000_0000 | UInt64(host))
        case .ipv6(let high, let low, _, _): (self.high, self.low) = (high, low)
        case .unix: return nil
        }
    }

    private init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// Who counts as one: of IPv6 the /64, which is the least that one line is given.
    var subscriber: HostAddress { isIPv4 ? self : HostAddress(high: high, low: 0) }

    /// Its first bits, 0 to 128; the others are zero.
    func prefix(_ bits: Int) -> HostAddress {
        HostAddress(high: high & Self.mask(bits), low: low & Self.mask(bits - 64))
    }

    /// A smart shift takes any count: nothing is left of 64 bits and more.
    private static func mask(_ bits: Int) -> UInt64 { UInt64.max << (64 - max(0, min(64, bits))) }
}

/// A range of addresses, as `192.0.2.0/24` or `2001:db8::/32`; a single address without a length.
public struct Network: Hashable, Sendable {
    private let base: HostAddress
    /// Of the mapped form for IPv4.
    private let bits: Int

    /// Parses a numeric address and how many of its bits count. Nil for anything else, and when a bit is set that does
    /// not count: then one of the two was meant otherwise.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let isIPv6 = parts[0].contains(":")
        guard let socket = try? SocketAddress(isIPv6 ? "[\(parts[0])]:0" : "\(parts[0]):0"),
            let host = HostAddress(socket)
        else { return nil }
        if case .ipv6(_, _, let scope, _) = socket, scope != 0 { return nil }
        let most = isIPv6 ? 128 : 32
        guard let length = parts.count == 1 ? most : Int(parts[1]), (0...most).contains(length) else { return nil }
        bits = length + 128 - most
        base = host
        guard host.prefix(bits) == host else { return nil }
    }

    func contains(_ address: HostAddress) -> Bool { address.prefix(bits) == base }
}
