import BoxOfficeProtocol
import BoxOfficeTransport
import Foundation

/// The members' connections of the load process, over a few shards.
///
/// `@unchecked Sendable`: what changes is locked, or only touched between the phases that the main thread starts.
final class Crowd: @unchecked Sendable {
    private let shards: [Shard]
    private let address: SocketAddress
    private var waiters: [[Waiter]]
    private let tally = Tally()
    private let lock = NSLock()
    private var problem: String?
    private var isLeaving = false
    /// A place with this reason is one that is awaited.
    private var awaited: StillReason?
    /// A change of this seat is one that is awaited.
    private var awaitedSeat: SeatIndex?
    private var noticed: [Microseconds] = []
    private var shown: [Microseconds] = []

    /// How many connect at once: the listener's queue is finite.
    private static let windowMax = 256
    private static let keepaliveTurns = WireLimits.keepaliveSeconds * 2 / 3

    init(of sessions: [SessionToken], at address: SocketAddress, shards count: Int) throws {
        self.address = address
        shards = try (0..<count).map { try Shard(label: "benchmark.crowd.\($0)") }
        waiters = shards.map { _ in [] }
        for (index, session) in sessions.enumerated() {
            waiters[index % count].append(Waiter(session: session, of: self))
        }
    }

    /// One connection on the socket of whoever runs the box office.
    init(deskOf directory: String) throws {
        address = .unix(path: directory + "/boxoffice.sock")
        shards = [try Shard(label: "benchmark.desk")]
        waiters = [[]]
        waiters[0].append(Waiter(session: nil, of: self))
    }

    var count: Int { waiters.reduce(0) { $0 + $1.count } }

    // MARK: Phases, from the main thread

    func connect() throws {
        var begun = 0
        let longest = waiters.map(\.count).max() ?? 0
        while begun < longest {
            let window = begun..<min(begun + Self.windowMax / shards.count, longest)
            begun = window.upperBound
            let parts = waiters.map { Array($0[window.clamped(to: 0..<$0.count)]) }
            tally.await(parts.reduce(0) { $0 + $1.count })
            for (shard, part) in zip(shards, parts) {
                shard.post { [address] in
                    for waiter in part { Channel.connect(to: address, on: shard, handler: waiter) }
                }
            }
            try wait(for: "a welcome")
        }
        keepAlive()
    }

    /// As clients do that have nothing to say: a sign of life from each, spread over the time in which one is due.
    private func keepAlive() {
        for (shard, part) in zip(shards, waiters) {
            let begun = ContinuousClock.now
            shard.every(seconds: 1) { now in
                let turn = Int((now - begun) / .seconds(1)) % Self.keepaliveTurns
                for index in stride(from: turn, to: part.count, by: Self.keepaliveTurns) {
                    part[index].ping()
                }
            }
        }
    }

    /// Each asks, and all are answered.
    func ask(_ what: String, _ body: @escaping @Sendable (Waiter) -> Void) throws {
        tally.await(count)
        for (shard, part) in zip(shards, waiters) { shard.post { for waiter in part { body(waiter) } } }
        try wait(for: what)
    }

    /// Everybody's next place with this reason is awaited.
    func awaitPlaces(_ reason: StillReason) {
        tally.await(count)
        lock.withLock { awaited = reason }
    }

    /// Everybody's news of this seat is awaited.
    func awaitChange(of seat: SeatIndex) {
        tally.await(count)
        lock.withLock { awaitedSeat = seat }
    }

    /// When the last one has come.
    @discardableResult
    func wait(for what: String) throws -> ContinuousClock.Instant {
        let last = Result { try tally.wait(seconds: 60, for: what) }
        lock.withLock { (awaited, awaitedSeat) = (nil, nil) }
        if let problem = lock.withLock({ problem }) { throw Failed(problem) }
        return try last.get()
    }

    /// What everybody was told last, in order.
    func positions() -> [UInt32] {
        var all: [UInt32] = []
        for (shard, part) in zip(shards, waiters) { shard.queue.sync { all += part.map(\.position) } }
        return all.sorted()
    }

    /// How long after their admission members had the notice, and the place.
    func admissionDelays() throws -> (noticed: [Microseconds], shown: [Microseconds]) {
        try lock.withLock {
            if let problem { throw Failed(problem) }
            return (noticed, shown)
        }
    }

    func leave() {
        lock.withLock { isLeaving = true }
        let left = DispatchGroup()
        for shard in shards {
            left.enter()
            shard.stop { left.leave() }
        }
        left.wait()
    }

    // MARK: From the waiters

    func welcomed() { tally.arrived() }
    func answered() { tally.arrived() }
    func moved(reason: StillReason) {
        // Written before the change that it waits for is asked for.
        if reason == awaited { tally.arrived() }
    }

    func changed(_ seat: SeatIndex) {
        // Written before the change that it waits for is asked for.
        if seat == awaitedSeat { tally.arrived() }
    }

    func admissionNoticed(at instant: Instant) {
        let delay = Wall.now - instant
        lock.withLock { noticed.append(delay) }
    }
    func admissionShown(at instant: Instant) {
        let delay = Wall.now - instant
        lock.withLock { shown.append(delay) }
    }

    func failed(_ what: String) {
        lock.withLock { if !isLeaving { problem = problem ?? what } }
    }
}

/// The wall clock, which is also where the server's time began: both run on one machine, and for minutes.
enum Wall {
    static var now: Instant { Instant(Int64(Date().timeIntervalSince1970 * 1_000_000)) }
}
