import BoxOfficeTransport
import DequeModule

/// A serial queue in simulated time. Work begins some microseconds after it was given, sometimes more.
///
/// `@unchecked Sendable`, like everything in the world: there is one thread.
final class SimulatedQueue: WorkQueue, @unchecked Sendable {
    private let process: SimulatedProcess
    private var waiting: Deque<@Sendable () -> Void> = []
    private var isScheduled = false
    /// The work before takes until then.
    private var busyUntil = 0
    private var dice: Dice

    private var timeline: Timeline { process.world.timeline }

    init(of process: SimulatedProcess) {
        self.process = process
        dice = process.world.dice.split()
    }

    func async(_ work: @escaping @Sendable () -> Void) {
        guard process.acts else { return }
        waiting.append(work)
        schedule()
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        let delay = dice.happens(0.01) ? dice.number(100_000...3_000_000) : dice.number(500...30_000)
        timeline.at(max(timeline.now, busyUntil) + delay) { self.runNext() }
    }

    private func runNext() {
        isScheduled = false
        guard process.isAlive, let work = waiting.popFirst() else { return }
        busyUntil = timeline.run(on: self, work)
        process.workIsOver()
        if !waiting.isEmpty { schedule() }
    }

    /// What waits runs now, before it.
    func sync(_ body: () -> Void) {
        precondition(!isCurrent, "a queue that waits for itself")
        busyUntil = timeline.run(on: self) {
            while process.isAlive, let work = waiting.popFirst() { work() }
            body()
        }
    }

    func after(_ span: Duration, _ work: @escaping @Sendable () -> Void) {
        timeline.after(span) { self.async(work) }
    }

    func makeTimer() -> any WorkTimer { SimulatedTimer(on: self, timeline) }

    func whenReadable(
        _ descriptor: Int32, _ body: @escaping @Sendable () -> Void, cancelled: @escaping @Sendable () -> Void
    ) -> any WorkSource {
        let source = SimulatedSource(on: self, cancelled)
        process.world.network.pollers[descriptor]?.whenReady { [weak self, weak source] in
            self?.async { [weak source] in if source?.isCancelled == false { body() } }
        }
        return source
    }

    var isCurrent: Bool { timeline.isRunning(self) }

    func assertCurrent() { precondition(isCurrent, "this belongs on another queue") }

    /// The process is gone, and what would have run with it.
    func end() { waiting = [] }

    /// Runs `body` as if on this queue, for taking a dead process apart.
    func autopsy(_ body: () -> Void) { timeline.run(on: self, body) }
}

final class SimulatedTimer: WorkTimer, @unchecked Sendable {
    private let queue: SimulatedQueue
    private let timeline: Timeline
    private var body: (@Sendable () -> Void)?
    /// Counts settings: only the last one fires.
    private var setting = 0

    init(on queue: SimulatedQueue, _ timeline: Timeline) {
        self.queue = queue
        self.timeline = timeline
    }

    func whenFired(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func fire(after span: Duration, leeway: Duration) {
        setting += 1
        let mine = setting
        timeline.after(span) { [weak self, queue] in
            queue.async { [weak self] in if let self, self.setting == mine { self.body?() } }
        }
    }

    func cancel() {
        setting += 1
        body = nil
    }
}

final class SimulatedSource: WorkSource, @unchecked Sendable {
    private let queue: SimulatedQueue
    private let cancelled: @Sendable () -> Void
    private(set) var isCancelled = false

    init(on queue: SimulatedQueue, _ cancelled: @escaping @Sendable () -> Void) {
        self.queue = queue
        self.cancelled = cancelled
    }

    func cancel() {
        guard !isCancelled else { return }
        isCancelled = true
        queue.async(cancelled)
    }
}

/// Runs the tasks of a simulated program.
///
/// `@unchecked Sendable`: there is one thread.
final class SimulatedExecutor: TaskExecutor, @unchecked Sendable {
    private let queue: SimulatedQueue

    init(on queue: SimulatedQueue) { self.queue = queue }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
