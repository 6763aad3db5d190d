// Where rates are limited: step 5 of spec/refusals.md, for requests whose arguments and sender are in order and before
// anybody looks at their operation keys. `Connection.take` asks, for every request, and nobody else.

import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeTransport
import Foundation

/// How often members and addresses have asked, over all shards.
///
/// `@unchecked Sendable`: the mutable state is only touched with `lock` held.
final class RequestRates: @unchecked Sendable {
    private let exempt: ExemptAddresses
    private let lock = NSLock()
    private var joins: Rates
    private var polls: Rates
    private var signUps: Rates

    /// One kind of request, by member and by address.
    private struct Rates {
        var members: RateLimiter<MemberID>?
        var addresses: RateLimiter<HostAddress>?

        init(perMember: RateLimit? = nil, perAddress: RateLimit?) {
            members = perMember.map { RateLimiter($0) }
            addresses = perAddress.map { RateLimiter($0) }
        }

        /// How long to wait; zero when the request passes. One that is over either limit counts for neither.
        mutating func wait(_ member: MemberID?, _ address: HostAddress?, at now: Instant) -> Microseconds {
            var wait = Microseconds(0)
            if let member, let needed = members?.wait(of: member, at: now) { wait = max(wait, needed) }
            if let address, let needed = addresses?.wait(of: address, at: now) { wait = max(wait, needed) }
            guard wait.count == 0 else { return wait }
            if let member { members?.passed(member, at: now) }
            if let address { addresses?.passed(address, at: now) }
            return wait
        }
    }

    init(_ limits: RateLimits) {
        exempt = ExemptAddresses(limits)
        joins = Rates(perMember: limits.joinsPerMember, perAddress: limits.joinsPerAddress)
        polls = Rates(perMember: limits.pollsPerMember, perAddress: limits.pollsPerAddress)
        signUps = Rates(perAddress: limits.signUpsPerAddress)
    }

    /// Why this request has to wait; nil when it may go on, and then it is counted.
    func refusal(of opcode: Opcode, by actor: Actor, from peer: SocketAddress?, at now: Instant) -> Refusal? {
        let wait: Microseconds
        switch opcode {
        case .joinQueue: wait = lock.withLock { joins.wait(actor.member, peer.flatMap(exempt.limited), at: now) }
        case .getPlace: wait = lock.withLock { polls.wait(actor.member, peer.flatMap(exempt.limited), at: now) }
        case .signUp: wait = lock.withLock { signUps.wait(nil, peer.flatMap(exempt.limited), at: now) }
        default: return nil
        }
        return wait.count > 0 ? Refusal(rateLimitedFor: wait) : nil
    }
}

extension Refusal {
    /// Too often: with how long until the next one would do.
    init(rateLimitedFor wait: Microseconds) {
        self.init(.rateLimited, retryAfterMilliseconds: UInt32(clamping: wait.remainingMilliseconds))
    }
}
