import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal

/// `concerts`
struct ConcertsCommand: OfficeCommand {
    static let configuration = CommandConfiguration(commandName: "concerts", abstract: "List the concerts.")
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let concerts = try await context.office(for: .guest).concerts()
        try context.console.show(
            concerts, empty: "There are no concerts.", json: { $0.json }, table: { Concert.table($0) })
    }
}

/// `dates CONCERT`
struct DatesCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "dates", abstract: "List the dates of a concert, with prices and free seats.")

    @OptionGroup var concert: ConcertArgument
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let office = try await context.office(for: .guest)
        let performances = try await office.performances(of: office.concertID(concert.text))
        let look = context.console.look
        let now = office.serverNow ?? .distantPast
        try context.console.show(performances, empty: "This concert has no dates.") {
            $0.json
        } rows: {
            Performance.rows($0, now: now, look)
        }
    }
}

/// `seats DATE`
struct SeatsCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "seats", abstract: "Show the seats of a date.",
        discussion: """
            People get a summary, with a picture of each row where the hall is small. Programs (--json) get every seat. \
            While somebody waits in the concert's room, it takes an active place in the queue.
            """)

    @Argument(help: "A date's number.")
    var date: String
    @Flag(help: "List every seat.")
    var all = false
    @Flag(help: "Draw every row, whatever the size of the hall.")
    var map = false
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let id = try performanceID(date)
        let office = try await context.office(for: .guest)
        let performance = try await office.performance(id)
        async let hall = office.hall(of: performance)
        async let map = office.seatMap(of: id)
        let mine = try await office.mySeats(at: id)
        let seats = try await SeatsNow(of: hall, at: performance, map: map, mine: mine)
        if context.console.isJSON {
            for seat in seats.seats { try context.console.object(seat.json) }
            return
        }
        try show(seats, performance, in: context.console)
    }

    @MainActor
    private func show(_ seats: SeatsNow, _ performance: Performance, in console: Console) throws {
        let look = console.look
        if all { return try console.text(seats.table(look).rendered(for: console.output)) }
        try console.lines(["\(look.style.bold(sanitize(performance.hall))), \(performance.localStart)", ""])
        try console.text(seats.summary(look).rendered(for: console.output))
        let columns = console.output.columns
        if map || columns.map(seats.isSmall) == true { try console.lines([""] + seats.picture(look)) }
        let mine = seats.seats.filter(\.isMine).map(\.name)
        if !mine.isEmpty { try console.lines(["", "Yours: \(look.style.bold(listed(mine)))"]) }
    }
}

extension BoxOffice {
    /// The seats of a date that the member holds or owns; none for a guest.
    func mySeats(at performance: PerformanceID) async throws -> Set<SeatIndex> {
        guard account != nil else { return [] }
        let live = try await reservations(of: performance).all().filter {
            $0.status == .held || $0.status == .confirmed
        }
        return Set(live.flatMap { $0.seats.map(\.seat) })
    }
}
