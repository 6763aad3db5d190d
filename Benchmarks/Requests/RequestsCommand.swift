import ArgumentParser
import BoxOfficeProtocol
import Foundation

/// What one connection asks and waits for: holds that succeed and that lose, seat maps and pings, beside Redis and
/// PostgreSQL.
struct RequestsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests",
        abstract: "Holds, lost races, seat maps and pings with 64 connections.",
        discussion: "Needs Redis and PostgreSQL of Debian's packages, and boxofficed beside itself.")

    @Option(help: ArgumentHelp("hold, lost, map or ping; all by default.", valueName: "part"))
    var only: String?
    @Option(help: ArgumentHelp("How often each is measured.", valueName: "count"))
    var rounds = 5
    @Option(help: ArgumentHelp("Connections.", valueName: "count"))
    var connections = 64
    @Flag(help: "Without PostgreSQL.")
    var withoutPostgres = false

    private static let depths = [1, 16]

    func validate() throws {
        guard rounds > 0, connections > 0 else { throw ValidationError("One round and one connection at least.") }
        guard only == nil || ["hold", "lost", "map", "ping"].contains(only) else {
            throw ValidationError("--only takes hold, lost, map or ping.")
        }
    }

    func run() throws {
        var report = Report(peer: "Redis")
        if includes("ping") { try ping(into: &report) }
        if includes("map") { try map(into: &report) }
        if includes("lost") { try lost(into: &report) }
        if includes("hold") { try hold(into: &report) }
        try report.finish()
    }

    private func includes(_ part: String) -> Bool { only == nil || only == part }

    // MARK: Parts

    private func ping(into report: inout Report) throws {
        let stage = try Stage(connections: connections, dates: 1, taken: 0)
        try compare("ping", on: stage, requests: 60_000, deepest: 4, into: &report) {
            BoxOfficeAsker()
        } beside: {
            RedisAsker("PING")
        }
    }

    private func map(into report: inout Report) throws {
        let stage = try Stage(connections: connections, dates: 1, taken: 50)
        try stage.setRedis("map", String(repeating: "x", count: SellingHouse.seatsPerDate / 4))
        try compare("seat map of 10,000", on: stage, requests: 40_000, deepest: 4, into: &report) {
            BoxOfficeAsker { _ in GetSeatMap(performance: PerformanceID(1)) }
        } beside: {
            RedisAsker("GET", "map")
        }
    }

    /// Of twenty seats that are wanted nineteen are taken.
    private func lost(into report: inout Report) throws {
        let stage = try Stage(connections: connections, dates: 50, taken: 95)
        try stage.setRedis("value", String(repeating: "x", count: 24))
        try compare(
            "holds, 95 of 100 lost", on: stage, requests: 40_000, deepest: 2, mayBe: [.seatTaken], into: &report
        ) {
            stage.holds()
        } beside: {
            RedisAsker("GET", "value")
        }
    }

    /// Rounds at each depth: what `ours` asks beside what `redis` asks.
    ///
    /// - Parameters:
    ///   - requests: Of a round with one in flight; with more in flight `deepest` times as many.
    ///   - mayBe: How requests may be refused.
    private func compare(
        _ what: String, on stage: Stage, requests: Int, deepest: Int, mayBe: Set<RefusalCode> = [],
        into report: inout Report, _ ours: () -> BoxOfficeAsker, beside redis: () -> RedisAsker
    ) throws {
        for depth in Self.depths {
            let requests = requests * min(depth, deepest)
            var rounds = Rounds()
            for _ in 0..<self.rounds {
                var (ours, redis) = (ours(), redis())
                rounds.ours(seconds: try stage.ours(&ours, requests: requests, depth: depth))
                guard mayBe.isSuperset(of: ours.refusals.keys) else { throw Failed("\(what): \(ours.refusals)") }
                rounds.peer(seconds: try stage.redis(&redis, requests: requests, depth: depth))
            }
            report.add("\(what), \(depth) in flight", rounds, .timesAsFast(0.9))
        }
    }

    private func hold(into report: inout Report) throws {
        let stage = try Stage(
            connections: connections, dates: 50, taken: 0, redis: ["--appendonly", "yes", "--appendfsync", "always"])
        let postgres = withoutPostgres ? nil : try PostgresServer()
        let script = try stage.loadRedisHold()
        var seat = 0
        var beside = Rounds()
        for depth in Self.depths {
            var rounds = Rounds()
            for round in 0..<self.rounds {
                let requests = 20_000 * min(depth, 2)
                var ours = stage.holds()
                let seconds = try stage.ours(&ours, requests: requests, depth: depth)
                guard ours.refusals.isEmpty else { throw Failed("holds were refused: \(ours.refusals)") }
                rounds.ours(seconds: seconds)
                var redis = RedisAsker("EVALSHA", script, "1", "seats", RedisAsker.number, "77") {
                    seat += 1
                    return seat
                }
                rounds.peer(seconds: try stage.redis(&redis, requests: requests, depth: depth))
                if depth == 1, let postgres {
                    beside.ours(seconds: seconds)
                    let seats = round * 100_000 % 500_000
                    beside.peer(
                        seconds: try postgres.hold(
                            seats: seats..<seats + 100_000, connections: connections, requests: requests))
                }
            }
            report.add("durable holds, \(depth) in flight", rounds, .timesAsFast(2))
        }
        if postgres != nil { report.add("the same beside PostgreSQL, 1 in flight", beside, .timesAsFast(6)) }
    }
}

