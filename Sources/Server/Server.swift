// The box office as a library: a server that other programs, and the tests, start and stop.
//
//     start       limits → store and engine → demo → shards → listeners
//     shutDown    listeners closed → goAway to all → what was taken is answered → connections closed → checkpoint
//
// What happens between is in the files along the line from bytes to bytes (docs/architecture.md):
//     Connection (frame, session) → EngineLoop (engine, store) → Publisher, Router (replies and pushes) → Connection

import BoxOfficeProtocol
import BoxOfficeStore
import BoxOfficeTransport
import Foundation
import Logging
import Synchronization

/// A box office: its data directory, its listeners and its connections.
///
/// `@unchecked Sendable`: the mutable state is only touched with `lock` held.
public final class Server: @unchecked Sendable {
    private let configuration: ServerConfiguration
    private let platform: any Platform
    private let lock = NSLock()
    private(set) var running: Running?

    /// What there is while it runs.
    struct Running {
        var services: Services
        var hosts: [ShardHost]
        var accepting: Shard
        var listeners: [Listener]
    }

    /// A server that does nothing yet.
    public convenience init(configuration: ServerConfiguration) {
        self.init(configuration: configuration, on: SystemPlatform())
    }

    /// A server on this machine, which may be a simulated one.
    init(configuration: ServerConfiguration, on platform: any Platform) {
        self.configuration = configuration
        self.platform = platform
    }

    /// Opens the data directory and accepts connections. Returns where, as `HOST:PORT`, in the order of
    /// `configuration.listen`, and then of `configuration.tlsListen`.
    ///
    /// - Throws: `ServerFailure`, in words for whoever started it.
    public func start() throws(ServerFailure) -> [String] {
        lock.lock()
        defer { lock.unlock() }
        guard running == nil else { throw ServerFailure("the server is running already") }
        let addresses = try configuration.addresses()
        try RehearsalMark.check(configuration.dataDirectory, isRehearsal: configuration.isRehearsal)
        let encryption = try Encryption(configuration)
        let files = OpenFiles.raiseLimit()
        let connectionsMax = configuration.connectionsMax ?? max(1, files - OpenFiles.reserved)

        let imports = platform.queue("boxoffice.imports", isUrgent: false)
        let lost = configuration.storageLost ?? { exit(1) }
        let loop: EngineLoop
        do {
            loop = try EngineLoop(configuration, on: platform, preparing: imports, storageLost: lost)
        } catch {
            throw ServerFailure("\(configuration.dataDirectory): \(error)")
        }
        let services = Services(configuration, loop: loop, imports: imports, encryption: encryption)
        do {
            // They give way to the engine's loop: whoever asks waits for it, and it is one (docs/architecture.md, Dispatch 10).
            let shards = try (0..<configuration.shards).map {
                try Shard(label: "boxoffice.shard.\($0)", on: platform, isUrgent: false)
            }
            let hosts = shards.enumerated().map { ShardHost($1, index: $0, services: services) }
            let accepting = try Shard(label: "boxoffice.accept", on: platform)
            loop.start(hosts)
            if configuration.importsDemo { try Demo.importIfEmpty(into: loop) }
            let acceptor = Acceptor(hosts: hosts, connectionsMax: connectionsMax)
            var listeners: [Listener] = []
            running = Running(services: services, hosts: hosts, accepting: accepting, listeners: [])
            let local = SocketAddress.unix(path: configuration.localSocketPath)
            do {
                listeners.append(try acceptor.listen(on: accepting, local, isLocal: true))
                for address in addresses.plain {
                    listeners.append(try acceptor.listen(on: accepting, address, isLocal: false))
                }
                for address in addresses.encrypted {
                    listeners.append(try acceptor.listen(on: accepting, address, isLocal: false, isEncrypted: true))
                }
            } catch {
                for listener in listeners { listener.stop() }
                throw error
            }
            running?.listeners = listeners
            configuration.logger.notice(
                "started",
                metadata: [
                    "data": "\(configuration.dataDirectory)", "connectionsMax": "\(connectionsMax)",
                    "limitsAddUpTo": "\(MemoryBound(configuration, connectionsMax: connectionsMax).text)",
                    "deployment": "\(loop.deployment)",
                ])
            if configuration.isRehearsal { configuration.logger.notice("a rehearsal: nothing that is sold is real") }
            encryption?.tellCertificate("listening with TLS")
            return listeners.dropFirst().map { $0.localAddress.description }
        } catch {
            running = nil
            loop.stop()
            throw error as? ServerFailure ?? ServerFailure("\(error)")
        }
    }

