import BoxOfficeProtocol
import BoxOfficeTransport
import Testing

@testable import BoxOfficeServer

/// Connections by address, as a table.
@Suite struct ArrivalsTests {
    private static let start = Instant(1_000_000_000_000)
    private static func host(_ text: String) throws -> HostAddress {
        try #require(HostAddress(try SocketAddress(text))?.subscriber)
    }

    private static func limits(_ change: (inout Limits) -> Void) -> Limits {
        var limits = Limits()
        limits.connectionsPerAddress = nil
        limits.guestsPerAddress = nil
        limits.newPerAddress = nil
        change(&limits)
        return limits
    }

    @Test func connectionsOfOneAddress() throws {
        var arrivals = Arrivals(Self.limits { $0.connectionsPerAddress = 3 })
        let (home, other) = (try Self.host("192.0.2.1:1"), try Self.host("192.0.2.2:1"))
        for _ in 1...3 { #expect(arrivals.came(from: home, at: Self.start) == nil) }
        #expect(arrivals.came(from: home, at: Self.start) == .connectionsPerAddress)
        #expect(arrivals.came(from: other, at: Self.start) == nil)
        arrivals.left(home, wasGuest: true)
        #expect(arrivals.came(from: home, at: Self.start) == nil)
        #expect(arrivals.came(from: home, at: Self.start) == .connectionsPerAddress)
        for _ in 1...3 { arrivals.left(home, wasGuest: true) }
        arrivals.left(other, wasGuest: true)
        #expect(arrivals.addressCount == 0, "nothing is kept of who has gone")
    }

    @Test func aHomeOfIPv6IsOneAddress() throws {
        var arrivals = Arrivals(Self.limits { $0.connectionsPerAddress = 1 })
        #expect(arrivals.came(from: try Self.host("[2001:db8:0:1::1]:1"), at: Self.start) == nil)
        #expect(arrivals.came(from: try Self.host("[2001:db8:0:1:f::9]:1"), at: Self.start) == .connectionsPerAddress)
        #expect(arrivals.came(from: try Self.host("[2001:db8:0:2::1]:1"), at: Self.start) == nil)
    }

    @Test func membersDoNotCountAmongGuests() throws {
        var arrivals = Arrivals(Self.limits { $0.guestsPerAddress = 2 })
        let home = try Self.host("192.0.2.1:1")
        #expect(arrivals.came(from: home, at: Self.start) == nil)
        #expect(arrivals.came(from: home, at: Self.start) == nil)
        #expect(arrivals.came(from: home, at: Self.start) == .guestsPerAddress)
        arrivals.changed(home, isGuest: false)
        #expect(arrivals.came(from: home, at: Self.start) == nil)
        #expect(arrivals.came(from: home, at: Self.start) == .guestsPerAddress)
        // Who logs out is a guest again, and nobody is thrown out for it.
        arrivals.changed(home, isGuest: true)
        #expect(arrivals.came(from: home, at: Self.start) == .guestsPerAddress)
        arrivals.left(home, wasGuest: true)
        #expect(arrivals.came(from: home, at: Self.start) == .guestsPerAddress)
        arrivals.left(home, wasGuest: true)
        #expect(arrivals.came(from: home, at: Self.start) == nil)
    }

    @Test func newOnesInASecond() throws {
        var arrivals = Arrivals(Self.limits { $0.newPerAddress = RateLimit(burst: 20, intervalMilliseconds: 50) })
        let home = try Self.host("192.0.2.1:1")
        for _ in 1...20 { #expect(arrivals.came(from: home, at: Self.start) == nil) }
        #expect(arrivals.came(from: home, at: Self.start) == .newPerAddress)
        let later = Self.start + .milliseconds(50)
        #expect(arrivals.came(from: home, at: Self.start + .milliseconds(49)) == .newPerAddress)
        #expect(arrivals.came(from: home, at: later) == nil)
        #expect(arrivals.came(from: home, at: later) == .newPerAddress)
        // What the other limits turn away does not count here.
        var both = Arrivals(
            Self.limits {
                $0.newPerAddress = RateLimit(burst: 2, intervalMilliseconds: 1_000)
                $0.connectionsPerAddress = 1
            })
        #expect(both.came(from: home, at: Self.start) == nil)
        for _ in 1...5 { #expect(both.came(from: home, at: Self.start) == .connectionsPerAddress) }
        both.left(home, wasGuest: true)
        #expect(both.came(from: home, at: Self.start) == nil)
    }
}
