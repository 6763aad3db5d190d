import BoxOfficeEngine
import BoxOfficeProtocol
import Dispatch
import Logging
import Synchronization

/// What all connections share.
final class Services: Sendable {
    let configuration: ServerConfiguration
    let loop: EngineLoop
    let hasher: PasswordHasher
    let rates: RequestRates
    let counters = Counters()
    /// Reads uploads, one at a time, off the engine's queue and off the shards'.
    let imports: DispatchQueue
    private let newestConnection = Atomic<UInt64>(0)

    init(_ configuration: ServerConfiguration, loop: EngineLoop, imports: DispatchQueue) {
        self.configuration = configuration
        self.loop = loop
        self.imports = imports
        hasher = PasswordHasher()
        rates = RequestRates(configuration.rates)
    }

    var logger: Logger { configuration.logger }
    var clock: ServerClock { loop.clock }
    var catalogue: PublishedCatalogue { loop.catalogue.value }

    func nextConnectionID() -> UInt64 { newestConnection.wrappingAdd(1, ordering: .relaxed).newValue }

    static let serverName = "boxofficed/0.1"

    /// When to come back, different for each client, so that a restart is not a stampede.
    func jitteredRetryMilliseconds() -> UInt32 {
        // Spread over as long as it takes to accept them all again, about 2,000 a second.
        let spread = UInt32(clamping: 1_000 + counters.connections.load(ordering: .relaxed) / 2)
        return 500 + UInt32.random(in: 0..<spread)
    }
}
