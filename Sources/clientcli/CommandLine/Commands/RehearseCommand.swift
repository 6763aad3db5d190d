import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal
import BoxOfficeTransport
import Foundation

/// `rehearse`
struct RehearseCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse", abstract: "Rehearse an on-sale against a server that is a rehearsal.",
        discussion: """
            Members are made, come, wait, look at the seats, lose races, hold, and most of them pay: each over a \
            connection of its own, as their programs would. What they saw is reported in the end.

            --profile is about the crowd here: rush (nearly all at once), steady (evenly) or bots (a rush, and a fifth are \
            programs). Whose session asks is said by BOXOFFICE_PROFILE.

            Only a server that was \
            started with “boxofficed serve --rehearsal” takes part. An operator asks for it, or whoever may write the \
            data directory (--data). Exit status 4 when a seat was sold twice, something failed that is no refusal, or \
            the audit found something (docs/rehearsal.md).
            """)

    @Option(help: ArgumentHelp("A concert's number, or the start of its title.", valueName: "concert"))
    var concert: String
    @Option(help: ArgumentHelp("Which date. Else the first that is on sale.", valueName: "date"))
    var date: String?
    @Option(help: ArgumentHelp("How many come.", valueName: "count"))
    var members = 1_000
    @Option(help: ArgumentHelp("When it is over: 90s, 5m.", valueName: "time"))
    var duration = TypedDuration(seconds: 60)
    @Option(help: ArgumentHelp("How long people think before each step, on average.", valueName: "time"))
    var thinking = TypedDuration(seconds: 1)
    @Option(help: ArgumentHelp("Who comes when and wants what: the same seed, the same crowd.", valueName: "number"))
    var seed: UInt64 = 1
    @Option(
        help: ArgumentHelp(
            "The server's data directory, on this machine: asks for members through its socket, and has a copy audited in the end.",
            valueName: "directory"), completion: .directory)
    var data: String?
    @Option(help: ArgumentHelp("Draw the report into an SVG file.", valueName: "file"))
    var chart: String?
    @OptionGroup var options: GlobalOptions

    /// In every other command the profile says whose session it is; here it says what crowd comes.
    var global: GlobalOptions {
        var global = options
        global.profile = nil
        return global
    }

    /// More than open files allow, on any machine.
    private static let membersMax = 1_000_000

    private var profile: RehearsalProfile {
        get throws(Failure) {
            guard let name = options.profile else { return .rush }
            guard let profile = RehearsalProfile(rawValue: name) else {
                throw .usage("\(name) is no profile of a crowd: rush, steady or bots.")
            }
            return profile
        }
    }

    func run(in context: CommandContext) async throws {
        guard 1...Self.membersMax ~= members, duration.seconds > 0 else {
            throw Failure.usage("At least one member comes, and it lasts longer than nothing.")
        }
        _ = try profile
        let files = OpenFiles.raiseLimit()
        guard members <= files - OpenFiles.reserved else {
            throw Failure.usage(
                "\(members) connections are more than this process may open: \(files - OpenFiles.reserved).")
        }
        guard let data else { return try await rehearse(at: context.office(), in: context) }
        // From here on Ctrl-C ends the crowd, not the report; a session has its own way.
        if !context.isInSession { context.desk.willConnect() }
        try await withBoxOffice(Self.local(data)) { office in try await rehearse(at: office, in: context) }
    }

    /// Through the socket in a data directory.
    private static func local(_ data: String, deployment: DeploymentID? = nil) -> ClientConfiguration {
        var configuration = ClientConfiguration(
            address: .unix(path: data + "/boxoffice.sock"), clientName: Settings.clientName)
        configuration.retriesFirstConnection = false
        configuration.deployment = deployment
        return configuration
    }

    @MainActor
    private func rehearse(at office: BoxOffice, in context: CommandContext) async throws {
        guard office.isRehearsal else {
            throw Failure(
                refusing: .notRehearsal,
                "This box office is no rehearsal: start one with “boxofficed serve --rehearsal”.")
        }
        let concert = try await office.concertID(concert)
        let (settings, profile) = (context.desk.settings, try context.desk.settings.store.load())
        let address = data == nil ? office.configuration.address : settings.server(of: profile)
        let rehearsal = Rehearsal(
            settings: RehearsalSettings(
                profile: try self.profile, members: members, duration: .seconds(duration.seconds),
                thinking: .seconds(thinking.seconds), seed: seed),
            office: office, address: address,
            trust: data == nil ? office.configuration.trust : try settings.trust(in: address, profile),
            concert: concert, performance: try await performance(of: concert, office))
        let screen = RehearsalScreen(context.console)
        let played = try await rehearsal.play { await screen.show($0, $1) }
        screen.end()
        var audit = RehearsalReport.AuditResult.notAsked
        if let data, !Task.isCancelled { audit = await self.audit(data, office.deployment) }
        let report = played.audited(audit)
        try context.console.show(report)
        if let chart { try draw(report, chart) }
        try Task.checkCancellation()
        guard report.isGood else {
            throw Failure.shown("rehearsalFailed", "Something happened that must not.", status: .no)
        }
    }

    private func performance(of concert: ConcertID, _ office: BoxOffice) async throws -> Performance {
        if let date { return try await office.performance(try performanceID(date)) }
        let dates = try await office.performances(of: concert)
        guard let first = dates.first(where: { $0.saleClosesAt > office.serverNow ?? .distantPast }) else {
            throw Failure(refusing: .saleClosed, "No date of this concert is or will be on sale.")
        }
        return first
    }

    /// A backup is a copy that was audited. By a connection of its own: a server that has died is not waited for.
    private func audit(_ data: String, _ deployment: DeploymentID?) async -> RehearsalReport.AuditResult {
        let folder = URL(fileURLWithPath: data, isDirectory: true)
        let path = folder.appending(path: "rehearsal-\(UUID().uuidString).sqlite").path
        let result: RehearsalReport.AuditResult
        do {
            let made = try await withBoxOffice(Self.local(data, deployment: deployment)) { office in
                try await office.perform(Backup(path: path), timeout: Self.auditTimeout)
            }
            result = .sound(commit: made.commit)
        } catch let error as BoxOfficeError {
            let isFound = error.code == .backupFailed && error.message.hasPrefix("The copy is not sound")
            result = isFound ? .unsound(error.message) : .notMade(error.message)
        } catch {
            result = .notMade("\(error)")
        }
        try? FileManager.default.removeItem(atPath: path)
        return result
    }

    private static let auditTimeout = Duration.seconds(600)

    private func draw(_ report: RehearsalReport, _ file: String) throws {
        do {
            try Data(RehearsalChart(report: report).svg.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw Failure("fileError", "\(file) cannot be written: \(error.localizedDescription)")
        }
    }
}

