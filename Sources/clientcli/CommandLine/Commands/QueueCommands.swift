import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal

/// `queue …`
struct QueueGroup: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Join, look at or leave a concert's waiting room; check its draw.",
        subcommands: [
            QueueJoinCommand.self, QueueStatusCommand.self, QueueLeaveCommand.self, QueueVerifyCommand.self,
        ])
}

/// `queue join CONCERT [--wait]`
struct QueueJoinCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Take a place in a concert's waiting room, or find the one you have.",
        discussion: """
            With --wait, stays until you are let in, shows the place as it changes, and rings when it is your turn. \
            Ctrl-C ends the waiting, not the place: exit status 1 with the code “interrupted”; the same command goes on \
            where you were. Exit status 4 when the place ends before you are let in.
            """)

    @OptionGroup var concert: ConcertArgument
    @Flag(help: "Stay until you are let in.")
    var wait = false
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let office = try await context.office()
        let id = try await office.concertID(concert.text)
        let place = try await context.change { JoinQueue(operation: $0, concert: id) }
        await context.remember(place)
        guard wait else { return try context.console.show(place) }
        // Only now: the place is taken whatever happens to the waiting.
        let room = try await office.waitingRoom(of: id, joining: false)
        try await PlaceWait(in: room, of: office, called: concert.text, on: context.console).run()
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
        let place = try await office.place(in: office.concertID(concert.text))
        await context.remember(place)
        try context.console.show(place)
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

/// `queue verify CONCERT`
struct QueueVerifyCommand: OfficeCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Recompute the draw of a waiting room's order, and your place in it.",
        discussion: """
            Compares with the commitment that “queue join” or “queue status” saw before the draw. Exit status 0 when \
            everything is right, 4 when something is wrong, 5 when the draw has not been made.
            """)

    @OptionGroup var concert: ConcertArgument
    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let office = try await context.office(for: .guest)
        let id = try await office.concertID(concert.text)
        let place = try await office.placeIfAny(in: id)
        if let place { await context.remember(place) }
        let checked = CheckedDraw(try await office.draw(of: id), place: place, witness: try context.witness(of: id))
        try context.console.show(checked)
        switch checked.check.verdict {
        case .right: return
        case .wrong: throw Failure.shown("wrongDraw", "The draw is not right.", status: .no)
        case .nothingYet: throw Failure.shown("notDrawn", "The draw has not been made.", status: .notYet)
        }
    }
}

extension CommandContext {
    /// Keeps what the room shows before its draw, so that it can be compared with it later. The place counts more: what
    /// goes wrong here is no reason to lose it.
    func remember(_ place: Place) async {
        guard place.isBeforeDraw, let office = desk.office, let deployment = office.deployment,
            let member = office.account?.member, let draw = try? await office.draw(of: place.concert),
            let witness = DrawWitness(draw: draw, place: place)
        else { return }
        let seen = SeenDraw(witness, of: place.concert, member: member, deployment: deployment)
        do {
            try desk.settings.store.change { $0.saw(seen) }
        } catch {
            console.remark(
                json: ["commitmentKept": false, "message": JSON("\(error)")],
                "The room's commitment could not be kept for “queue verify”: \(sanitize("\(error)"))")
        }
    }

    /// What was kept of a room before its draw.
    func witness(of concert: ConcertID) throws -> DrawWitness? {
        guard let office = desk.office, let deployment = office.deployment, let member = office.account?.member else {
            return nil
        }
        return try desk.settings.store.load().seenDraw(of: concert, member: member, deployment: deployment)?.witness
    }
}

extension BoxOffice {
    /// One's own place; nil for a guest, and for who never had one.
    func placeIfAny(in concert: ConcertID) async throws(BoxOfficeError) -> Place? {
        guard account != nil else { return nil }
        do throws(BoxOfficeError) {
            return try await place(in: concert)
        } catch {
            guard error.code == .notQueued else { throw error }
            return nil
        }
    }

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
