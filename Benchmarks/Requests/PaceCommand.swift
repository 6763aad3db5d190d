import ArgumentParser
import BoxOfficeProtocol
import Foundation

/// How long a hold takes at half of what can be sold, beside the bare writes and syncs.
struct PaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pace",
        abstract: "The hold's percentiles at half of the highest throughput, beside the same writes and syncs.",
        discussion: "Needs boxofficed beside itself.")

    @Option(help: ArgumentHelp("How often each is measured.", valueName: "count"))
    var rounds = 5
    @Option(help: ArgumentHelp("How long a round takes.", valueName: "seconds"))
    var seconds = 2.0

    private static let connections = 64
    private static let dates = 60

    func validate() throws {
        guard rounds > 0, seconds > 0 else { throw ValidationError("One round at least, and some time.") }
    }

    func run() throws {
        let directory = try TemporaryDirectory()
        let house = try SellingHouse(in: directory.path, members: Self.connections, dates: Self.dates)
        let server = try ServerProcess(directory: directory.path, options: SellingHouse.options)
        defer { server.stop() }
        let load = try house.connect(to: server.address.port ?? 0)
        let bare = try BareWrites()
        let now = Wall.now
        var seat = 0
        var asker = BoxOfficeAsker { _ in
            seat += 1
            return house.hold(number: seat, at: now)
        }
        // With one in flight, since they come one by one below. The first of them also fills caches.
        let throughput = try (1...3).map { _ in 30_000 / (try load.run(&asker, requests: 30_000, depth: 1)) }.max()!
        let pace = throughput / 2
        var rounds: [Double: Rounds] = [:]
        for _ in 0..<self.rounds {
            let ours = try load.run(&asker, perSecond: pace, seconds: seconds).sorted()
            let peer = try bare.write(perSecond: pace, seconds: seconds).sorted()
            for share in [0.5, 0.99, 0.999] {
                rounds[share, default: Rounds()].ours(seconds: ours[Int(share * Double(ours.count))])
                rounds[share]!.peer(seconds: peer[Int(share * Double(peer.count))])
            }
        }
        guard asker.refusals.isEmpty else { throw Failed("holds were refused: \(asker.refusals)") }
        print("\(Int(pace)) holds a second, half of \(Int(throughput))")
        var report = Report(peer: "bare")
        report.add("hold, half of them within", rounds[0.5]!, .nothing)
        report.add("hold, 99 of 100 within", rounds[0.99]!, .timesAtMost(3))
        report.add("hold, 999 of 1000 within", rounds[0.999]!, .nothing)
        try report.finish()
    }
}

/// What a hold writes and syncs, and nothing else: whatever has come is written and synced at once, answered, and then the
/// witness written and synced. Two files as ours, written over again and again.
private final class BareWrites {
    private static let pageBytes = 8_192
    /// A commit writes the table's last page, its seal's and that of `meta`, and a page more for so many rows.
    private static let pagesMin = 3
    private static let rowsPerPage = 32
    private static let logBytesMax = 16 << 20

    private let directory: TemporaryDirectory
    private let log: Int32
    private let witness: Int32
    private var place = 0
    private let page = [UInt8](repeating: 0x5A, count: pageBytes)
    private let frame = [UInt8](repeating: 0xA5, count: 24)

    init() throws {
        directory = try TemporaryDirectory()
        log = open(directory.path + "/log", O_RDWR | O_CREAT, 0o600)
        witness = open(directory.path + "/witness", O_RDWR | O_CREAT, 0o600)
        guard log >= 0, witness >= 0 else { throw Failed("open: \(errno)") }
        while place < Self.logBytesMax { try writePage() }
        try write(page, to: witness, at: 0)
        guard fsync(log) == 0, fsync(witness) == 0 else { throw Failed("fsync: \(errno)") }
    }

    deinit {
        close(log)
        close(witness)
    }

    /// - Returns: Seconds from when each hold was due until it was synced.
    func write(perSecond pace: Double, seconds: Double) throws -> [Double] {
        let schedule = Schedule(perSecond: pace, seconds: seconds)
        var latencies: [Double] = []
        latencies.reserveCapacity(schedule.count)
        while latencies.count < schedule.count {
            let due = schedule.due
            guard due > latencies.count else {
                schedule.sleep(until: latencies.count)
                continue
            }
            let filled = due / Self.rowsPerPage - latencies.count / Self.rowsPerPage
            for _ in 0..<Self.pagesMin + filled { try writePage() }
            guard fdatasync(log) == 0 else { throw Failed("fdatasync: \(errno)") }
            let now = schedule.elapsed
            for index in latencies.count..<due { latencies.append(now - schedule.seconds(of: index)) }
            try write(frame, to: witness, at: 0)
            guard fdatasync(witness) == 0 else { throw Failed("fdatasync: \(errno)") }
        }
        return latencies
    }

    private func writePage() throws {
        let at = place % Self.logBytesMax
        try write(frame, to: log, at: at)
        try write(page, to: log, at: at + frame.count)
        place += frame.count + page.count
    }

    private func write(_ bytes: [UInt8], to file: Int32, at offset: Int) throws {
        guard pwrite(file, bytes, bytes.count, off_t(offset)) == bytes.count else { throw Failed("pwrite: \(errno)") }
    }
}
