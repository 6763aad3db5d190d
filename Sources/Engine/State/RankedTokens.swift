import BoxOfficeProtocol

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
