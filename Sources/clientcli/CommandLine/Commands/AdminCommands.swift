import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal

/// `admin …`
struct AdminGroup: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Run the box office, as one of its operators.",
        subcommands: [
            ImportPlanCommand.self, ExportPlanCommand.self, PlansCommand.self, ImportConcertsCommand.self,
            BlockCommand.self, UnblockCommand.self, RefundCommand.self, SetPasswordCommand.self, RoomCommand.self,
            RoomWatchCommand.self, RoomChangesCommand.self, RemoveMemberCommand.self, AllowMemberCommand.self,
            StatsCommand.self,
        ])
}

/// `admin block DATE SEAT…`
struct BlockCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "block", abstract: "Take free seats out of the sale.")

    @Argument(help: "A date's number.")
    var date: String
    @Argument(help: "Names of seats.")
    var seats: [String]
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let performance = try performanceID(date)
        try await context.withSeats(seats, of: performance) { indices in
            try await context.show { BlockSeats(operation: $0, performance: performance, seats: indices) }
        }
    }
}

/// `admin unblock DATE SEAT…`
struct UnblockCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock", abstract: "Put blocked seats back on sale.")

    @Argument(help: "A date's number.")
    var date: String
    @Argument(help: "Names of seats.")
    var seats: [String]
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let performance = try performanceID(date)
        try await context.withSeats(seats, of: performance) { indices in
            try await context.show { UnblockSeats(operation: $0, performance: performance, seats: indices) }
        }
    }
}

/// `admin refund RESERVATION`
struct RefundCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "refund", abstract: "Give a paid reservation back in full.")

    @Argument(help: "Anybody's reservation, by number.")
    var reservation: String
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let id = try reservationID(reservation)
        try await context.show { Refund(operation: $0, reservation: id) }
    }
}

/// `admin passwd NAME`
struct SetPasswordCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "passwd", abstract: "Set a member's password; all their sessions end.",
        discussion: "The new password is asked for, twice, or taken from BOXOFFICE_NEW_PASSWORD or BOXOFFICE_PASSWORD.")

    @Argument(help: "The member's login name.")
    var name: String
    @OptionGroup var global: GlobalOptions

    var changeWithPassword: Opcode? { .setPassword }

    func run(in context: CommandContext) async throws {
        let isNewGiven = context.desk.settings.environment["BOXOFFICE_NEW_PASSWORD"] != nil
        let variable = isNewGiven ? "BOXOFFICE_NEW_PASSWORD" : "BOXOFFICE_PASSWORD"
        let password = try context.newPassword(variable: variable, for: name)
        _ = try await context.change { SetPassword(operation: $0, name: name, password: Secret(password)) }
        try context.console.show(
            json: ["passwordChanged": true, "name": JSON(name)], lines: ["The password of \(sanitize(name)) is set."])
    }
}

/// `admin stats`
struct StatsCommand: OfficeCommand {
    static let configuration = CommandConfiguration(commandName: "stats", abstract: "Show the server's live figures.")
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        try await context.console.show(context.office().figures())
    }
}
