import BoxOfficeProtocol
import DequeModule

/// What was done under each operation key of the last day, in order: what a retry is answered from.
///
/// There is one for every change, so each is kept in a row without its owner's name or a second copy of its key. A table
/// that grows is copied, and everybody waits for it: so there are many small ones instead of a large one.
struct OperationTable: Sendable {
    struct Kept: Equatable, Sendable {
        let id: UInt64
        let at: Instant
        let opcode: Opcode
        let digest: Bytes16
        let result: OperationResult
        fileprivate let name: Name
    }

    /// A key and whose it is.
    fileprivate struct Name: Hashable, Sendable {
        let owner: UInt64
        let key: OperationKey

        var part: Int { Int(key.rawValue.low % UInt64(OperationTable.partsCount)) }

        init(_ owner: OperationOwner, _ key: OperationKey) {
            self.key = key
            self.owner =
                switch owner {
                case .member(let member): member.rawValue << 2
                case .local: 1
                // Shortened (FNV-1a): names that come out the same would have to use the same random key as well, and a
                // request of the same digest.
                case .name(let name):
                    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } << 2 | 2
                }
        }
    }

    private static let partsCount = 256

    private var rows = Rows()
    /// How many rows were forgotten.
    private var forgotten = 0
    /// Which row, counted from the first that ever was here, by a byte of the key's random part.
    private var rowByName: [[Name: Int]] = Array(repeating: [:], count: partsCount)

    var count: Int { rows.count }
    var isEmpty: Bool { rows.isEmpty }
    /// In order.
    var values: some Sequence<Kept> { (0..<rows.count).lazy.map { [rows] in rows[$0] } }

    mutating func append(_ row: OperationRow) {
        let name = Name(row.owner, row.key)
        rowByName[name.part][name] = forgotten + rows.count
        rows.append(
            Kept(id: row.id, at: row.at, opcode: row.opcode, digest: row.digest, result: row.result, name: name))
    }

    func known(_ key: OperationKey, of owner: OperationOwner) -> Kept? {
        let name = Name(owner, key)
        return rowByName[name.part][name].map { rows[$0 - forgotten] }
    }

    /// The last row from before this instant; nil when there is none.
    func last(before instant: Instant) -> UInt64? {
        var last: UInt64?
        for row in values {
            guard row.at < instant else { break }
            last = row.id
        }
        return last
    }

    /// Forgets all rows through this one.
    mutating func forget(through id: UInt64) {
        while let first = rows.first, first.id <= id {
            // A damaged file may have a key twice; the newer row is the one that is found.
            let part = first.name.part
            if rowByName[part][first.name] == forgotten { rowByName[part][first.name] = nil }
            rows.removeFirst()
            forgotten += 1
        }
    }
}

extension OperationTable {
    /// Rows that come at the end and go at the beginning, in chunks that are never copied.
    private struct Rows: Sendable {
        private static let chunkRows = 1_024

        private var chunks: Deque<[Kept]> = []
        /// Rows that are gone from the first chunk.
        private var gone = 0

        var count: Int { chunks.isEmpty ? 0 : (chunks.count - 1) * Self.chunkRows + chunks.last!.count - gone }
        var isEmpty: Bool { count == 0 }
        var first: Kept? { isEmpty ? nil : self[0] }

        subscript(index: Int) -> Kept { chunks[(gone + index) / Self.chunkRows][(gone + index) % Self.chunkRows] }

        mutating func append(_ row: Kept) {
            if chunks.last?.count ?? Self.chunkRows == Self.chunkRows {
                chunks.append([])
                chunks[chunks.count - 1].reserveCapacity(Self.chunkRows)
            }
            chunks[chunks.count - 1].append(row)
        }

        mutating func removeFirst() {
            gone += 1
            guard gone == chunks[0].count else { return }
            chunks.removeFirst()
            gone = 0
        }
    }
}
