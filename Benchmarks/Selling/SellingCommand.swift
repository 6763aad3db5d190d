import ArgumentParser
import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore

/// Holds without sockets: decided by the engine and committed by the store, beside a loop that writes the same rows.
struct SellingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selling",
        abstract: "Holds by engine and store, beside bare SQLite that writes the same rows.",
        discussion: "With --once, one batch size and nothing beside it: for a profiler.")

    @Option(help: ArgumentHelp("How often each is measured.", valueName: "count"))
    var rounds = 5
    @Option(help: ArgumentHelp("Holds of one round.", valueName: "count"))
    var holds = 50_000
    @Option(help: ArgumentHelp("Only this: holds of one batch.", valueName: "holds"))
    var once: Int?

    func validate() throws {
        guard rounds > 0, (1...100_000).contains(holds) else {
            throw ValidationError("One round at least, and 100000 holds in one at most.")
        }
    }

    func run() throws {
        if let once {
            let house = try Selling(holds: holds)
            print("\(try house.sell(batch: once) * 1e6) µs a hold")
            return
        }
        var report = Report(peer: "SQLite")
        for batch in [1, 8, 64, 512] {
            var rounds = Rounds()
            let holds = batch == 1 ? min(holds, 5_000) : holds
            for _ in 0..<self.rounds {
                let house = try Selling(holds: holds)
                rounds.ours(seconds: try house.sell(batch: batch))
                rounds.peer(seconds: try house.rows().write(batch: batch))
            }
            report.add("hold, batches of \(batch)", rounds, .timesAsFast(0.8))
        }
        try report.finish()
    }
}

/// One round: an on-sale of 50 dates that has just begun.
private final class Selling {
    private let directory: TemporaryDirectory
    private let house: SellingHouse
    private let holds: Int

    init(holds: Int) throws {
        self.holds = holds
        directory = try TemporaryDirectory()
        house = try SellingHouse(in: directory.path, members: 64, dates: 50)
    }

    /// - Returns: Seconds a hold.
    func sell(batch: Int) throws -> Double {
        let store = try Store.open(directory: directory.path)
        defer { store.close() }
        var engine = Engine(configuration: SellingHouse.configuration)
        try store.load(into: &engine)
        let now = Wall.now
        engine.loaded(at: now)
        var effects = Effects()
        engine.wake(at: now, into: &effects)
        try store.commit(effects.facts, at: now)
        let commands = (0..<holds).map { house.holdCommand(number: $0, at: now) }
        return try secondsTaken {
            var next = 0
            while next < holds {
                var effects = Effects()
                for command in commands[next..<min(next + batch, holds)] {
                    if case .refused(let refusal) = engine.decide(command, at: now, into: &effects) {
                        throw Failed("a hold was refused: \(refusal)")
                    }
                }
                try store.commit(effects.facts, at: now)
                try store.checkpointIfDue(isIdle: false)
                next += batch
            }
        } / Double(holds)
    }

    /// What it has written.
    func rows() throws -> BareRows { try BareRows(of: directory.path, holds: holds) }
}
