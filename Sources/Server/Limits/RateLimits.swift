import BoxOfficeProtocol

/// How often members and addresses may ask for what an impatient crowd, or a robot, asks for too often. Nil: no limit.
///
/// A limit per member holds wherever the member comes from, on all devices together; one per address for everybody
/// there. The defaults are far from what somebody does who wants a ticket, and a client that watches its place instead of
/// polling never meets them.
public struct RateLimits: Hashable, Sendable {
    /// JoinQueue, by one member, whatever the concert and whether or not there is a place already.
    public var joinsPerMember: RateLimit? = RateLimit(burst: 10, intervalMilliseconds: 6_000)
    /// JoinQueue, from one address.
    public var joinsPerAddress: RateLimit? = RateLimit(burst: 200, intervalMilliseconds: 50)
    /// GetPlace, and WatchPlace after the first on a connection, by one member.
    public var pollsPerMember: RateLimit? = RateLimit(burst: 20, intervalMilliseconds: 500)
    /// The same, from one address.
    public var pollsPerAddress: RateLimit? = RateLimit(burst: 1_000, intervalMilliseconds: 5)
    /// SignUp, from one address.
    public var signUpsPerAddress: RateLimit? = RateLimit(burst: 20, intervalMilliseconds: 10_000)
    /// Where many stand behind one address: limits per address do not hold there.
    public var exemptNetworks: [Network] = []
    /// Neither do they for this machine's own addresses, where a TLS proxy or a test is. The socket in the data
    /// directory has no address.
    public var exemptsLoopback = true

    /// The defaults.
    public init() {}

    /// Why this cannot be; nil when it can.
    var refusal: String? {
        let all = [joinsPerMember, joinsPerAddress, pollsPerMember, pollsPerAddress, signUpsPerAddress]
        return all.contains { $0?.isUsable == false }
            ? RateLimit.rule : nil
    }
}
