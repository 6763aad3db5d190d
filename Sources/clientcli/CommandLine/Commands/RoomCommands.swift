import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal

/// `admin room CONCERT …`
struct RoomCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "room", abstract: "Show or tune a concert's waiting room.",
        discussion: """
            Without options, shows how it works and how many are where. What is changed takes effect at once and is \
            recorded: “admin changes”.
            """)

    @OptionGroup var concert: ConcertArgument
    @Option(
        help: "Queue: seat maps are always for those inside; paused: admits nobody; draining: nor may anybody join.")
    var mode: RoomMode?
    @Flag(help: "The same as --mode paused.")
    var pause = false
    @Flag(help: "The same as --mode open.")
    var open = false
    @Option(help: ArgumentHelp("How many may be inside at once.", valueName: "n"))
    var capacity: UInt32?
    @Option(help: ArgumentHelp("How many go in per minute, evenly; 0 for no limit.", valueName: "n"))
    var admissionsPerMinute: UInt32?
    @Option(help: ArgumentHelp("How long an active place lasts.", valueName: "s"))
    var activeSeconds: UInt32?
    @Option(help: ArgumentHelp("How long one inside may neither look nor hold; 0 for no limit.", valueName: "s"))
    var idleSeconds: UInt32?
    @Option(help: ArgumentHelp("How long a member who was called while away stays next.", valueName: "s"))
    var callWindowSeconds: UInt32?
    @Option(
        help: ArgumentHelp(
            "When it opens, such as 2026-12-12T19:00:00+01:00; “sale” for with the first sale.", valueName: "time"))
    var opensAt: OpeningArgument?
    @Option(help: ArgumentHelp("What those who wait are told; \"\" for nothing.", valueName: "text"))
    var message: String?
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (mode == nil ? 0 : 1) + (pause ? 1 : 0) + (open ? 1 : 0) <= 1 else {
            throw ValidationError("A room has one mode: --mode, --pause or --open.")
        }
    }

    func run(in context: CommandContext) async throws {
        let office = try await context.office()
        let id = try await office.concertID(concert.text)
        let request = SetRoom(
            operation: OperationKey(Bytes16(high: 0, low: 0)), concert: id,
            mode: mode ?? (pause ? .paused : open ? .open : nil), capacity: capacity, activeSeconds: activeSeconds,
            callWindowSeconds: callWindowSeconds, admissionsPerMinute: admissionsPerMinute, idleSeconds: idleSeconds,
            opensAt: opensAt?.instant, message: message)
        guard request != SetRoom(operation: request.operation, concert: id) else {
            return try context.console.show(await office.room(of: id))
        }
        try await context.show { key in
            var keyed = request
            keyed.operation = key
            return keyed
        }
    }
}

extension RoomMode: ExpressibleByArgument {
    /// By its name in the protocol.
    public init?(argument: String) {
        guard let mode = Self.known.first(where: { $0.name == argument }) else { return nil }
        self = mode
    }

    /// All names.
    public static var allValueStrings: [String] { known.map(\.name) }
}

/// When a room opens, as it is typed.
struct OpeningArgument: ExpressibleByArgument {
    let instant: Instant

    init?(argument: String) {
        if argument == "sale" {
            instant = .distantPast
        } else if let microseconds = microseconds(rfc3339: argument) {
            instant = Instant(microseconds)
        } else {
            return nil
        }
    }
}

/// `admin changes CONCERT`
struct RoomChangesCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "changes", abstract: "List what was changed about a waiting room, the newest first.")

    @OptionGroup var concert: ConcertArgument
    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit: Int?
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let office = try await context.office()
        let id = try await office.concertID(concert.text)
        let changes = try await office.roomChanges(of: id).all(max: limit ?? .max)
        let look = context.console.look
        try context.console.show(changes, empty: "Nothing was changed yet.") {
            $0.json
        } table: {
            RoomChange.table($0, look)
        }
    }
}

/// `admin remove CONCERT NAME`
struct RemoveMemberCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "End a member's place in a waiting room, and release what they hold there.",
        discussion: "The member is told the reason.")

    @Argument(help: "A concert's number, or the start of its title, in quotes when it has several words.")
    var concert: String
    @Argument(help: "The member's login name.")
    var name: String
    @Option(help: ArgumentHelp("Why: it is recorded, and the member reads it.", valueName: "text"))
    var reason: String
    @Flag(help: "The member may not join again, also one without a place.")
    var bar = false
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let id = try await context.office().concertID(concert)
        try await context.show {
            RemoveMember(operation: $0, concert: id, name: name, reason: reason, bar: bar)
        }
    }
}

/// `admin allow CONCERT NAME`
struct AllowMemberCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow", abstract: "Let a barred member join again.")

    @Argument(help: "A concert's number, or the start of its title, in quotes when it has several words.")
    var concert: String
    @Argument(help: "The member's login name.")
    var name: String
    @Option(help: ArgumentHelp("Why: it is recorded.", valueName: "text"))
    var reason: String
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let id = try await context.office().concertID(concert)
        try await context.show { AllowMember(operation: $0, concert: id, name: name, reason: reason) }
    }
}
