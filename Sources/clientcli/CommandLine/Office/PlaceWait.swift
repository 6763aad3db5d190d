// Waiting to be let in: the place as it changes, what one is told meanwhile, and how it ends.
//
//     terminal        a block redrawn in place every second; what happens stands above it
//     file or pipe    a line for each change
//     --json          an object for each change: places and notices, as `watch` has them

import BoxOfficeClient
import BoxOfficeTerminal

/// One wait in one room.
@MainActor
final class PlaceWait {
    private let room: WaitingRoom
    private let office: BoxOffice
    private let concert: String
    private let console: Console
    private let block: LiveBlock?
    private let connection: ConnectionNews
    private var view: WaitView
    private var lastLine: String?
    private var hasWaited = false
    /// The newest notice about each of the member's places.
    private var notices: [TokenID: Notice] = [:]

    /// A place that is over and the notice that says why come one after the other: how often to look for the second.
    private static let noticeLooksMax = 20
    private static let noticeInterval: Duration = .milliseconds(50)

    /// - Parameter concert: how the command called it, for what to type next.
    init(in room: WaitingRoom, of office: BoxOffice, called concert: String, on console: Console) {
        (self.room, self.office, self.concert, self.console) = (room, office, concert, console)
        block = console.output.isTerminal && !console.isJSON ? LiveBlock(on: console.output) : nil
        connection = ConnectionNews(on: console)
        view = WaitView(place: room.place)
    }

    /// Returns when the member is inside.
    func run() async throws {
        let before = console.printAbove
        if let block { console.printAbove = { block.printAbove($0) } }
        let tasks = [
            Task { @MainActor in await followConnection() },
            Task { @MainActor in await followNotices() },
            Task { @MainActor in await tick() },
        ]
        defer {
            for task in tasks { task.cancel() }
            block?.clear()
            console.printAbove = before
        }
        let last = try await console.whileRead { [self] in try await followPlace() }
        block?.clear()
        switch last?.status {
        case .active: if let last { try isIn(last) }
        case .completed, .expired, .left, .removed:
            if let last { throw PlaceEnd(status: last.status, notice: notices[last.token], concert: concert).failure }
        case .waiting, .called, .unknown, nil:
            guard Task.isCancelled else { throw await office.closingFailure }
            if !console.isJSON { try console.show(view.place) }
            let again = "boxoffice queue join \(sanitize(quoted([concert]))) --wait"
            throw Failure("interrupted", "The place stays yours while you are away. To go on waiting: \(again)")
        }
    }

    // MARK: What happens

    /// The place until the wait is over; the last one.
    private func followPlace() async throws -> Place? {
        var last: Place?
        for await place in room.places {
            if last?.isBeforeDraw == true, place.rank != nil {
                let check = "boxoffice queue verify \(sanitize(quoted([concert])))"
                try tell("The order has been drawn. Whether that was fair says “\(check)”.")
            }
            // The same place asked for again is no news.
            if last?.isSame(as: place) == true { continue }
            last = place
            if !place.isInLine { await hearWhy(place) }
            hasWaited = hasWaited || place.isInLine
            view.place = place
            if place.position > 0, view.firstPosition == nil { view.firstPosition = place.position }
            try showPlace()
        }
        return last
    }

    /// Waits for the notice that goes with the end of a wait: it has the reason, and what came before it.
    private func hearWhy(_ place: Place) async {
        // Who was inside already when the command began may have heard of it before.
        for _ in 0..<(hasWaited ? Self.noticeLooksMax : Self.noticeLooksMax / 4) {
            switch (place.status, notices[place.token]) {
            case (.active, .admitted), (.expired, .tokenExpired), (.removed, .tokenRemoved): return
            case (.completed, _), (.left, _): return
            default: try? await Task.sleep(for: Self.noticeInterval)
            }
        }
    }

    private func followNotices() async {
        for await received in office.notices {
            // A notice that could not be shown is not consumed: it comes again.
            guard (try? show(received)) != nil else { return }
        }
    }

    private func followConnection() async {
        for await state in office.states() {
            connection.heard(state)
            if case .connected = state { view.isConnected = true } else { view.isConnected = false }
            draw()
        }
    }

    // MARK: What is shown

    private func showPlace() throws {
        if console.isJSON {
            let kind: JSON = ["kind": "position"]
            try console.object(kind.with(view.place.json))
            return try console.flush()
        }
        guard view.place.isInLine else { return }
        if block != nil { return draw() }
        let line = view.line(console.look)
        guard line != lastLine else { return }
        lastLine = line
        try tell(line)
    }

    private func show(_ received: ReceivedNotice) throws {
        let place = received.notice?.place
        if let place, let notice = received.notice { notices[place] = notice }
        if console.isJSON {
            try console.object(received.json)
            return try console.flush()
        }
        let look = console.look
        switch received.notice {
        case .called(let called) where place == room.place.token:
            try tell(look.style.yellow("Your turn came while you were away, at \(look.clock(called.at))."))
        case .admitted, .tokenExpired, .tokenRemoved:
            // The end of the wait says so.
            if place != room.place.token { fallthrough }
        default:
            for line in received.lines(look) { try tell(line) }
        }
    }

    /// A line that stays.
    private func tell(_ line: String) throws {
        if let block { return block.printAbove(line) }
        guard !console.isJSON else { return }
        try console.lines([line])
        try console.flush()
    }

    private func isIn(_ place: Place) throws {
        guard !console.isJSON else { return }
        if hasWaited {
            if console.output.isTerminal { console.output.write("\u{07}") }
            try tell(console.look.style.bold(console.look.style.green("It is your turn!")))
        }
        try console.show(place)
    }

    /// Redraws every second: times run down.
    private func tick() async {
        while block != nil, !Task.isCancelled {
            draw()
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func draw() {
        guard let block, hasWaited, view.place.isInLine else { return }
        block.show(view.block(console.look, now: office.serverNow ?? view.place.now))
    }
}