/// A length of time as it is typed: `90s`, `5m`, `1h`, or seconds.
struct TypedDuration: ExpressibleByArgument, Hashable {
    var seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600]
        let unit = argument.last.flatMap { units[$0] }
        guard let number = Double(unit == nil ? argument : String(argument.dropLast())), (0...86_400).contains(number)
        else { return nil }
        seconds = number * (unit ?? 1)
    }

    var defaultValueDescription: String { "\(Int(seconds))s" }
}

/// What is shown while it is played: on a terminal a block that is redrawn; programs read the report only.
@MainActor
private final class RehearsalScreen {
    private let console: Console
    private let block: LiveBlock?

    init(_ console: Console) {
        self.console = console
        block = console.output.isTerminal && !console.isJSON ? LiveBlock(on: console.output) : nil
    }

    func show(_ moment: RehearsalMoment, _ tally: RehearsalTally) async {
        guard let block else { return }
        let (arrived, joined, notices) = await (tally.arrived, tally.joined, tally.notices)
        let (refused, failed) = await (tally.refusals.values.reduce(0, +), tally.failures.values.reduce(0, +))
        block.show([
            "\(Int(moment.seconds)) s: \(arrived) came, \(joined) joined, \(moment.waiting) wait",
            "\(moment.held) holds, \(moment.seatsSold) seats sold, \(notices) notices; "
                + "\(counted(refused, "refusal")), \(counted(failed, "failure"))",
        ])
    }

    func end() { block?.clear() }
}
