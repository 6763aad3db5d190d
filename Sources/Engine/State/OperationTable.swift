import BoxOfficeProtocol
import DequeModule

/// What was done under each operation key of the last day, in order: what a retry is answered from.
///
/// There is one for every change, so each is kept in a row without its owner's name or a second copy of its key.
struct OperationTable: Sendable {
    struct Kept: Equatable, Sendable {
        let id: UInt64
        let at: Instant
        let opcode: Opcode
        let digest: Bytes16
        let result: [UInt8]
        fileprivate let name: Name
    }

    /// A key and whose it is.
    fileprivate struct Name: Hashable, Sendable {
        let owner: UInt64
        let key: OperationKey

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

    private var rows: Deque<Kept> = []
    /// How many rows were forgotten.
    private var forgotten = 0
    /// Which row, counted from the first that ever was here.
    private var rowByName: [Name: Int] = [:]

    var count: Int { rows.count }
    var isEmpty: Bool { rows.isEmpty }
    /// In order.
    var values: some Collection<Kept> { rows }

    mutating func append(_ row: OperationRow) {
        let name = Name(row.owner, row.key)
        rowByName[name] = forgotten + rows.count
        rows.append(
            Kept(id: row.id, at: row.at, opcode: row.opcode, digest: row.digest, result: row.result, name: name))
    }

    func known(_ key: OperationKey, of owner: OperationOwner) -> Kept? {
        rowByName[Name(owner, key)].map { rows[$0 - forgotten] }
    }

    /// The last row from before this instant; nil when there is none.
    func last(before instant: Instant) -> UInt64? {
        var last: UInt64?
        for row in rows {
            guard row.at < instant else { break }
            last = row.id
        }
        return last
    }

    /// Forgets all rows through this one.
    mutating func forget(through id: UInt64) {
        while let first = rows.first, first.id <= id {
            // A damaged file may have a key twice; the newer row is the one that is found.
            if rowByName[first.name] == forgotten { rowByName[first.name] = nil }
            rows.removeFirst()
            forgotten += 1
        }
    }
}
