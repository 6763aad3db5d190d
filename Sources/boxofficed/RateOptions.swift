import ArgumentParser
import BoxOfficeServer

/// How often members and addresses may ask (docs/operations.md).
struct RateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Joins of one member: so many at once, then one each interval; or “off”.", valueName: "burst/interval"))
    var joinsPerMember = RateOption(RateLimits().joinsPerMember)
    @Option(help: ArgumentHelp("Joins from one address.", valueName: "burst/interval"))
    var joinsPerAddress = RateOption(RateLimits().joinsPerAddress)
    @Option(help: ArgumentHelp("Questions of one member about a place.", valueName: "burst/interval"))
    var pollsPerMember = RateOption(RateLimits().pollsPerMember)
    @Option(help: ArgumentHelp("Questions from one address about places.", valueName: "burst/interval"))
    var pollsPerAddress = RateOption(RateLimits().pollsPerAddress)
    @Option(help: ArgumentHelp("Sign-ups from one address.", valueName: "burst/interval"))
    var signUpsPerAddress = RateOption(RateLimits().signUpsPerAddress)
    @Option(
        help: ArgumentHelp(
            "Many share one address there: no limits per address. May be given several times.", valueName: "cidr"),
        transform: network)
    var exemptNetwork: [Network] = []
    @Flag(help: "Limits per address hold for this machine's own addresses too.")
    var limitLoopback = false

    var limits: RateLimits {
        var limits = RateLimits()
        limits.joinsPerMember = joinsPerMember.limit
        limits.joinsPerAddress = joinsPerAddress.limit
        limits.pollsPerMember = pollsPerMember.limit
        limits.pollsPerAddress = pollsPerAddress.limit
        limits.signUpsPerAddress = signUpsPerAddress.limit
        limits.exemptNetworks = exemptNetwork
        limits.exemptsLoopback = !limitLoopback
        return limits
    }

    private static func network(_ text: String) throws -> Network {
        guard let network = Network(text) else {
            throw ValidationError("\(text) is no network: a numeric address, or one with a length, as 192.0.2.0/24.")
        }
        return network
    }
}

/// `10/6s`: ten at once, then one each 6 s; or `off`.
struct RateOption: ExpressibleByArgument {
    var limit: RateLimit?

    init(_ limit: RateLimit?) { self.limit = limit }

    init?(argument: String) {
        limit = RateLimit(argument)
        guard limit != nil || argument == "off" else { return nil }
    }

    var defaultValueDescription: String { limit?.description ?? "off" }
}
