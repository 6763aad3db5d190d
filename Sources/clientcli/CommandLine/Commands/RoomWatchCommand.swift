import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal

/// `admin watch CONCERT`
struct RoomWatchCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Show a waiting room live, once a second, until interrupted.",
        discussion: "It goes on through lost connections, and ends with status 0 on Ctrl-C.")

    @OptionGroup var concert: ConcertArgument
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let office = try await context.office()
        let id = try await office.concertID(concert.text)
        let screen = RoomScreen(context.console)
        let news = Task { @MainActor in
            for await state in office.states() { screen.heard(state) }
        }
        defer {
            news.cancel()
            screen.end()
        }
        do {
            try await context.console.whileRead { try await watch(id, at: office, on: screen) }
        } catch  where Task.isCancelled && !(error is OutputLost) {}
    }

    /// Asks once a second: whatever happens in between, an operator's look costs the box office the same.
    @MainActor
    private func watch(_ id: ConcertID, at office: BoxOffice, on screen: RoomScreen) async throws {
        let clock = ContinuousClock()
        var next = clock.now
        while true {
            do {
                try screen.show(await office.room(of: id))
            } catch let error as BoxOfficeError where error.code == nil && !error.endsWatching {
                // No answer: the client is connecting anew, and says so.
            }
            next = max(next + .seconds(1), clock.now)
            try await Task.sleep(until: next, clock: clock)
        }
    }
}

extension BoxOfficeError {
    /// Whether asking again is of no use.
    fileprivate var endsWatching: Bool { !["timeout", "connectionLost", "connectFailed"].contains(name) }
}

/// What `admin watch` shows: on a terminal a block that is redrawn in place, elsewhere a line a second.
@MainActor
private final class RoomScreen {
    private let console: Console
    private let block: LiveBlock?
    private let connection: ConnectionNews
    private let previousAbove: ((String) -> Void)?
    private var figures: RoomFigures?
    private var isConnected = true

    init(_ console: Console) {
        self.console = console
        connection = ConnectionNews(on: console)
        previousAbove = console.printAbove
        block = console.output.isTerminal && !console.isJSON ? LiveBlock(on: console.output) : nil
        if let block { console.printAbove = { block.printAbove($0) } }
    }

    /// Leaves the last figures on the screen.
    func end() {
        block?.finish()
        console.printAbove = previousAbove
    }

    func heard(_ state: ConnectionState) {
        connection.heard(state)
        if case .connected = state { isConnected = true } else { isConnected = false }
        draw()
    }

    func show(_ figures: RoomFigures) throws {
        self.figures = figures
        if console.isJSON {
            try console.object(figures.json)
        } else if block == nil {
            try console.lines([figures.line(console.look)])
        }
        try console.flush()
        draw()
    }

    private func draw() {
        guard let block, let figures else { return }
        let note = isConnected ? [] : [console.look.style.yellow("Reconnecting…")]
        block.show(figures.block(console.look) + note)
    }
}
