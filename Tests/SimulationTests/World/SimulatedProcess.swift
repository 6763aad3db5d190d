import BoxOfficeTransport

/// A process on a simulated machine: what it was given by the platform ends with it.
///
/// `@unchecked Sendable`: there is one thread.
final class SimulatedProcess: Platform, @unchecked Sendable {
    unowned let world: World
    /// Its machine's address.
    let host: UInt32
    private(set) var isAlive = true
    /// In the middle of what runs now it ended: what that still does is done by nobody. What others of its queues did until
    /// then has happened.
    private var isStunned = false
    /// Whether what it does happens.
    var acts: Bool { isAlive && !isStunned }
    private var queues: [SimulatedQueue] = []
    private var dice: Dice

    init(in world: World, host: UInt32) {
        self.world = world
        self.host = host
        dice = world.dice.split()
    }

    func queue(_ label: String, isUrgent: Bool) -> any WorkQueue {
        let queue = SimulatedQueue(of: self)
        queues.append(queue)
        return queue
    }

    var network: any Network { SimulatedNetworkAccess(process: self) }
    var now: ContinuousClock.Instant { world.timeline.instant }
    var wallMicroseconds: Int64 { world.wallMicroseconds }
    func random() -> UInt64 { dice.next() }

    /// Nothing of it happens from here on. What it has sent is on its way.
    func die() { isAlive = false }

    func stun() { isStunned = true }

    /// What ran is over.
    func workIsOver() { isStunned = false }

    /// After `die`, when none of its code runs.
    func bury() {
        for queue in queues { queue.end() }
        queues = []
    }
}
