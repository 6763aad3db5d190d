import ArgumentParser
import BoxOfficeProtocol
import Foundation

/// Members who look at the seats of one date: how soon all of them know of a seat that has changed.
struct WatchingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watching",
        abstract: "One change of a seat, told to 8,000 who look at the map.",
        discussion: "Needs as many open files for itself, for the server and for Redis, and boxofficed beside itself.")

    @Option(help: ArgumentHelp("How many look.", valueName: "count"))
    var members = 8_000
    @Option(help: ArgumentHelp("How often it is measured.", valueName: "count"))
    var rounds = 15
    @Option(help: ArgumentHelp("Event loops of the crowds.", valueName: "count"))
    var shards = 2

    private static let date = PerformanceID(1)

    func validate() throws {
        guard (1...19_000).contains(members), (1...1_000).contains(rounds), shards > 0 else {
            throw ValidationError("1 to 19000 members, and 1 to 1000 rounds.")
        }
    }

    func run() throws {
        let gathering = try Gathering(members: members, shards: shards)
        defer { gathering.end() }
        let (crowd, desk) = (gathering.crowd, gathering.desk)
        try crowd.ask("a seat map") { $0.request(WatchSeats(performance: Self.date)) }

        let redis = try RedisServer(options: ["--maxclients", "\(members + 32)"])
        let subscribers = try SubscribersProcess(of: redis, count: members, shards: shards, oneChannel: true)
        defer { subscribers.stop() }
        var rounds = Rounds()
        for round in 0..<self.rounds {
            // From the operator's word, committed before anybody is told, until the last of them knows.
            let seat = SeatIndex(UInt32(round))
            crowd.awaitChange(of: seat)
            try rounds.ours(operations: 1) {
                try desk.ask("an answer to the operator") {
                    $0.request(BlockSeats(operation: .fresh, performance: Self.date, seats: [seat]))
                }
                try crowd.wait(for: "a change of a seat")
            }
            try subscribers.prepare()
            try rounds.peer(operations: 1) { try subscribers.publish() }
            Thread.sleep(forTimeInterval: 0.2)
        }
        var report = Report(peer: "Redis")
        report.add("a changed seat, told to \(members)", rounds, .timesAsFast(1))
        try report.finish()
    }
}
