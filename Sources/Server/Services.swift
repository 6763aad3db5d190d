import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeTransport
import Logging
import Synchronization

/// What all connections share.
final class Services: Sendable {
    let configuration: ServerConfiguration
    /// The engine's part of it, made once: each hold is looked at by it.
    let engineConfiguration: EngineConfiguration
    let platform: any Platform
    let loop: EngineLoop
    let hasher: PasswordHasher
    let rates: RequestRates
    let doorkeeper: Doorkeeper
    let logins: LoginGuard
    let exempt: ExemptAddresses
    /// Bytes of all uploads that have begun.
    let uploadBytes = Atomic<Int>(0)
    let counters = Counters()
    let limits: LimitCounters
    /// Nil when it listens nowhere with TLS.
    let encryption: Encryption?
    /// Reads uploads, one at a time, off the engine's queue and off the shards'.
    let imports: any WorkQueue
    private let newestConnection = Atomic<UInt64>(0)

    init(_ configuration: ServerConfiguration, loop: EngineLoop, imports: any WorkQueue, encryption: Encryption?) {
        self.configuration = configuration
        engineConfiguration = configuration.engine
        self.encryption = encryption
        self.loop = loop
        platform = loop.platform
        self.imports = imports
        let bounds = configuration.limits
        hasher = PasswordHasher(
            on: platform, atOnce: bounds.passwordsAtOnce, waitingMax: bounds.passwordsWaitingMax,
            cost: configuration.passwordCost)
        limits = LimitCounters(configuration.logger, on: platform)
        rates = RequestRates(configuration.rates)
        exempt = ExemptAddresses(configuration.rates)
        doorkeeper = Doorkeeper(bounds, exempt: exempt, on: platform)
        logins = LoginGuard(bounds)
    }

    var logger: Logger { configuration.logger }
    var clock: ServerClock { loop.clock }
    var catalogue: PublishedCatalogue { loop.catalogue.value }

    func nextConnectionID() -> UInt64 { newestConnection.wrappingAdd(1, ordering: .relaxed).newValue }

    /// What is told of this server in a welcome (spec/session.md).
    var features: UInt64 { configuration.isRehearsal ? 1 : 0 }

    static let serverName = "boxofficed/0.1"

    /// When to come back, different for each client, so that a restart is not a stampede.
    func jitteredRetryMilliseconds() -> UInt32 {
        // Spread over as long as it takes to accept them all again, about 2,000 a second.
        let spread = UInt32(clamping: 1_000 + counters.connections.load(ordering: .relaxed) / 2)
        var dice = platform.dice
        return 500 + UInt32.random(in: 0..<spread, using: &dice)
    }
}
