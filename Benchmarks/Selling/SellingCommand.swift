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
            let house = try SellingRound(holds: holds)
            print("\(try house.sell(batch: once) * 1e6) µs a hold")
            return
        }
        var report = Report(peer: "SQLite")
        for batch in [1, 8, 64, 512] {
            var rounds = Rounds()
            let holds = batch == 1 ? min(holds, 5_000) : holds
            for _ in 0..<self.rounds {
                let house = try SellingRound(holds: holds)
                rounds.ours(seconds: try house.sell(batch: batch))
                rounds.peer(seconds: try house.rows().write(batch: batch))
            }
            report.add("hold, batches of \(batch)", rounds, .timesAsFast(0.8))
        }
        try report.finish()
    }
}
