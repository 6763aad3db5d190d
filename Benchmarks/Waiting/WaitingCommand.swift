import ArgumentParser
import BoxOfficeProtocol
import Foundation

/// Members who wait, each with a connection: what one costs, how fast all learn of a change, how soon an admission arrives.
struct WaitingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waiting",
        abstract: "Memory, a refresh of all places, and admission with 19,000 connected.",
        discussion: "Needs as many open files for itself, for the server and for Redis, and boxofficed beside itself.")

    @Option(help: ArgumentHelp("How many wait.", valueName: "count"))
    var members = 19_000
    @Option(help: ArgumentHelp("How often a refresh is measured.", valueName: "count"))
    var rounds = 7
    @Option(help: ArgumentHelp("How long 200 a second are admitted.", valueName: "seconds"))
    var admissionSeconds = 10
    @Option(help: ArgumentHelp("Event loops of the crowds.", valueName: "count"))
    var shards = 2

    /// Waiting connection's bytes at most.
    private static let bytesMax = 2_048.0
    private static let admissionsPerSecond = 200
    private static let concert = ConcertID(1)

    func validate() throws {
        guard members > 1_000, rounds > 0, shards > 0, admissionSeconds > 0,
            Self.admissionsPerSecond * admissionSeconds < members
        else { throw ValidationError("More than 1000 members, more than are admitted, and one round at least.") }
    }

    func run() throws {
        var report = Report(peer: "Redis")
        let empty = try memoryOfEmptyServer()
        let gathering = try Gathering(members: members, shards: shards)
        defer { gathering.end() }
        let (server, crowd, desk) = (gathering.server, gathering.crowd, gathering.desk)
        try stand(crowd, desk)
        let full = try server.anonymousBytes()
        report.add(
            "memory per waiting member", ours: Double(full - empty) / Double(members), peer: nil, unit: .bytes,
            .atMost(Self.bytesMax))
        report.add("refresh of all places", try refresh(crowd, desk), .timesAtMost(0.5))
        let delays = try admit(crowd, desk)
        report.add("admission to place, p99", ours: delays.shown, peer: nil, unit: .seconds, .atMost(0.1))
        report.add("admission to notice, p99", ours: delays.noticed, peer: nil, unit: .seconds, .atMost(0.1))
        report.add(
            "memory after it", ours: Double(try server.anonymousBytes() - empty) / Double(members), peer: nil,
            unit: .bytes, .nothing)
        try report.finish()
    }

    /// As it starts, with the demo catalogue and one member.
    private func memoryOfEmptyServer() throws -> Int {
        let directory = try TemporaryDirectory()
        _ = try FilledDirectory.fill(directory.path, members: 1)
        let server = try ServerProcess(directory: directory.path)
        defer { server.stop() }
        Self.settle()
        return try server.anonymousBytes()
    }

    /// Everybody takes notices, and joins a room in which there is no space.
    private func stand(_ crowd: Crowd, _ desk: Crowd) throws {
        try set(desk) { $0.capacity = 0 }
        try crowd.ask("an answer to subscribe") { $0.request(SubscribeNotices()) }
        try crowd.ask("an answer to join") { $0.request(JoinQueue(operation: .fresh, concert: Self.concert)) }
        Self.settle()
    }

    /// The last turns of the positions have come, and what was busy is idle.
    private static func settle() { Thread.sleep(forTimeInterval: 6) }

    private func set(_ desk: Crowd, _ change: @escaping @Sendable (inout SetRoom) -> Void) throws {
        try desk.ask("an answer to the operator") {
            var request = SetRoom(operation: .fresh, concert: Self.concert)
            change(&request)
            $0.request(request)
        }
    }

    /// From an operator's word, which everybody is told at once, until the last one has been told, each their own place.
    private func refresh(_ crowd: Crowd, _ desk: Crowd) throws -> Rounds {
        let redis = try RedisServer(options: ["--maxclients", "\(members + 32)"])
        let subscribers = try SubscribersProcess(of: redis, count: members, shards: shards)
        defer { subscribers.stop() }
        var rounds = Rounds()
        for round in 0..<self.rounds {
            let pauses = round % 2 == 0
            crowd.awaitPlaces(pauses ? .paused : .full)
            try rounds.ours(operations: 1) {
                try set(desk) { $0.mode = pauses ? .paused : .open }
                try crowd.wait(for: "a place")
            }
            guard crowd.positions() == Array(1...UInt32(members)) else {
                throw Failed("the places are not 1 to \(members)")
            }
            try subscribers.prepare()
            try rounds.peer(operations: 1) { try subscribers.publish() }
            Thread.sleep(forTimeInterval: 0.2)
        }
        return rounds
    }

    /// Lets in 200 a second: how long after it the slowest but one in a hundred had the place and the notice.
    private func admit(_ crowd: Crowd, _ desk: Crowd) throws -> (shown: Double, noticed: Double) {
        try set(desk) {
            $0.mode = .open
            $0.admissionsPerMinute = UInt32(60 * Self.admissionsPerSecond)
            $0.capacity = UInt32(1_000_000)
        }
        Thread.sleep(forTimeInterval: Double(admissionSeconds))
        try set(desk) { $0.mode = .paused }
        Thread.sleep(forTimeInterval: 1)
        let delays = try crowd.admissionDelays()
        let expected = Self.admissionsPerSecond * admissionSeconds
        guard delays.shown.count == delays.noticed.count, delays.shown.count > expected * 9 / 10 else {
            throw Failed(
                "\(delays.shown.count) places and \(delays.noticed.count) notices of \(expected) admissions came")
        }
        return (Self.p99(delays.shown), Self.p99(delays.noticed))
    }

    private static func p99(_ delays: [Microseconds]) -> Double {
        Double(delays.map(\.count).sorted()[(delays.count - 1) * 99 / 100]) / 1e6
    }
}

extension OperationKey {
    /// By this machine's clock, which is the server's.
    static var fresh: OperationKey { OperationKey(at: Wall.now, random: DeploymentID.random().rawValue) }
}
