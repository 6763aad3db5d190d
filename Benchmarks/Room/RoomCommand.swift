import ArgumentParser

/// The waiting room beside Redis's sorted sets, and its loading beside the `sqlite3` shell.
struct RoomCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "room",
        abstract: "Join, position, admission and loading with a million waiting.")

    @Option(help: ArgumentHelp("How many wait.", valueName: "count"))
    var waiting = 1_000_000

    @Option(help: ArgumentHelp("How often each figure is measured.", valueName: "count"))
    var rounds = 5

    @Option(help: ArgumentHelp("Only this: line, decide or loading.", valueName: "part"))
    var only: Part?

    enum Part: String, ExpressibleByArgument {
        case line, decide, loading
    }

    func validate() throws {
        guard waiting >= 100_000, rounds > 0 else { throw ValidationError("At least 100000 waiting and one round.") }
    }

    func run() throws {
        var report = Report(peer: "Peer")
        let house = CrowdedHouse(waiting: waiting)
        if isWanted(.line) { try LineBenchmark(waiting: waiting, rounds: rounds).run(into: &report) }
        if isWanted(.decide) { DecideBenchmark(house: house, rounds: rounds).run(into: &report) }
        if isWanted(.loading) { try LoadingBenchmark(house: house, rounds: rounds).run(into: &report) }
        try report.finish()
    }

    private func isWanted(_ part: Part) -> Bool { only == nil || only == part }
}