    /// Reads the TLS certificate and its key again, for connections from now on. Does nothing without TLS.
    ///
    /// - Throws: `ServerFailure` when they are of no use; then the old ones stay. The log says so as well.
    public func reloadCertificate() throws(ServerFailure) {
        let encryption = lock.withLock { running?.services.encryption }
        try encryption?.reload()
    }

    /// Stops: accepts nobody any more, tells every connection to come back later, answers what was taken, and closes
    /// the data directory. Connections that are not done within `seconds` are cut off.
    ///
    /// Returns when the data directory may be opened by somebody else. Safe to call when it does not run.
    public func shutDown(within seconds: Double = 10) async {
        await withCheckedContinuation { continuation in
            shutDown(within: seconds) { continuation.resume() }
        }
    }

    /// As `shutDown(within:)`; calls `done` on a queue of the server's.
    public func shutDown(within seconds: Double, _ done: @escaping @Sendable () -> Void) {
        let taken: Running? = lock.withLock {
            defer { self.running = nil }
            return self.running
        }
        guard let taken else { return done() }
        let logger = taken.services.logger
        logger.notice("stopping")
        stop(taken, within: seconds) {
            logger.notice("stopped")
            done()
        }
    }

    private func stop(_ running: Running, within seconds: Double, _ done: @escaping @Sendable () -> Void) {
        let platform = platform
        let control = platform.queue("boxoffice.stop")
        let deadline = platform.now + .seconds(seconds)
        let (services, hosts, accepting) = (running.services, running.hosts, running.accepting)
        @Sendable func closeWhenEmpty() {
            let left = services.counters.connections.load(ordering: .acquiring)
            guard left > 0, platform.now < deadline else { return closeShards() }
            control.after(.milliseconds(10)) { closeWhenEmpty() }
        }
        @Sendable func closeShards() {
            let shards = hosts.map(\.shard) + [accepting]
            let stopped = Countdown(from: shards.count, on: control) {
                services.loop.stop()
                done()
            }
            for shard in shards { shard.stop { stopped.countDown() } }
        }
        let told = Countdown(from: running.listeners.count + hosts.count, on: control) { closeWhenEmpty() }
        for listener in running.listeners { listener.stop { told.countDown() } }
        for host in hosts { host.leaveForShutdown { told.countDown() } }
    }
}

/// Runs something on a queue once so many others have said that they are done.
private final class Countdown: Sendable {
    private let left: Atomic<Int>
    private let queue: any WorkQueue
    private let then: @Sendable () -> Void

    init(from count: Int, on queue: any WorkQueue, _ then: @escaping @Sendable () -> Void) {
        left = Atomic(count)
        self.queue = queue
        self.then = then
    }

    func countDown() {
        if left.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 { queue.async(then) }
    }
}

/// Why a server did not start, in words for whoever started it.
public struct ServerFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line.
    public let description: String

    init(_ description: String) { self.description = description }
}

extension ServerConfiguration {
    /// The socket for administration, which speaks the same protocol with operator's rights.
    public var localSocketPath: String { dataDirectory + "/boxoffice.sock" }

    /// Says why a server cannot be started like this, whatever the machine: throws what `Server.start` would.
    public func check() throws(ServerFailure) { _ = try addresses() }

    func addresses() throws(ServerFailure) -> (plain: [SocketAddress], encrypted: [SocketAddress]) {
        if let refusal { throw ServerFailure(refusal) }
        let plain = try Self.addresses(listen)
        for (text, address) in zip(listen, plain) where !allowsPlaintext && !address.isLoopback {
            throw ServerFailure(
                "\(text) can be reached from other machines, and passwords would travel in the clear: "
                    + "use --tls-listen instead, or say --allow-plaintext")
        }
        return (plain, try Self.addresses(tlsListen))
    }

    private static func addresses(_ texts: [String]) throws(ServerFailure) -> [SocketAddress] {
        var addresses: [SocketAddress] = []
        for text in texts {
            do {
                addresses.append(try SocketAddress(text))
            } catch {
                throw ServerFailure("cannot listen on \(text): \(error)")
            }
            guard addresses.last?.port != nil else { throw ServerFailure("cannot listen on \(text): not HOST:PORT") }
        }
        return addresses
    }
}
