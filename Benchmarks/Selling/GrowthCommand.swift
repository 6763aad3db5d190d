import ArgumentParser

/// The same holds in a box office with ten times as much in it.
struct GrowthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "growth",
        abstract: "Holds in a box office with ten times the seats, the members or the reservations.")

    @Option(help: ArgumentHelp("How often each is measured.", valueName: "count"))
    var rounds = 5
    @Option(help: ArgumentHelp("Holds of one round.", valueName: "count"))
    var holds = 20_000

    private static let batch = 64
    private static let timesMax = 1.3

    func validate() throws {
        guard rounds > 0, (1...50_000).contains(holds) else {
            throw ValidationError("One round at least, and 50000 holds in one at most.")
        }
    }

    func run() throws {
        func round(dates: Int = 10, bystanders: Int = 5_000, taken: Int = 5) throws -> SellingRound {
            try SellingRound(holds: holds, dates: dates, bystanders: bystanders, taken: taken)
        }
        // Dates have 10,000 seats each; of a hundred seats so many are reserved, one by one.
        let pairs: [(what: String, large: () throws -> SellingRound, small: () throws -> SellingRound)] = [
            ("seats", { try round(dates: 100, taken: 0) }, { try round(taken: 0) }),
            ("members", { try round(bystanders: 50_000) }, { try round() }),
            ("reservations", { try round(taken: 50) }, { try round() }),
        ]
        var report = Report(peer: "a tenth")
        for (what, large, small) in pairs {
            var rounds = Rounds()
            for _ in 0..<self.rounds {
                rounds.ours(seconds: try large().sell(batch: Self.batch))
                rounds.peer(seconds: try small().sell(batch: Self.batch))
            }
            report.add("a hold among ten times the \(what)", rounds, .timesAtMost(Self.timesMax))
        }
        try report.finish()
    }
}
