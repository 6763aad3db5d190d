// The one place where the engine and the store are: a serial queue that turns events into commits.
//
//     inbox ──▶ batch: decide each event ──▶ one transaction ──▶ publish ──▶ replies ──▶ notices ──▶ updates
//                                                │
//                                                └─ failed: see EngineLoop+Failure
//
// Nothing leaves before the commit that it rests on, refusals neither: a refusal says that somebody else has the seat,
// and that must be on disk as well. While a commit waits for the disk the inbox fills, so that batches grow with the load
// by themselves.
// Deadlines that are due are carried out before any command (docs/domain.md, Rules).

import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import BoxOfficeTransport
import DequeModule
import Logging

/// Owns the engine and the store.
///
/// `@unchecked Sendable`: `inbox` and what is published are locked; everything else is touched on `queue` only.
final class EngineLoop: @unchecked Sendable {
    let platform: any Platform
    let queue: any WorkQueue
    let clock: ServerClock
    let deployment: DeploymentID
    let logger: Logger
    /// Read by everybody.
    let catalogue: Current<PublishedCatalogue>
    let insiders: Insiders
    /// Reads of the past, from any queue.
    let history: Current<History>

    let configuration: ServerConfiguration
    /// Called when the storage is lost for good.
    let storageLost: @Sendable () -> Void
    private let inbox = Inbox<EngineEvent>()

    // On the queue.
    var engine: Engine
    var store: Store
    var publisher: Publisher
    var router = Router()
    var hosts: [ShardHost] = []
    var backlog: Deque<EngineEvent> = []
    private var taken: [EngineEvent] = []
    private let timer: any WorkTimer
    /// When it fires, as it was set last; nil once it has.
    private var firesAt: ContinuousClock.Instant?
    private var isDrainQueued = false
    var isStopped = false

    /// The disk is full until then, as far as is known.
    var fullUntil: ContinuousClock.Instant?
    var fullSeconds: Double
    /// What waits for the disk to have space again.
    var deferred: [EngineEvent] = []

    /// A backup that is being copied; `isBackingUp` also while it is verified.
    var backup: BackupUnderWay?
    var isBackingUp = false
    var backupTriedAt: Instant?
    let backupQueue: any WorkQueue

    var positions = PositionClock()
    var newestFeed: UInt64 = 0
    private(set) var commits: UInt64 = 0
    private(set) var factsWritten: UInt64 = 0

    /// Events decided in one transaction at most: bounds how long the first of them waits.
    static let batchMax = 1_024

    /// Opens the store and reads it. Nothing runs before `start`.
    init(
        _ configuration: ServerConfiguration, on platform: any Platform, preparing: any WorkQueue,
        storageLost: @escaping @Sendable () -> Void
    ) throws(StoreFailure) {
        self.platform = platform
        queue = platform.queue("boxoffice.engine")
        backupQueue = platform.queue("boxoffice.backup", isUrgent: false)
        self.configuration = configuration
        self.storageLost = storageLost
        fullSeconds = configuration.storageFullSeconds
        logger = configuration.logger
        let store = try Store.open(directory: configuration.dataDirectory)
        var engine = Engine(configuration: configuration.engine)
        let committed = try store.load(into: &engine)
        clock = ServerClock(platform, notBefore: committed)
        engine.loaded(at: clock.now)
        // Somebody has edited the file, or a disk has lied: said in words, since a supervisor's restart does not help.
        if let broken = engine.brokenInvariant() { throw .damaged(broken) }
        // A process that was killed may have left a commit whose sync had not returned: nobody is told of it before it is
        // on disk.
        do {
            try store.checkpoint(truncate: true)
            try store.updateWitness()
        } catch .full {
            logger.warning("no space for a checkpoint: the log grows until there is")
        }
        self.engine = engine
        self.store = store
        deployment = store.deployment
        history = Current(try store.history(on: Self.historyQueue(platform)))
        publisher = Publisher(preparing: preparing)
        catalogue = publisher.catalogue
        insiders = publisher.insiders
        timer = queue.makeTimer()
        timer.whenFired { [weak self] in
            self?.firesAt = nil
            self?.drain()
        }
    }

