// One simulated sale, ten minutes of it, from a seed.
//
//     0:00   the server starts; an operator brings in a hall and a concert
//     0:05   people come, buy and do not; things fail, as bad as the seed says
//     7:30   nothing fails any more; who wants something goes on
//     8:00   nobody begins anything new; holds end
//     9:30   everybody takes stock
//     10:00  everybody has had an answer to everything, or it is a finding
//
// How bad it is differs from seed to seed: where everything fails at once, most of it is never reached.

import BoxOfficeClient
import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeTransport
import Foundation
import SimulatedDisk

@testable import BoxOfficeServer

/// `@unchecked Sendable`: there is one thread.
final class Sale: @unchecked Sendable {
    let world: World
    let server: SimulatedServer
    let history = History()
    private let people: SimulatedProcess
    private let executor: SimulatedExecutor
    private var dice: Dice
    private let trouble: Trouble

    var concert = ConcertID(0)
    var performances: [PerformanceID] = []
    private(set) var buyers: [Buyer] = []
    /// Reservations that were paid, for the operator.
    var paid: [ReservationID] = []
    private var tasksRunning = 0

    static let faultsEnd = 450 * 1_000_000_000
    static let saleEnds = 480 * 1_000_000_000
    static let stockIsTaken = 570 * 1_000_000_000
    static let minutesEnd = 600 * 1_000_000_000
    /// Who has no answer by then gets none.
    static let patienceEnds = 900 * 1_000_000_000

    let rows = 2
    let seatsPerRow = 6
    let price: Int64 = 100
    var seats: Int { rows * seatsPerRow }

    /// - Parameter lies: the disk says that it has synced, and has not: the simulation must notice.
    init(seed: UInt64, keepsTrail: Bool = false, lies: Bool = false) {
        world = World(seed: seed, keepsTrail: keepsTrail)
        dice = world.dice.split()
        trouble = Trouble(using: &dice)
        let directory = Self.directory(seed)
        var settings = dice.split()
        server = SimulatedServer(in: world, directory: directory) { configuration in
            configuration.holdSeconds = UInt32(settings.number(20...60))
            configuration.holdWarningSeconds = 10
            configuration.activeSeconds = UInt32(settings.number(40...150))
            configuration.callWindowSeconds = UInt32(settings.number(20...120))
            configuration.presenceSeconds = UInt32(settings.number(10...40))
            configuration.roomCapacity = UInt32(settings.number(2...8))
            configuration.shards = settings.number(1...3)
        }
        if lies { server.letDiskLie() }
        people = SimulatedProcess(in: world, host: 0x0A00_0002)
        if keepsTrail {
            world.tap.listen = { [world] in world.say("\($0) says \($1)") }
            history.listen = { [world] in
                world.say(
                    "\($0.who) since \(World.clock($0.calledAt)) \($0.asked) → \($0.isVoid ? "void" : "\($0.told!)")")
            }
        }
        let queue = SimulatedQueue(of: people)
        executor = SimulatedExecutor(on: queue)
    }

    private static func directory(_ seed: UInt64) -> String {
        let memory = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        return "\(memory)/boxoffice-simulation-\(getpid())-\(seed)"
    }

    var isOpen: Bool { world.timeline.now < Self.saleEnds }
    var hasFaults: Bool { world.timeline.now < Self.faultsEnd }

    // MARK: Tasks

    @discardableResult
    func start(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        tasksRunning += 1
        return Task(executorPreference: executor) {
            await body()
            self.tasksRunning -= 1
        }
    }

    func sleep(_ span: Duration) async {
        await withCheckedContinuation { continuation in world.timeline.after(span) { continuation.resume() } }
    }

    func untilCalm() async {
        let left = Self.stockIsTaken - world.timeline.now
        if left > 0 { await sleep(.nanoseconds(left)) }
    }

    // MARK: Running

    struct Outcome {
        let seed: UInt64
        let digest: UInt64
        let findings: [String]
        let events: Int
        let operations: Int
        let crashes: Int
        let story: [String]
    }

    func run() -> Outcome {
        start { await self.main() }
        world.timeline.at(1_000) { self.server.start() }
        world.timeline.at(Self.faultsEnd) { self.faultsEnded() }
        lookNowAndThen()
        // All ten minutes, and on until everybody is through.
        while world.timeline.step(until: Self.minutesEnd) { if world.findings.count >= 20 { break } }
        while tasksRunning > 0, world.timeline.step(until: Self.patienceEnds) {}
        if tasksRunning > 0 { world.found("\(tasksRunning) still wait for something, long after the last fault") }
        server.check()
        for finding in world.tap.findings { world.found(finding) }
        // What people have at the end is looked at when all of them have told it.
        if tasksRunning == 0 { SaleCheck(history: history, server: server, world: world).run() }
        let outcome = Outcome(
            seed: world.seed, digest: world.digest, findings: world.findings, events: world.timeline.events,
            operations: history.operations.count, crashes: server.crashes, story: world.story)
        server.dismantle()
        world.timeline.end()
        return outcome
    }

    private func main() async {
        let desk = Operator(
            "operator", in: self, at: .unix(path: server.directory + "/boxoffice.sock"), host: 0x0A00_0001)
        await desk.prepare()
        trouble.begin(in: self, using: &dice)
        buyers = (1...dice.number(3...8)).map { number in
            Buyer("buyer\(number)", in: self, at: Self.address, host: 0x0A01_0000 + UInt32(number))
        }
        for buyer in buyers { start { await buyer.live() } }
        for number in 1...dice.number(1...2) {
            let guest = Guest("guest\(number)", in: self, at: Self.address, host: 0x0A02_0000 + UInt32(number))
            start { await guest.live() }
        }
        start { await desk.live() }
    }

    private static let address = ServerAddress(host: "10.0.0.1", port: 7480)

    private func lookNowAndThen() {
        world.timeline.after(.seconds(5)) {
            self.server.check()
            self.lookNowAndThen()
        }
    }

    private func faultsEnded() {
        world.note("calm")
        trouble.isOver = true
        world.network.faults = NetworkFaults()
        server.mendDisk()
        world.timeline.after(.seconds(10)) { self.server.start() }
    }

    // MARK: Files

    var plan: [UInt8] {
        let rowTexts = (1...rows).map { row in
            let seatTexts = (1...seatsPerRow).map { seat in
                """
                {"seat_guid": "\(row)x\(seat)", "seat_number": "\(seat)", "category": "Standard",
                 "position": {"x": \(seat * 20), "y": 0}}
                """
            }
            return """
                {"row_number": "\(row)", "position": {"x": 0, "y": \(row * 20)},
                 "seats": [\(seatTexts.joined(separator: ","))]}
                """
        }
        return Array(
            """
            {"name": "Hall", "categories": [{"name": "Standard", "color": "#aabbcc"}],
             "zones": [{"name": "", "position": {"x": 0, "y": 0}, "rows": [\(rowTexts.joined(separator: ","))]}]}
            """.utf8)
    }

    var concerts: [UInt8] {
        let dateTexts = (1...2).map { date in
            """
            {"key": "date-\(date)", "plan": "Hall", "timeZone": "Asia/Seoul",
             "startsAt": "2039-03-\(10 + date)T20:00:00+09:00", "prices": {"Standard": \(price)}}
            """
        }
        return Array(
            """
            {"format": "boxoffice-concerts", "version": 1, "concerts": [
             {"key": "concert", "title": "Concert", "artists": ["Somebody"], "description": "",
              "room": {"capacity": 5}, "dates": [\(dateTexts.joined(separator: ","))]}]}
            """.utf8)
    }
}
