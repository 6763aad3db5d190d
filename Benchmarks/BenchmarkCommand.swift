import ArgumentParser

/// Measures the box office beside a peer that does the same work on the same machine in the same run.
@main
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "boxoffice-benchmark",
        abstract: "Measures the box office beside its peers (Benchmarks/README.md).",
        discussion: "Exits with 1 when something that is wanted does not hold.",
        subcommands: [
            RoomCommand.self, SellingCommand.self, GrowthCommand.self, RequestsCommand.self, PaceCommand.self,
            WaitingCommand.self, WatchingCommand.self, InstructionsCommand.self, SubscribersCommand.self,
        ])
}
