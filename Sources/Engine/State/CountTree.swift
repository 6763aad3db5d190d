/// Counts in a row, of which any number of the first can be summed up in O(log n): a Fenwick tree.
///
/// The last count is changed in O(1), which is what a queue that grows at its end needs; a new one costs O(log n).
/// Arithmetic wraps: a difference of two sums is right however often a count went up and down.
struct CountTree: Sendable {
    /// Node `i` at index `i - 1`: the sum of the counts that it covers.
    private var nodes: [UInt32] = []

    init() {}

    init(_ counts: some Collection<UInt32>) {
        nodes.reserveCapacity(counts.count)
        for count in counts { append(count) }
    }

    /// Where its array is in memory, for tests.
    var address: Int { nodes.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) } }
    /// What its array takes up, room to grow included.
    var bytes: Int { nodes.capacity * MemoryLayout<UInt32>.stride }

    /// Adds a count to the end: a new last node covers it and the nodes of the counts right before it.
    mutating func append(_ count: UInt32) {
        let node = nodes.count + 1
        let end = node & (node - 1)
        var sum = count
        var child = node - 1
        while child > end {
            sum &+= nodes[child - 1]
            child &= child - 1
        }
        nodes.append(sum)
    }

    mutating func increment(at index: Int) {
        var node = index + 1
        while node <= nodes.count {
            nodes[node - 1] &+= 1
            node += node & -node
        }
    }

    mutating func decrement(at index: Int) {
        var node = index + 1
        while node <= nodes.count {
            nodes[node - 1] &-= 1
            node += node & -node
        }
    }

    /// The sum of all counts up to that at `index`, this one included.
    func sum(through index: Int) -> UInt32 {
        var node = index + 1
        var sum: UInt32 = 0
        while node > 0 {
            sum &+= nodes[node - 1]
            node &= node - 1
        }
        return sum
    }
}
