import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal

/// `queue …`
struct QueueGroup: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Join, look at or leave a concert's waiting room.",
        subcommands: [QueueJoinCommand.self, QueueStatusCommand.self, QueueLeaveCommand.self])
}

/// `queue join CONCERT [--wait]`
struct QueueJoinCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Take a place in a concert's waiting room, or find the one you have.",
        discussion: """
            With --wait, stays until you are let in, and shows the place as it changes. Ctrl-C ends the waiting, not the \
            place: exit status 1 with the code “interrupted”.
            """)

    @OptionGroup var concert: ConcertArgument
    @Flag(help: "Stay until you are let in.")
    var wait = false
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let office = try await context.office()
        let id = try await office.concertID(concert.text)
        let place = try await context.change { JoinQueue(operation: $0, concert: id) }
        guard wait else { return try context.console.show(place) }
        // Only now: the place is taken whatever happens to the waiting.
        let room = try await office.waitingRoom(of: id, joining: false)
        let last = try await follow(room, of: office, in: context.console)
        switch last?.status {
        case .active: return
        case .completed, .expired, .left, .removed:
            throw Failure(refusing: .queueRequired, "The place has ended before you were let in.")
        case .waiting, .called, .unknown, nil:
            if Task.isCancelled {
                throw Failure("interrupted", "You are not in yet. You keep your place while you are away.")
            }
            throw await office.closingFailure
        }
    }

    /// Shows the place until the wait is over; the last one seen.
    @MainActor
    private func follow(_ room: WaitingRoom, of office: BoxOffice, in console: Console) async throws -> Place? {
        let block = LiveBlock(on: console.output)
        let before = console.printAbove
        if console.output.isTerminal, !console.isJSON { console.printAbove = { block.printAbove($0) } }
        defer { console.printAbove = before }
        let connection = ConnectionNews(on: console)
        let news = Task { @MainActor in
            for await state in office.states() { connection.heard(state) }
        }
        defer { news.cancel() }
        let last = try await console.whileRead {
            var last: Place?
            for await place in room.places {
                last = place
                if console.isJSON {
                    try console.object(place.json)
                    try console.flush()
                } else if place.isInLine {
                    block.show(place.lines(console.look))
                }
            }
            return last
        }
        block.clear()
        if let last, !console.isJSON { try console.show(last) }
        return last
    }
}

/// `queue status CONCERT`
struct QueueStatusCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show your place in a concert's waiting room.")

    @OptionGroup var concert: ConcertArgument
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let office = try await context.office()
        try await context.console.show(office.place(in: office.concertID(concert.text)))
    }
}

/// `queue leave CONCERT`
struct QueueLeaveCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "leave", abstract: "Give up your place; seats you hold for this concert are released.")

    @OptionGroup var concert: ConcertArgument
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let id = try await context.office().concertID(concert.text)
        try await context.show { LeaveQueue(operation: $0, concert: id) }
    }
}

extension BoxOffice {
    /// Why a client that tries again by itself has given up.
    var closingFailure: Failure {
        get async {
            for await state in states() {
                if case .closed(let error) = state {
                    return error.map { Failure($0) } ?? Failure("noConnection", "Closed.", status: .noConnection)
                }
            }
            return Failure("noConnection", "The connection is closed.", status: .noConnection)
        }
    }
}