    static func historyQueue(_ platform: any Platform) -> HistoryQueue {
        let queue = platform.queue("boxoffice.history")
        return HistoryQueue(async: { queue.async($0) }, sync: { queue.sync($0) })
    }

    deinit { timer.cancel() }

    /// Publishes what is on disk, carries out what came due before the start, and serves these shards.
    func start(_ hosts: [ShardHost]) {
        queue.sync {
            self.hosts = hosts
            _ = publisher.publishAll(of: engine)
            drain()
            scheduleBackups()
        }
    }

    /// From any thread: an event, after all that were posted before it.
    func post(_ event: EngineEvent) {
        if inbox.put(event) { queue.async { self.drain() } }
    }

    // MARK: Batches

    func drain() {
        guard !isStopped else { return }
        inbox.takeAll(into: &taken)
        backlog.append(contentsOf: taken)
        taken.removeAll(keepingCapacity: true)
        if isDiskFull {
            answerWithoutWriting()
        } else {
            if !deferred.isEmpty {
                backlog.prepend(contentsOf: deferred)
                deferred = []
            }
            runBatch()
        }
        guard !isStopped else { return }
        if !backlog.isEmpty { drainSoon() }
        armTimer()
    }

    private func drainSoon() {
        guard !isDrainQueued else { return }
        isDrainQueued = true
        queue.async {
            self.isDrainQueued = false
            self.drain()
        }
    }

    private func runBatch() {
        let now = clock.now
        var batch = Batch(now: now)
        engine.wake(at: now, into: &batch.effects)
        let count = min(backlog.count, Self.batchMax)
        batch.noteCancels(among: backlog.prefix(count))
        for _ in 0..<count { handle(backlog.removeFirst(), in: &batch) }
        if !batch.effects.facts.isEmpty {
            do {
                try store.commit(batch.effects.facts, at: now)
                commits += 1
                factsWritten += UInt64(batch.effects.facts.count)
                fullSeconds = configuration.storageFullSeconds
            } catch {
                return commitFailed(error, batch)
            }
        }
        release(batch)
        settle()
    }

    /// When the answers have left: the witness, and a checkpoint when it is time.
    private func settle() {
        do {
            try store.updateWitness()
            try store.checkpointIfDue(isIdle: backlog.isEmpty && inbox.count == 0)
        } catch {
            checkpointFailed(error)
        }
    }

    /// The next deadline is looked at once a minute at least: the timer's clock may stop while the machine sleeps.
    private func armTimer() {
        var microseconds: Int64 = 60_000_000
        if let deadline = engine.nextDeadline { microseconds = min(microseconds, max(0, (deadline - clock.now).count)) }
        if let fullUntil {
            let span = (fullUntil - platform.now).components
            microseconds = max(1_000, span.seconds * 1_000_000 + span.attoseconds / 1_000_000_000_000)
        }
        // To set it costs a system call and wakes another thread, with each batch; one that comes early costs that once.
        let now = platform.now
        let at = now + .microseconds(microseconds)
        if let firesAt, (now...at).contains(firesAt) { return }
        firesAt = at
        timer.fire(after: .microseconds(microseconds), leeway: .milliseconds(1))
    }

    /// Decides what is left and closes the store.
    func stop() {
        queue.sync {
            while !isStopped, inbox.count > 0 || !backlog.isEmpty { drain() }
            let isLost = isStopped  // for good: the file is closed, or of no use
            isStopped = true
            endBackup(BackupRefusal(.shuttingDown, "The server is stopping."))
            timer.cancel()
            do {
                if !isLost { try store.checkpoint(truncate: true) }
            } catch {
                logger.warning("the last checkpoint failed: \(error)")
            }
            store.close()
            // Hosts and loop know each other: without this neither is ever let go.
            hosts = []
            router = Router()
            backlog = []
            deferred = []
        }
    }
}
