import BoxOfficeTransport

/// What all clients of a process share: one shard carries their sockets, one queue their timers. Thousands of clients
/// (a load test) cost two queues, not thousands.
final class EventLoop: Sendable {
    /// That of this process.
    static let shared = EventLoop(on: SystemPlatform())

    /// The machine it runs on.
    let platform: any Platform
    /// Fires the sessions' timers.
    let timers: any WorkQueue
    private let made = Locked<Shard?>(nil)

    init(on platform: any Platform) {
        self.platform = platform
        timers = platform.queue("boxoffice.client.timers")
    }

    /// The shard, made when it is first needed. Throws when the process is out of descriptors.
    func shard() throws(SystemError) -> Shard {
        try made.withLock { shard in
            Result { () throws(SystemError) in
                if let shard { return shard }
                let made = try Shard(label: "boxoffice.client", on: platform)
                shard = made
                return made
            }
        }.get()
    }
}
