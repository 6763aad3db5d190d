import ArgumentParser

/// `boxoffice`.
struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: BoxOfficeTool.name,
        abstract: "Queue for concerts, hold seats, pay for them.",
        discussion: """
            CONCERT is a concert's number or an unambiguous start of its title. DATE is a date's number, as “dates” lists \
            them. SEAT is a seat's label (zone, row and number joined with “-”), its seat_guid, or row and number where \
            these alone are unique.

            Exit status: 0 done, 1 refused, 2 wrong usage, 3 no connection; 4 a place that has ended, a draw that is \
            wrong, or a rehearsal that showed what must not be, 5 nothing to verify yet. A change whose answer did not come is kept in \
            the profile; the next call settles it first.
            """,
        version: BoxOfficeTool.version,
        groupedSubcommands: [
            CommandGroup(
                name: "Members",
                subcommands: [
                    SignUpCommand.self, LogInCommand.self, LogOutCommand.self, WhoAmICommand.self, PasswordCommand.self,
                ]),
            CommandGroup(
                name: "Points", subcommands: [ChargeCommand.self, BalanceCommand.self, LedgerCommand.self]),
            CommandGroup(
                name: "Concerts",
                subcommands: [ConcertsCommand.self, DatesCommand.self, SeatsCommand.self, QueueGroup.self]),
            CommandGroup(
                name: "Seats",
                subcommands: [
                    HoldCommand.self, ReleaseCommand.self, PayCommand.self, ReservationsCommand.self,
                    PaymentsCommand.self,
                ]),
            CommandGroup(name: "Staying", subcommands: [WatchCommand.self, ShellCommand.self]),
            CommandGroup(name: "Operators", subcommands: [AdminGroup.self, RehearseCommand.self]),
        ])

    @OptionGroup var global: GlobalOptions
}

/// A name that stands for several commands, and does nothing by itself.
protocol CommandFamily: ParsableCommand {}
extension Root: CommandFamily {}
