import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal

/// `hold DATE SEAT…`
struct HoldCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Hold seats for a while: all of them or none.")

    @Argument(help: "A date's number.")
    var date: String
    @Argument(help: "Names of seats.")
    var seats: [String]
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let performance = try performanceID(date)
        try await context.withSeats(seats, of: performance) { indices in
            try await context.show { Hold(operation: $0, performance: performance, seats: indices) }
        }
    }
}

/// `release RESERVATION`
struct ReleaseCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Give up a hold before its deadline.")

    @Argument(help: "A reservation's number.")
    var reservation: String
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let id = try reservationID(reservation)
        try await context.show { Release(operation: $0, reservation: id) }
    }
}

/// `pay RESERVATION`
struct PayCommand: OfficeCommand {
    static let configuration = CommandConfiguration(commandName: "pay", abstract: "Pay for what you hold.")

    @Argument(help: "A reservation's number.")
    var reservation: String
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let id = try reservationID(reservation)
        try await context.show { Pay(operation: $0, reservation: id) }
    }
}

/// `reservations`
struct ReservationsCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "reservations", abstract: "List your reservations, the newest first.")

    @Option(help: ArgumentHelp("Only those of this date.", valueName: "date"))
    var date: String?
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let performance = try date.map { try performanceID($0) }
        let office = try await context.office()
        let reservations = try await office.reservations(of: performance).all()
        let now = office.serverNow ?? .distantPast
        let look = context.console.look
        let names = context.console.isJSON ? [:] : await office.names(of: reservations)
        try context.console.show(reservations, empty: "You have no reservations.") {
            $0.json(remainingSeconds: $0.remaining(at: now).remainingSeconds)
        } table: {
            Reservation.table($0, names: names, now: now, look)
        }
    }
}

/// `payments`
struct PaymentsCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "payments", abstract: "List your payments, the newest first.")
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let payments = try await context.office().payments().all()
        let look = context.console.look
        try context.console.show(
            payments, empty: "You have not paid for anything yet.", json: { $0.json },
            table: { Payment.table($0, look) })
    }
}

extension CommandContext {
    /// Finds seats by name, and names them again in a refusal.
    func withSeats(
        _ names: [String], of performance: PerformanceID, audience: Audience = .member,
        _ body: ([SeatIndex]) async throws -> Void
    ) async throws {
        let indices = try await office(for: audience).findSeats(names, at: performance)
        do {
            try await body(indices)
        } catch let error as BoxOfficeError {
            let typed = Dictionary(zip(indices, names)) { first, _ in first }
            throw Failure(error) { typed[$0] }
        }
    }
}

extension BoxOffice {
    /// Title and start of the dates that reservations are for, as far as they can be had.
    fileprivate func names(of reservations: [Reservation]) async -> [PerformanceID: String] {
        let titles = Dictionary((try? await concerts())?.map { ($0.concert, $0.title) } ?? []) { first, _ in first }
        var names: [PerformanceID: String] = [:]
        for concert in Set(reservations.map(\.concert)) {
            for performance in (try? await performances(of: concert)) ?? [] {
                names[performance.performance] = "\(titles[concert] ?? ""), \(performance.localStart)"
            }
        }
        return names
    }
}

extension Reservation {
    static func table(
        _ reservations: [Reservation], names: [PerformanceID: String], now: Instant, _ look: Look
    ) -> Table {
        var table = Table([
            .init("RESERVATION", .right), .init("STATUS"), .init("LEFT", .right), .init("POINTS", .right),
            .init("SEATS", shrinks: true), .init("DATE", .right), .init("WHAT", shrinks: true),
        ])
        for reservation in reservations {
            let left = reservation.remaining(at: now)
            table.add([
                "\(reservation.reservation)", .init(reservation.status.name, paint: reservation.paintedStatus(look)),
                .init(left.count > 0 ? countdown(microseconds: left.count) : ""), .init(grouped(reservation.total)),
                .init(reservation.labels.joined(separator: ", ")), "\(reservation.performance)",
                .init(names[reservation.performance] ?? ""),
            ])
        }
        return table
    }
}
