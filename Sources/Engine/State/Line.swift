import BoxOfficeProtocol

/// Those who wait, by rank: who is first, and how many are before a rank, each in O(log n) (a Fenwick tree over ranks).
///
/// Ranks rise with each join and are never given twice, so a slot is a rank less `base`. Slots of those who have gone
/// stay empty until half of all are; then the line moves up.
struct Line: Sendable {
    private var base: UInt64 = 0
    /// Token numbers by slot; 0 is an empty slot.
    private var slots: [UInt64] = []
    /// Fenwick tree, node `i` at index `i - 1`: how many of the slots it covers are taken.
    private var tree: [Int32] = []
    private(set) var count = 0

    /// Adds a token. A rank below all that were ever in line moves the base down, which happens only at a load.
    mutating func insert(_ token: TokenID, rank: UInt64) {
        if slots.isEmpty { base = rank }
        if rank < base { rebuild(from: rank) }
        let slot = Int(rank - base)
        grow(toHold: slot)
        precondition(slots[slot] == 0, "two tokens with rank \(rank)")
        slots[slot] = token.rawValue
        add(1, at: slot)
        count += 1
    }

    /// Takes a token out; those behind move up.
    mutating func remove(rank: UInt64) {
        let slot = Int(rank - base)
        precondition(slots[slot] != 0, "no token with rank \(rank)")
        slots[slot] = 0
        add(-1, at: slot)
        count -= 1
        if count == 0 {
            slots.removeAll(keepingCapacity: true)
            tree.removeAll(keepingCapacity: true)
        } else if slots.count >= 1024, count < slots.count / 4, let first {
            rebuild(from: first.rank)
        }
    }

    /// Place of a rank in the line; the first is 1.
    func position(rank: UInt64) -> Int {
        var node = Int(rank - base) + 1
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
        var step = tree.count
        while step > 0 {
            if node + step <= tree.count, tree[node + step - 1] == 0 { node += step }
            step >>= 1
        }
        return (base + UInt64(node), TokenID(slots[node]))
    }

    private mutating func add(_ difference: Int32, at slot: Int) {
        var node = slot + 1
        while node <= tree.count {
            tree[node - 1] += difference
            node += node & -node
        }
    }

    /// Doubles until there is a slot. The tree's size stays a power of two: its new last node covers all slots.
    private mutating func grow(toHold slot: Int) {
        if slots.isEmpty {
            slots = [0]
            tree = [0]
        }
        while slot >= slots.count {
            let size = slots.count
            slots.append(contentsOf: repeatElement(0, count: size))
            tree.append(contentsOf: repeatElement(0, count: size))
            tree[2 * size - 1] = Int32(count)
        }
    }

    private mutating func rebuild(from newBase: UInt64) {
        let taken = slots.enumerated().filter { $0.element != 0 }.map { (base + UInt64($0.offset), $0.element) }
        slots = []
        tree = []
        count = 0
        base = newBase
        for (rank, token) in taken {
            let slot = Int(rank - base)
            grow(toHold: slot)
            slots[slot] = token
            add(1, at: slot)
            count += 1
        }
    }
}

/// A few tokens by rank, for those who were called and are back: who is first, in an array kept in order.
struct RankedTokens: Sendable {
    private var entries: [(rank: UInt64, token: TokenID)] = []

    var first: (rank: UInt64, token: TokenID)? { entries.first }
    var count: Int { entries.count }

    mutating func insert(_ token: TokenID, rank: UInt64) {
        let index = index(of: rank)
        if index < entries.count, entries[index].rank == rank { return }
        entries.insert((rank, token), at: index)
    }

    mutating func remove(rank: UInt64) {
        let index = index(of: rank)
        if index < entries.count, entries[index].rank == rank { entries.remove(at: index) }
    }

    func contains(rank: UInt64) -> Bool {
        let index = index(of: rank)
        return index < entries.count && entries[index].rank == rank
    }

    private func index(of rank: UInt64) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].rank < rank { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
