// Who is let in, and who has to go again: limits on connections before anybody has logged in. The acceptor asks for each
// connection that comes; connections say what becomes of them.
//
//     accepted ──▶ turned away? ── yes ──▶ told so and closed, or closed at once when too many are being told
//                       │ no
//                       ▼
//                   stranger ── asks for something ──▶ guest ◀── logs in, out ──▶ member
//                       └── too many of them ──▶ told so and closed

import BoxOfficeProtocol
import BoxOfficeTransport
import Foundation
import Synchronization

/// Limits on connections, over all shards.
///
/// `@unchecked Sendable`: the mutable state is only touched with `lock` held.
final class Doorkeeper: @unchecked Sendable {
    private let exempt: ExemptAddresses
    private let platform: any Platform
    private let lock = NSLock()
    private var arrivals: Arrivals
    private var strangers: Strangers<Connection>
    /// Connections that are being told why they may not stay.
    private let goodbyes = Atomic<Int>(0)
    /// More than so many are not told: each keeps a descriptor for as long as it takes.
    static let goodbyesMax = 32

    init(_ limits: Limits, exempt: ExemptAddresses, on platform: any Platform) {
        self.exempt = exempt
        self.platform = platform
        arrivals = Arrivals(limits)
        strangers = Strangers(from: limits.strangersFrom, most: limits.strangersMax)
    }

    /// Whether one more may be told that it has to go; then `saidGoodbye` follows.
    func maySayGoodbye() -> Bool {
        if goodbyes.wrappingAdd(1, ordering: .relaxed).newValue <= Self.goodbyesMax { return true }
        saidGoodbye()
        return false
    }

    func saidGoodbye() { goodbyes.wrappingSubtract(1, ordering: .relaxed) }

    /// A connection was accepted. Why it is turned away; nil when it may stay, and `left` follows.
    func came(from peer: SocketAddress, at now: Instant) -> LimitKind? {
        guard let address = exempt.limited(peer) else { return nil }
        return lock.withLock { arrivals.came(from: address, at: now) }
    }

    /// It is open, and a stranger. Gives back the stranger that has to go for it.
    func opened(_ connection: Connection, at now: Instant) -> Connection? {
        var dice = platform.dice
        return lock.withLock { strangers.came(connection.id, connection, at: now, using: &dice) }
    }

    /// It has asked for something.
    func isKnown(_ connection: Connection) { lock.withLock { strangers.remove(connection.id) } }

    /// It is a member's from here on, or a guest's again.
    func changed(_ connection: Connection, from peer: SocketAddress, isGuest: Bool) {
        let address = exempt.limited(peer)
        lock.withLock {
            strangers.remove(connection.id)
            if let address { arrivals.changed(address, isGuest: isGuest) }
        }
    }

    func left(_ connection: Connection, from peer: SocketAddress, wasGuest: Bool) {
        let address = exempt.limited(peer)
        lock.withLock {
            strangers.remove(connection.id)
            if let address { arrivals.left(address, wasGuest: wasGuest) }
        }
    }
}
