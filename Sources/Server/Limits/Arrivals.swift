import BoxOfficeProtocol

/// How many connections each address has, and how fast they come. Pure: time is an argument.
struct Arrivals {
    private struct Open {
        var connections = 0
        var guests = 0
    }

    private let connectionsMax: Int?
    private let guestsMax: Int?
    private var news: RateLimiter<HostAddress>?
    private var open: [HostAddress: Open] = [:]

    init(_ limits: Limits) {
        connectionsMax = limits.connectionsPerAddress
        guestsMax = limits.guestsPerAddress
        news = limits.newPerAddress.map { RateLimiter($0) }
    }

    /// Addresses that have a connection.
    var addressCount: Int { open.count }

    /// A connection, which is a guest's until it logs in. Why it is turned away; nil when it may stay, and only then it
    /// counts.
    mutating func came(from address: HostAddress, at now: Instant) -> LimitKind? {
        let counts = open[address] ?? Open()
        if let connectionsMax, counts.connections >= connectionsMax { return .connectionsPerAddress }
        if let guestsMax, counts.guests >= guestsMax { return .guestsPerAddress }
        if let wait = news?.wait(of: address, at: now), wait.count > 0 { return .newPerAddress }
        news?.passed(address, at: now)
        open[address] = Open(connections: counts.connections + 1, guests: counts.guests + 1)
        return nil
    }

    /// A guest is a member from here on, or a member a guest.
    mutating func changed(_ address: HostAddress, isGuest: Bool) {
        open[address]?.guests += isGuest ? 1 : -1
    }

    mutating func left(_ address: HostAddress, wasGuest: Bool) {
        guard var counts = open[address] else { return }
        counts.connections -= 1
        if wasGuest { counts.guests -= 1 }
        open[address] = counts.connections > 0 ? counts : nil
    }
}
