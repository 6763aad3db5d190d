// Who is behind a token.
//
// A token is a slot and the generation of that slot. An event that was fetched before its socket was closed, and
// is handled after the slot (or the descriptor number) has a new owner, carries the old generation and finds nobody.
//
//     token   63 … 32 generation   31 … 0 slot

/// Something whose socket a shard watches.
protocol Polled: AnyObject {
    /// The kernel's events for the socket.
    func polled(_ events: PollEvents)
    /// The turn that this object asked for with `Shard.goOnLater`.
    func goOn()
    /// The shard stops: close the socket.
    func shardStopped()
}

/// The polled objects of one shard. It keeps them alive until they are removed.
struct PollTable {
    private struct Entry {
        var generation: UInt32
        var object: (any Polled)?
    }

    private var entries: ContiguousArray<Entry> = []
    private var free: [UInt32] = []

    /// How many objects are in the table.
    var count: Int { entries.count - free.count }

    mutating func insert(_ object: any Polled) -> UInt64 {
        if let slot = free.popLast() {
            entries[Int(slot)].object = object
            return UInt64(entries[Int(slot)].generation) << 32 | UInt64(slot)
        }
        entries.append(Entry(generation: 1, object: object))
        return 1 << 32 | UInt64(entries.count - 1)
    }

    /// Frees the slot; its next owner gets another generation.
    mutating func remove(_ token: UInt64) {
        let slot = Int(UInt32(truncatingIfNeeded: token))
        guard self[token] != nil else { return }
        // Never zero, so that no token is: a zero token is no token.
        entries[slot] = Entry(generation: max(1, entries[slot].generation &+ 1), object: nil)
        free.append(UInt32(slot))
    }

    /// The object that was given this token, as long as it is in the table.
    subscript(token: UInt64) -> (any Polled)? {
        let slot = Int(UInt32(truncatingIfNeeded: token))
        guard slot < entries.count, entries[slot].generation == UInt32(truncatingIfNeeded: token >> 32) else {
            return nil
        }
        return entries[slot].object
    }

    var objects: [any Polled] { entries.compactMap(\.object) }
}
