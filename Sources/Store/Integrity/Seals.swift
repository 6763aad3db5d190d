// What the file says about all rows of a table together, so that a row that is missing, there twice or old is noticed:
// how many there are and the sum of their checksums, modulo 2^64. Adding a row adds its checksum, deleting takes it away;
// the order does not matter, so that a commit pays only for the rows that it touches.
//
//     rows ──▶ checksum of each ──▶ `seal`: count and sum of each table ─┐
//     ledger ──▶ chain: each entry's hash is over the one before ────────┼──▶ head ──▶ witness
//     meta: deployment, instant, number of the commit, the head before ──┘
//
// The head is one SHA-256 over all of it, made anew at each commit, and rests on the head before: two files with the same
// head have the same history.

import BoxOfficeProtocol
import GRDB

/// The seals of all tables, and the end of the ledger's chain.
struct Seals: Equatable {
    private(set) var rows = [Int64](repeating: 0, count: SealedTable.allCases.count)
    private(set) var sums = [Int64](repeating: 0, count: SealedTable.allCases.count)
    /// The newest entry's link; zeros before the first.
    private(set) var link = Self.firstLink

    static let firstLink = Digest(Bytes32(first: Bytes16(high: 0, low: 0), second: Bytes16(high: 0, low: 0)))

    mutating func add(_ checksum: Int64, to table: SealedTable) {
        rows[table.rawValue - 1] += 1
        sums[table.rawValue - 1] &+= checksum
    }

    mutating func remove(_ checksum: Int64, from table: SealedTable) {
        rows[table.rawValue - 1] -= 1
        sums[table.rawValue - 1] &-= checksum
    }

    mutating func linked(_ link: Digest) { self.link = link }

    func rows(of table: SealedTable) -> Int64 { rows[table.rawValue - 1] }
    func sum(of table: SealedTable) -> Int64 { sums[table.rawValue - 1] }

    /// The link of an entry after the newest.
    /// - Parameter image: Of the entry's columns before `chain`.
    func link(over image: [UInt8]) -> Digest { Digest(hashing: link.rawValue.bytes + image) }

    /// As the file has them.
    init(on db: Database) throws {
        var count = 0
        try RowStatement("SELECT id, name, rows, sum FROM seal ORDER BY id", on: db).eachRow { columns in
            let id = columns.integer()
            guard id == Int64(count + 1), let table = SealedTable(rawValue: count + 1), columns.text() == table.name
            else { throw StoreFailure.damaged("seal \(id) is of no table") }
            rows[count] = columns.integer()
            sums[count] = columns.integer()
            count += 1
        }
        guard count == SealedTable.allCases.count else { throw StoreFailure.damaged("\(count) seals are there") }
        try RowStatement("SELECT chain FROM ledger ORDER BY id DESC LIMIT 1", on: db).eachRow { link = try $0.digest() }
    }

    /// Of no rows.
    init() {}
}

/// The row of `meta`, which tells of the newest commit.
struct CommitRecord: Equatable {
    var deployment: DeploymentID
    var committedAt: Instant
    var number: Int64
    var operationFloor: Instant?
    var operationsPruned: UInt64?
    /// Of the tables' definitions.
    var definitions: Int64
    var headBefore: Digest
    var head: Digest

    /// As the file has it.
    init(on db: Database) throws {
        var record: Self?
        try RowStatement(
            """
            SELECT deployment, committed_at, commits, operation_floor, operations_pruned, definitions, head_before, head
            FROM meta
            """, on: db
        ).eachRow {
            record = Self(
                deployment: DeploymentID(try $0.bytes16()), committedAt: $0.instant(), number: $0.integer(),
                operationFloor: $0.optionalInstant(), operationsPruned: $0.optionalUnsigned(),
                definitions: $0.integer(), headBefore: try $0.digest(), head: try $0.digest())
        }
        guard let record else { throw StoreFailure.damaged("no row in meta") }
        self = record
    }

    private init(
        deployment: DeploymentID, committedAt: Instant, number: Int64, operationFloor: Instant?,
        operationsPruned: UInt64?, definitions: Int64, headBefore: Digest, head: Digest
    ) {
        self.deployment = deployment
        self.committedAt = committedAt
        self.number = number
        self.operationFloor = operationFloor
        self.operationsPruned = operationsPruned
        self.definitions = definitions
        self.headBefore = headBefore
        self.head = head
    }

    /// The head over this record and these seals: the images of the row of `meta` before `head` and of all rows of
    /// `seal`, then the ledger's newest link.
    func head(over seals: Seals) -> Digest {
        var meta = RowImage(of: "meta")
        meta.append(1)
        meta.append(blob: deployment.rawValue.bytes)
        meta.append(committedAt.rawValue)
        meta.append(number)
        if let operationFloor { meta.append(operationFloor.rawValue) } else { meta.appendNull() }
        if let operationsPruned { meta.append(Int64(bitPattern: operationsPruned)) } else { meta.appendNull() }
        meta.append(definitions)
        meta.append(blob: headBefore.rawValue.bytes)
        var bytes = meta.bytes
        var seal = RowImage(of: "seal")
        for table in SealedTable.allCases {
            seal.clear()
            seal.append(Int64(table.rawValue))
            seal.append(text: table.name)
            seal.append(seals.rows(of: table))
            seal.append(seals.sum(of: table))
            bytes += seal.bytes
        }
        return Digest(hashing: bytes + seals.link.rawValue.bytes)
    }

    /// One more commit, over these seals.
    mutating func advance(at now: Instant, over seals: Seals) {
        committedAt = now
        number += 1
        headBefore = head
        head = head(over: seals)
    }

    /// A checksum of how the tables are defined: a garbled definition lets SQLite misread what is stored well.
    static func definitions(on db: Database) throws -> Int64 {
        let names = (SealedTable.allCases.map(\.name) + ["meta", "seal"]).map { "'\($0)'" }.joined(separator: ", ")
        var image = RowImage(of: "sqlite_schema")
        try RowStatement(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name IN (\(names)) ORDER BY name", on: db
        ).eachRow {
            image.append(text: $0.text())
            image.append(text: $0.text())
        }
        return image.checksum
    }
}
