import BoxOfficeProtocol

/// Those who wait, by rank: who is first, and how many are before a rank, each in O(log n).
///
/// Slots stand in the order of rank, and a Fenwick tree over them counts those that are taken. Who goes leaves an empty
/// slot; when half of them are empty the line closes up. So memory follows those who wait, however many have come and
/// gone before.
struct Line: Sendable {
    private struct Slot: Sendable {
        var rank: UInt64
        /// 0: has gone.
        var token: UInt64
    }

    /// A shorter line does not bother to close up.
    private static let closesUpAt = 64

    private var slots: [Slot] = []
    /// Node `i` at index `i - 1`: how many of the slots it covers are taken.
    private var tree: [Int32] = []
    private(set) var count = 0

    /// Slots in memory, empty ones included.
    var slotCount: Int { slots.count }
    /// Where its arrays are in memory: a test sees by it that nobody made copies.
    var addresses: [Int] {
        [
            slots.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) },
            tree.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) },
        ]
    }

    /// Adds a token. Ranks rise with each join, so it goes to the end; anywhere else costs O(n).
    mutating func insert(_ token: TokenID, rank: UInt64) {
        let index = index(of: rank)
        if index == slots.count {
            append(Slot(rank: rank, token: token.rawValue))
        } else if slots[index].rank == rank {
            precondition(slots[index].token == 0, "two tokens with rank \(rank)")
            slots[index].token = token.rawValue
            add(1, at: index)
        } else {
            slots.insert(Slot(rank: rank, token: token.rawValue), at: index)
            closeUp()
        }
        count += 1
    }

    /// Takes a token out; those behind move up.
    mutating func remove(rank: UInt64) {
        let index = index(of: rank)
        precondition(index < slots.count && slots[index].rank == rank && slots[index].token != 0, "no rank \(rank)")
        slots[index].token = 0
        add(-1, at: index)
        count -= 1
        if slots.count >= Self.closesUpAt, count <= slots.count / 2 { closeUp() }
    }

    /// Place of a rank in the line; the first is 1.
    func position(rank: UInt64) -> Int {
        var node = index(of: rank) + 1
        var sum = 0
        while node > 0 {
            sum += Int(tree[node - 1])
            node &= node - 1
        }
        return sum
    }

    /// Who is next.
    var first: (rank: UInt64, token: TokenID)? {
        guard count > 0 else { return nil }
        // Descends to the last node before the first taken slot.
        var node = 0
        var step = 1 << (Int.bitWidth - 1 - tree.count.leadingZeroBitCount)
        while step > 0 {
            if node + step <= tree.count, tree[node + step - 1] == 0 { node += step }
            step >>= 1
        }
        return (slots[node].rank, TokenID(slots[node].token))
    }

    /// The first slot whose rank is not below `rank`.
    private func index(of rank: UInt64) -> Int {
        var low = 0
        var high = slots.count
        while low < high {
            let middle = (low + high) / 2
            if slots[middle].rank < rank { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func add(_ difference: Int32, at index: Int) {
        var node = index + 1
        while node <= tree.count {
            tree[node - 1] += difference
            node += node & -node
        }
    }

    /// A new last node covers its own slot and those of the smaller nodes below it.
    private mutating func append(_ slot: Slot) {
        slots.append(slot)
        let node = slots.count
        let end = node & (node - 1)
        var sum: Int32 = slot.token == 0 ? 0 : 1
        var child = node - 1
        while child > end {
            sum += tree[child - 1]
            child &= child - 1
        }
        tree.append(sum)
    }

    /// Leaves out the empty slots and counts anew.
    private mutating func closeUp() {
        let taken = slots.filter { $0.token != 0 }
        slots.removeAll()
        tree.removeAll()
        slots.reserveCapacity(taken.count)
        tree.reserveCapacity(taken.count)
        for slot in taken { append(slot) }
    }
}
