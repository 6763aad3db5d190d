// Simulated time: a heap of what is going to happen, in one thread.
//
//     at(t) { … } ──▶ heap by (time, coin, order) ──▶ run: the clock stands at t while it happens
//
// What happens at the same instant happens in an order that the seed decides. Work that takes time (a disk that is slow)
// says so with `spend`: its own clock is late from there on, what it causes happens that much later, and its queue is busy
// until then, while the rest of the world goes on.

import HeapModule

/// Happens in one thread. `@unchecked Sendable`, so that it may be named in closures that are.
final class Timeline: @unchecked Sendable {
    /// Where the monotonic clock stood when the world began. What is compared are spans.
    let origin = ContinuousClock.now
    /// Nanoseconds since the world began.
    var now: Int { time + spent }
    private(set) var events = 0

    private var time = 0
    private var spent = 0
    private var heap = Heap<Event>()
    private var order: UInt64 = 0
    private var coins: Dice
    /// The queues that run now, the innermost last.
    private var running: [SimulatedQueue] = []

    private struct Event: Comparable {
        let time: Int
        let coin: UInt64
        let order: UInt64
        let body: () -> Void

        static func < (a: Self, b: Self) -> Bool { (a.time, a.coin, a.order) < (b.time, b.coin, b.order) }
        static func == (a: Self, b: Self) -> Bool { a.order == b.order }
    }

    init(coins: Dice) { self.coins = coins }

    var instant: ContinuousClock.Instant { origin + .nanoseconds(now) }

    /// `first`: before what else happens at that instant.
    func at(_ time: Int, first: Bool = false, _ body: @escaping () -> Void) {
        order += 1
        let coin = first ? 0 : max(1, coins.next())
        heap.insert(Event(time: max(time, now), coin: coin, order: order, body: body))
    }

    func after(_ span: Duration, _ body: @escaping () -> Void) { at(now + max(0, span.nanoseconds), body) }

    /// Lets the next thing happen, unless it is later than `end`. False when there is none.
    func step(until end: Int) -> Bool {
        guard let next = heap.min, next.time <= end else {
            time = max(time, end)
            return false
        }
        heap.removeMin()
        time = max(time, next.time)
        events += 1
        next.body()
        return true
    }

    /// Forgets what would still happen.
    func end() { heap = Heap() }

    // MARK: Queues

    /// Runs a piece of work of a queue. Returns when it is done, in simulated time.
    @discardableResult
    func run(on queue: SimulatedQueue, _ work: () -> Void) -> Int {
        running.append(queue)
        work()
        running.removeLast()
        let done = now
        if running.isEmpty { spent = 0 }
        return done
    }

    func isRunning(_ queue: SimulatedQueue) -> Bool { running.last === queue }

    /// The work that runs takes this much longer.
    func spend(_ span: Duration) { if !running.isEmpty { spent += span.nanoseconds } }
}
