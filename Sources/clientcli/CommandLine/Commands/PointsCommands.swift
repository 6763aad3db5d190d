import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal

/// `charge POINTS`
struct ChargeCommand: OfficeCommand {
    static let configuration = CommandConfiguration(commandName: "charge", abstract: "Buy points.")

    @Argument(help: "How many, a whole number.")
    var points: String
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let amount = try BoxOfficeCommandLine.points(points)
        try await context.show { Charge(operation: $0, amount: amount) }
    }
}

/// `balance [MEMBER]`
struct BalanceCommand: OfficeCommand {
    static let configuration = CommandConfiguration(commandName: "balance", abstract: "Show how many points there are.")

    @Argument(help: "A member's number; your own without it. Other members' balances are for operators.")
    var member: String?
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let member = try member.map { try memberID($0) }
        try await context.console.show(context.office().balance(of: member))
    }
}

/// `ledger`
struct LedgerCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "List every movement of your points, the newest first.")

    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit: Int?
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let office = try await context.office()
        let entries = try await office.ledger().all(max: limit ?? .max)
        let member = office.account?.member ?? MemberID(0)
        let look = context.console.look
        try context.console.show(entries, empty: "No points have moved yet.") {
            $0.json(for: member)
        } table: {
            LedgerEntry.table($0, of: member, look)
        }
    }
}
