import BoxOfficeProtocol

/// Sixty-four ranks of a line.
struct LineChunk: Sendable {
    /// Its first rank, divided by 64.
    let key: UInt64
    /// Who waits, a bit a rank.
    var bits: UInt64 = 0
    /// Tokens by the place of their bit; empty when nobody waits.
    var tokens: [UInt64] = []

    /// Who is first; somebody is.
    var first: Line.Member { member(at: bits.trailingZeroBitCount) }

    /// What its array takes up.
    var bytes: Int { tokens.capacity * MemoryLayout<UInt64>.stride }

    func member(at bit: Int) -> Line.Member { (64 * key + UInt64(bit), TokenID(tokens[bit])) }
}

extension Line {
    /// Everybody in order, each found when asked for; the position of each is how many came before it.
    ///
    /// It has the line in hand: a line that changes while somebody goes through it is copied.
    package var members: Members { Members(chunks) }

    package struct Members: Sequence, IteratorProtocol {
        private let chunks: [LineChunk]
        private var index = 0
        /// Who is left of the chunk at `index`.
        private var bits: UInt64

        fileprivate init(_ chunks: [LineChunk]) {
            self.chunks = chunks
            bits = chunks.first?.bits ?? 0
        }

        package mutating func next() -> Member? {
            while bits == 0 {
                guard index + 1 < chunks.count else { return nil }
                index += 1
                bits = chunks[index].bits
            }
            defer { bits &= bits - 1 }
            return chunks[index].member(at: bits.trailingZeroBitCount)
        }
    }
}