/// The servers of one part, and the connections to them.
private final class Stage {
    private let directory: TemporaryDirectory
    private let house: SellingHouse
    private let server: ServerProcess
    private let load: Load
    private let redisServer: RedisServer
    private let redisLoad: Load
    private let redisConnection: RedisConnection
    /// Seats in an order that wanders over all dates; each comes once.
    private var wanted = 0

    init(connections: Int, dates: Int, taken: Int, redis options: [String] = []) throws {
        directory = try TemporaryDirectory()
        house = try SellingHouse(in: directory.path, members: connections, dates: dates, taken: taken)
        server = try ServerProcess(directory: directory.path, options: SellingHouse.options)
        load = try house.connect(to: server.address.port ?? 0)
        redisServer = try RedisServer(options: options)
        redisConnection = try redisServer.connect()
        redisLoad = try Load(
            (0..<connections).map { [redisServer] _ in try LoopbackSocket(connectedTo: redisServer.port) })
    }

    deinit { server.stop() }

    /// Seconds a request.
    func ours(_ asker: inout BoxOfficeAsker, requests: Int, depth: Int) throws -> Double {
        try load.run(&asker, requests: requests, depth: depth) / Double(requests)
    }

    func redis(_ asker: inout RedisAsker, requests: Int, depth: Int) throws -> Double {
        try redisLoad.run(&asker, requests: requests, depth: depth) / Double(requests)
    }

    func setRedis(_ key: String, _ value: String) throws { try redisConnection.ask("SET", key, value) }

    /// Each connection's member holds one seat after another, of all dates.
    func holds() -> BoxOfficeAsker {
        BoxOfficeAsker { [self] _ in
            wanted += 1
            return house.hold(number: wanted, at: Wall.now)
        }
    }

    /// The hold as one script: take the seat if it is free, write the reservation, its end and a notice.
    func loadRedisHold() throws -> String {
        try redisConnection.text(
            "SCRIPT", "LOAD",
            """
            if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return -1 end
            local r = redis.call('INCR', 'rid')
            redis.call('HSET', 'res:' .. r, 'm', ARGV[2], 's', ARGV[1], 'st', 0)
            redis.call('ZADD', 'exp', r, r)
            redis.call('RPUSH', 'notice:' .. ARGV[2], r)
            return r
            """)
    }
}
