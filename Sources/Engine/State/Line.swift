import BoxOfficeProtocol

/// Those who wait, by rank: who is first, how many are before a rank, and all of them in order.
///
/// Ranks rise by one with each join, so they are kept as what they are: numbers close together. 64 of them make a chunk,
/// which has a bit for each rank that waits and the tokens' numbers; a tree counts the chunks' members.
///
///     front: all before it are empty          last: where who joins goes
///       ▼                                       ▼
///     [chunk 7][chunk 8][chunk 9][chunk 10][chunk 11]        chunk n: ranks 64n ..< 64n + 64
///      …#..#.#  ##.#####                     ###……
///
/// - A join sets a bit of the last chunk, and the last count of the tree is changed in O(1).
/// - Who is admitted goes from the front chunk, and the tree is not told: it goes on counting them, and what it counts
///   too many is `passed`, the same for everybody behind.
/// - Who leaves from the middle is taken out of the tree, O(log n).
/// - A position is a sum from the tree less the bits behind the rank in its own chunk: O(log n).
///
/// Memory follows those who wait, however many have come and gone: a chunk without anybody has no tokens, and the row of
/// chunks is closed up when it is mostly empty. Nobody's place takes more than a chunk, some 600 bytes, whoever else
/// left; in a line without gaps it is nine bytes.
package struct Line: Sendable {
    package typealias Member = (rank: UInt64, token: TokenID)

    private(set) var chunks: [LineChunk] = []
    private var tree = CountTree()
    /// The first chunk with somebody; the last one in an empty line.
    private var front = 0
    /// Counted by the tree in the front chunk and before it, and gone.
    private var passed: UInt32 = 0
    /// Chunks that have room for tokens: those with somebody, and the last. In a room with space each who joins is
    /// admitted at once, and the chunk stays for the next.
    private var stored = 0
    package private(set) var count = 0

    package init() {}

    /// A line of members in any order of ranks, in O(n) when these are as close together as a line's are.
    package init(_ members: [Member]) {
        guard let lowest = members.map(\.rank).min(), let highest = members.map(\.rank).max() else { return }
        let keys = lowest / 64...highest / 64
        if keys.upperBound - keys.lowerBound < Self.length(stored: members.count / 64) {
            chunks = keys.map { LineChunk(key: $0) }
            for member in members { put(member.token, rank: member.rank, at: Int(member.rank / 64 - keys.lowerBound)) }
            count = members.count
            recount()
        } else {
            for member in members.sorted(by: { $0.rank < $1.rank }) { insert(member.token, rank: member.rank) }
        }
    }

    /// Adds a token. Ranks rise with each join, so it goes to the end in O(1); elsewhere it costs O(log n) where others
    /// have been, and O(chunks) where nobody was.
    package mutating func insert(_ token: TokenID, rank: UInt64) {
        let index = makeChunk(of: rank / 64)
        put(token, rank: rank, at: index)
        tree.increment(at: index)
        if index < front, passed > 0 {
            recount()
        } else if index < front || count == 0 {
            front = index
        }
        count += 1
    }

    /// Takes a token out; those behind move up.
    package mutating func remove(rank: UInt64) {
        let index = index(of: rank / 64)
        precondition(contains(rank: rank, at: index), "no rank \(rank)")
        if index == front { passed &+= 1 } else { tree.decrement(at: index) }
        chunks[index].bits &= ~(1 << (rank % 64))
        count -= 1
        if chunks[index].bits == 0 { chunkEmptied(at: index) }
    }

    /// Takes out who is first.
    package mutating func removeFirst() -> Member? {
        guard let first else { return nil }
        passed &+= 1
        chunks[front].bits &= chunks[front].bits - 1
        count -= 1
        if chunks[front].bits == 0 { chunkEmptied(at: front) }
        return first
    }

    /// Who is next.
    package var first: Member? { count > 0 ? chunks[front].first : nil }

    /// Whether a rank waits.
    package func contains(rank: UInt64) -> Bool { contains(rank: rank, at: index(of: rank / 64)) }

    /// Place of a rank that waits; the first is 1.
    package func position(rank: UInt64) -> Int {
        let index = index(of: rank / 64)
        precondition(contains(rank: rank, at: index), "no rank \(rank)")
        let behind = (chunks[index].bits >> (rank % 64)).nonzeroBitCount - 1
        return Int(tree.sum(through: index) &- passed) - behind
    }

    // MARK: Chunks

    /// So many chunks, empty ones included, are worth while for so many with tokens: an empty one is small, and in a row
    /// without gaps a chunk is found by its distance from the first.
    private static func length(stored: Int) -> Int { 8 * stored + 64 }

    private func contains(rank: UInt64, at index: Int) -> Bool {
        index < chunks.count && chunks[index].key == rank / 64 && chunks[index].bits >> (rank % 64) & 1 == 1
    }

    /// The first chunk whose key is not below `key`.
    private func index(of key: UInt64) -> Int {
        guard let first = chunks.first?.key, first < key else { return 0 }
        // Keys rise, so none is further from the first than its key; without gaps it is just there.
        var high = min(Int(key - first), chunks.count)
        if high < chunks.count, chunks[high].key == key { return high }
        var low = 0
        while low < high {
            let middle = (low + high) / 2
            if chunks[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func put(_ token: TokenID, rank: UInt64, at index: Int) {
        let bit: UInt64 = 1 << (rank % 64)
        precondition(chunks[index].bits & bit == 0, "two tokens with rank \(rank)")
        if chunks[index].tokens.isEmpty {
            chunks[index].tokens = Array(repeating: 0, count: 64)
            stored += 1
        }
        chunks[index].bits |= bit
        chunks[index].tokens[Int(rank % 64)] = token.rawValue
    }

    /// Where the chunk of a key is, which may be a new one.
    private mutating func makeChunk(of key: UInt64) -> Int {
        guard let last = chunks.last?.key, key <= last else {
            appendChunk(key)
            return chunks.count - 1
        }
        if key == last { return chunks.count - 1 }
        let index = index(of: key)
        if chunks[index].key == key { return index }
        insertChunk(key, at: index)
        return self.index(of: key)
    }

    private mutating func appendChunk(_ key: UInt64) {
        if let last = chunks.last {
            if last.bits == 0 { dropTokens(at: chunks.count - 1) }
            if key - chunks[0].key < Self.length(stored: stored) {
                for missing in (last.key + 1)..<key { append(LineChunk(key: missing)) }
            }
        }
        append(LineChunk(key: key))
    }

    private mutating func append(_ chunk: LineChunk) {
        chunks.append(chunk)
        tree.append(0)
    }

    private mutating func insertChunk(_ key: UInt64, at index: Int) {
        chunks.insert(LineChunk(key: key), at: index)
        let length = chunks[chunks.count - 1].key - chunks[0].key + 1
        if length <= Self.length(stored: stored) { fillGaps() }
        recount()
    }

    private mutating func fillGaps() {
        var filled: [LineChunk] = []
        for chunk in chunks {
            if let last = filled.last { filled += ((last.key + 1)..<chunk.key).map { LineChunk(key: $0) } }
            filled.append(chunk)
        }
        chunks = filled
    }

    private mutating func dropTokens(at index: Int) {
        if !chunks[index].tokens.isEmpty { stored -= 1 }
        chunks[index].tokens = []
    }

    private mutating func chunkEmptied(at index: Int) {
        if index < chunks.count - 1 { dropTokens(at: index) }
        while front < chunks.count - 1, chunks[front].bits == 0 { front += 1 }
        if front > chunks.count / 2 + 64 || chunks.count > 2 * Self.length(stored: stored) {
            chunks = chunks.filter { !$0.tokens.isEmpty }
            recount()
        }
    }

    /// Counts anew, without those who have passed.
    private mutating func recount() {
        tree = CountTree(chunks.lazy.map { UInt32($0.bits.nonzeroBitCount) })
        passed = 0
        front = chunks.firstIndex { $0.bits != 0 } ?? max(0, chunks.count - 1)
    }

    // MARK: Memory, for tests

    /// What its arrays take up, room to grow included.
    package var bytes: Int {
        chunks.capacity * MemoryLayout<LineChunk>.stride + tree.bytes
            + chunks.reduce(0) { $0 + $1.bytes }
    }
    /// Where its arrays are: a test sees by it that nobody made copies.
    var addresses: [Int] {
        [
            chunks.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) }, tree.address,
            chunks.last?.tokens.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) } ?? 0,
        ]
    }
}
