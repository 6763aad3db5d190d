import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal

/// `watch`
struct WatchCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Show notices and updates as they come, until interrupted.",
        discussion: """
            The first watch of a session starts now; later ones go on where the last one ended. It goes on through lost \
            connections, and ends with status 0 on Ctrl-C.
            """)

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Show changes of these dates' seats too.", valueName: "date"))
    var seats: [String] = []
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let ids = try seats.map { try performanceID($0) }
        let office = try await context.office(for: ids.isEmpty ? .member : .guest)
        let isMember = office.account != nil
        guard isMember || !ids.isEmpty else { throw Failure(refusing: .loginRequired, "Only members have notices.") }
        var dates: [Performance] = []
        for id in ids { dates.append(try await office.performance(id)) }

        let screen = WatchScreen(context.console, office)
        let feed = PushFeed(office) { try screen.show($0) }
        if isMember, !context.console.isJSON { screen.begin(with: try? await office.reservationPage().reservations) }
        let clock = Task { @MainActor in await screen.tick() }
        defer {
            clock.cancel()
            screen.end()
        }
        do {
            try await context.console.whileRead { [dates] in
                try await feed.run(followsMember: isMember, dates: dates)
            }
        } catch  where Task.isCancelled && !(error is OutputLost) {}
    }
}

/// What `watch` shows: each push as a line, and on a terminal, below them, what is running out.
@MainActor
private final class WatchScreen {
    private let console: Console
    private let office: BoxOffice
    private let block: LiveBlock?
    private var holds: [ReservationID: Reservation] = [:]
    private var places: [ConcertID: Place] = [:]
    private let connection: ConnectionNews
    private let previousAbove: ((String) -> Void)?

    init(_ console: Console, _ office: BoxOffice) {
        self.console = console
        self.office = office
        connection = ConnectionNews(on: console)
        previousAbove = console.printAbove
        guard !console.isJSON, console.output.isTerminal else {
            block = nil
            return
        }
        let block = LiveBlock(on: console.output)
        self.block = block
        console.printAbove = { block.printAbove($0) }
    }

    func begin(with reservations: [Reservation]?) {
        for reservation in reservations ?? [] where reservation.status == .held {
            holds[reservation.reservation] = reservation
        }
    }

    func end() {
        block?.clear()
        console.printAbove = previousAbove
    }

    func show(_ push: Push) throws {
        switch push {
        case .notice(let notice):
            if let reservation = notice.notice?.reservation {
                holds[reservation.reservation] = reservation.status == .held ? reservation : nil
            }
            try show(notice.json, notice.lines(console.look))
        case .place(let place):
            places[place.concert] = place.isInLine ? place : nil
            let kind: JSON = ["kind": "position"]
            // On a terminal the place itself is in the block below.
            let isBelow = block != nil && place.isInLine
            try show(
                kind.with(place.json), isBelow ? [] : ["Concert \(place.concert): \(place.lines(console.look)[0])"])
        case .seats(let performance, let change, let names):
            try show(change.json(of: performance, names), change.lines(of: performance, names))
        case .connection(let state): connection.heard(state)
        }
        draw()
    }

    private func show(_ json: JSON, _ lines: @autoclosure () -> [String]) throws {
        if console.isJSON {
            try console.object(json)
        } else if let block {
            for line in lines() { block.printAbove(line) }
        } else {
            try console.lines(lines())
        }
        try console.flush()
    }

    // MARK: What is running out

    /// Redraws every second.
    func tick() async {
        guard block != nil else { return }
        while !Task.isCancelled {
            draw()
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func draw() {
        guard let block, let now = office.serverNow else { return }
        let look = console.look
        var lines: [String] = []
        for hold in holds.values.sorted(by: { $0.reservation < $1.reservation }) {
            let left = hold.remaining(at: now)
            guard left.count > 0 else { continue }
            let time = look.style.bold(countdown(microseconds: left.count))
            lines.append("\(time)  to pay reservation \(hold.reservation): \(listed(hold.labels))")
        }
        for place in places.values.sorted(by: { $0.concert < $1.concert }) {
            lines.append("Concert \(place.concert): " + place.lines(look).joined(separator: "   "))
        }
        block.show(lines)
    }
}
