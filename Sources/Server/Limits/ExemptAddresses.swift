import BoxOfficeTransport

/// Where limits per address do not hold.
struct ExemptAddresses: Sendable {
    let networks: [Network]
    let loopback: Bool

    init(_ limits: RateLimits) {
        networks = limits.exemptNetworks
        loopback = limits.exemptsLoopback
    }

    /// By what the limits per address know this peer; nil when they do not hold for it.
    func limited(_ peer: SocketAddress) -> HostAddress? {
        guard let host = HostAddress(peer), !(loopback && peer.isLoopback),
            !networks.contains(where: { $0.contains(host) })
        else { return nil }
        return host.subscriber
    }
}
