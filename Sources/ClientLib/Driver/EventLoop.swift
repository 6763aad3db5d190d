import BoxOfficeTransport
import Dispatch

/// What all clients of a process share: one shard carries their sockets, one queue their timers. Thousands of clients
/// (a load test) cost two queues, not thousands.
enum EventLoop {
    private static let shared = Locked<Shard?>(nil)

    /// Fires the sessions' timers.
    static let timers = DispatchQueue(label: "boxoffice.client.timers")

    /// The shard, made when it is first needed. Throws when the process is out of descriptors.
    static func shard() throws(SystemError) -> Shard {
        try shared.withLock { shard in
            Result { () throws(SystemError) in
                if let shard { return shard }
                let made = try Shard(label: "boxoffice.client")
                shard = made
                return made
            }
        }.get()
    }
}
