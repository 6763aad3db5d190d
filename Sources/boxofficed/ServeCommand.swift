import ArgumentParser
import BoxOfficeServer
import Dispatch
import Foundation
import Logging

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve until SIGTERM or SIGINT.",
        discussion: """
            Prints "listening on HOST:PORT" on standard output for each address once it accepts, with " (TLS)" behind it \
            where that is spoken; everything else it says goes to the log on standard error. A second signal ends it at \
            once. With TLS, SIGHUP reads the certificate and its key again.
            """)

    @OptionGroup var data: DataOption
    @Flag(help: "Put the demo catalogue, with its sales open, into an empty data directory.")
    var demo = false
    @Flag(
        help: """
            A rehearsal: nothing that is sold is real, and “boxoffice rehearse” may make members by the thousand. For an \
            empty data directory, or a copy by “boxofficed restore --rehearsal”.
            """)
    var rehearsal = false
    @Option(
        help:
            "Listen here, HOST:PORT; may be given several times. Port 0 picks a free one. (default: 127.0.0.1:7480, or nowhere with --tls-listen)"
    )
    var listen: [String] = []
    @OptionGroup var tls: TLSOptions
    @Option(help: "How long a hold lasts.")
    var holdSeconds: UInt32 = 300
    @Option(help: "How long before its end a hold is announced to end.")
    var holdWarningSeconds: UInt32 = 60
    @Option(help: "How long an active token lasts, in rooms that do not say otherwise.")
    var activeSeconds: UInt32 = 600
    @Option(help: "How long a called member stays next, in rooms that do not say otherwise.")
    var callWindowSeconds: UInt32 = 1_800
    @Option(help: "Who has made a request this recently is present.")
    var presenceSeconds: UInt32 = 60
    @Option(help: "Active tokens at most, in rooms that do not say otherwise.")
    var roomCapacity: UInt32 = 100
    @Option(help: "Seats of one date that one member may hold and own.")
    var seatsPerMember: UInt32 = 4
    @Option(help: "The most points in one charge.")
    var chargeLimit: Int64 = 10_000_000
    @OptionGroup(title: "Rates") var rates: RateOptions
    @OptionGroup(title: "Connections") var connectionLimits: ConnectionOptions
    @OptionGroup(title: "Requests and memory") var requestLimits: RequestOptions
    @OptionGroup(title: "Logins") var loginLimits: LoginOptions
    @OptionGroup(title: "Backups") var backups: BackupOptions
    @Flag(help: "Listen without TLS on addresses that other machines reach: passwords then travel in the clear.")
    var allowPlaintext = false
    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: LogLevel = LogLevel(level: .info)

    func validate() throws {
        do {
            try configuration(Logger(label: "boxoffice")).check()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func run() async throws {
        let logger = StandardErrorLog.logger(level: logLevel.level)
        // A closed connection is an error of its write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let server = Server(configuration: configuration(logger))
        let signals = Signals([SIGTERM, SIGINT])
        do {
            let addresses = try server.start()
            let encrypted = addresses.count - tls.tlsListen.count
            for (index, address) in addresses.enumerated() {
                announce(index < encrypted ? address : "\(address) (TLS)")
            }
        } catch {
            throw Failed(message: "boxofficed: \(error)")
        }
        // Without TLS it does what it always does: a terminal that is closed ends what was started in it.
        let reload = tls.tlsListen.isEmpty ? nil : Reload { try? server.reloadCertificate() }
        await signals.first()
        withExtendedLifetime(reload) {}
        await server.shutDown()
    }

    private func configuration(_ logger: Logger) -> ServerConfiguration {
        var configuration = ServerConfiguration(dataDirectory: data.directory, logger: logger)
        if !listen.isEmpty || !tls.tlsListen.isEmpty { configuration.listen = listen }
        tls.apply(to: &configuration)
        configuration.allowsPlaintext = allowPlaintext
        configuration.importsDemo = demo
        configuration.isRehearsal = rehearsal
        configuration.holdSeconds = holdSeconds
        configuration.holdWarningSeconds = holdWarningSeconds
        configuration.activeSeconds = activeSeconds
        configuration.callWindowSeconds = callWindowSeconds
        configuration.presenceSeconds = presenceSeconds
        configuration.roomCapacity = roomCapacity
        configuration.seatsPerMemberMax = seatsPerMember
        configuration.chargeMax = chargeLimit
        configuration.rates = rates.limits
        connectionLimits.apply(to: &configuration)
        requestLimits.apply(to: &configuration.limits)
        loginLimits.apply(to: &configuration)
        configuration.backups = backups.schedule
        return configuration
    }

    /// At once, also into a pipe: who started us waits for it.
    private func announce(_ address: String) {
        FileHandle.standardOutput.write(Data("listening on \(address)\n".utf8))
    }
}

/// A level of the log by its name.
struct LogLevel: ExpressibleByArgument {
    var level: Logger.Level
    init(level: Logger.Level) { self.level = level }
    init?(argument: String) {
        guard let level = Logger.Level(rawValue: argument) else { return nil }
        self.level = level
    }
    var defaultValueDescription: String { level.rawValue }
}

/// SIGHUP, which asks to read again what may have been replaced.
///
/// `@unchecked Sendable`: the source is only kept.
final class Reload: @unchecked Sendable {
    private let source: any DispatchSourceSignal

    init(_ body: @escaping @Sendable () -> Void) {
        signal(SIGHUP, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "boxofficed.reload"))
        source.setEventHandler(handler: body)
        source.activate()
    }

    deinit { source.cancel() }
}

/// Signals that ask for an end. The first one is waited for; a second one exits at once.
///
/// `@unchecked Sendable`: the sources are only kept, and the count is touched on the signals' queue only.
final class Signals: @unchecked Sendable {
    private let stream: AsyncStream<Void>
    private var sources: [any DispatchSourceSignal] = []
    private var count = 0

    init(_ numbers: [Int32]) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        self.stream = stream
        let queue = DispatchQueue(label: "boxofficed.signals")
        for number in numbers {
            // The default action would end the process before the source hears of it.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { @Sendable [unowned self] in
                count += 1
                if count > 1 { exit(128 + number) }
                continuation.yield()
            }
            source.activate()
            sources.append(source)
        }
    }

    func first() async {
        for await _ in stream { return }
    }
}
