import ArgumentParser
import BoxOfficeTransport
import Foundation

/// Redis's side of what many are told: as many subscribers as there are members, with a channel each or with one for all, on
/// the same connections as ours.
///
/// In a process of its own, because the open files of one are not enough for both crowds.
struct SubscribersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscribers", abstract: "The peer's crowd, for `waiting` and `watching`.", shouldDisplay: false)

    @Option var port: UInt16
    @Option var count: Int
    @Option var shards: Int
    @Flag var oneChannel = false

    /// Says `ready`, and for each line that it is given publishes a message to everybody and says `told` when all have it.
    func run() throws {
        let crowd = try Subscribers(count: count, port: port, shards: shards, oneChannel: oneChannel)
        let channels = oneChannel ? 1 : count
        let publisher = try RedisConnection(port: port)
        say("ready")
        var round = 0
        while readLine() != nil {
            round += 1
            let batches = RedisBatch.each(1_000, of: 0..<channels) { [round] in
                $0.add("PUBLISH", Subscriber.channel($1), Subscriber.message($1, round))
            }
            say("made")
            guard readLine() != nil else { return }
            crowd.awaitMessages()
            try publisher.run(batches)
            try crowd.wait()
            say("told")
        }
    }

    private func say(_ word: String) { FileHandle.standardOutput.write(Data((word + "\n").utf8)) }
}

/// The connections of all subscribers.
private final class Subscribers {
    private let shards: [Shard]
    private let count: Int
    private let tally = Tally()

    /// Connects and subscribes them all.
    init(count: Int, port: UInt16, shards shardCount: Int, oneChannel: Bool) throws {
        self.count = count
        shards = try (0..<shardCount).map { try Shard(label: "benchmark.subscribers.\($0)") }
        var begun = 0
        while begun < count {
            let window = begun..<min(begun + 256, count)
            begun = window.upperBound
            tally.await(window.count)
            for number in window {
                let shard = shards[number % shards.count]
                shard.post { [tally] in
                    Channel.connect(
                        to: .loopback(port: port), on: shard,
                        handler: Subscriber(number: oneChannel ? 0 : number, tally: tally))
                }
            }
            try tally.wait(seconds: 30, for: "a subscription")
        }
    }

    func awaitMessages() { tally.await(count) }
    func wait() throws { try tally.wait(seconds: 30, for: "a message") }
}

/// One subscriber. On the queue of its shard.
private final class Subscriber: ChannelHandler {
    private let number: Int
    private let tally: Tally
    private var isSubscribed = false

    init(number: Int, tally: Tally) {
        self.number = number
        self.tally = tally
    }

    static func channel(_ number: Int) -> String { "place-\(number)" }
    /// Twenty-four bytes, another for each subscriber and round.
    static func message(_ number: Int, _ round: Int) -> String {
        let text = "\(round * 1_000_000 + number)"
        return String(repeating: "0", count: 24 - text.count) + text
    }

    func channelOpened(_ channel: Channel) {
        var batch = RedisBatch()
        batch.add("SUBSCRIBE", Self.channel(number))
        channel.send(batch.bytes)
    }

    func channelReceived(_ channel: Channel, bytes: Span<UInt8>) -> Int {
        guard isSubscribed else {
            // `:1` ends the answer to a subscription.
            guard bytes[bytes.count - 1] == UInt8(ascii: "\n"), bytes[bytes.count - 3] == UInt8(ascii: "1") else {
                return 0
            }
            isSubscribed = true
            tally.arrived()
            return bytes.count
        }
        // A message ends with 24 digits and CR LF; nothing else comes.
        guard bytes.count > 26, bytes[bytes.count - 1] == UInt8(ascii: "\n") else { return 0 }
        var value = 0
        for index in bytes.count - 8..<bytes.count - 2 { value = value * 10 + Int(bytes[index]) - 48 }
        if value == number { tally.arrived() }
        return bytes.count
    }

    func channelClosed(_ channel: Channel, reason: CloseReason) {}
}

/// The peer's crowd, from the process that measures.
final class SubscribersProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(of server: RedisServer, count: Int, shards: Int, oneChannel: Bool = false) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments =
            ["subscribers", "--port", "\(server.port)", "--count", "\(count)", "--shards", "\(shards)"]
            + (oneChannel ? ["--one-channel"] : [])
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try expect("ready")
    }

    /// Makes the messages of the next round.
    func prepare() throws {
        go()
        try expect("made")
    }

    /// Publishes them. Returns when every subscriber has its own.
    func publish() throws {
        go()
        try expect("told")
    }

    /// It ends with its input.
    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    private func go() { input.fileHandleForWriting.write(Data("\n".utf8)) }

    private func expect(_ word: String) throws {
        let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard said == word + "\n" else { throw Failed("the peer's crowd has ended") }
    }
}
