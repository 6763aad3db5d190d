import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import Foundation
import Testing

/// What a hold costs on disk. Not a test but a measurement, and only when asked for:
///
///     BOXOFFICE_MEASURE=1 swift test -c release -Xswiftc -enable-testing --filter HoldCost
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["BOXOFFICE_MEASURE"] != nil))
struct HoldCostTests {
    static let sizes =
        ProcessInfo.processInfo.environment["BOXOFFICE_MEASURE"].flatMap { Int($0) }.map {
            $0 > 1 ? [$0] : [64, 512, 1]
        }
        ?? [1]
    static let members: UInt64 = 50_000
    static let dates: UInt64 = 10
    static let holds: UInt64 = 100_000

    @Test(arguments: sizes) func holdsInBatches(of size: Int) throws {
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        try store.commit(Self.world, at: .at(0))
        if let sql = ProcessInfo.processInfo.environment["BOXOFFICE_MEASURE_SQL"] {
            print("after \(sql): \(try shell(directory.file, sql, readOnly: false))")
        }
        try store.checkpoint(truncate: true)
        let count = size == 1 ? Self.holds / 20 : Self.holds
        let batches = stride(from: 1, through: count, by: size).map { first in
            (first..<min(first + UInt64(size), count + 1)).flatMap(Self.hold)
        }
        let clock = ContinuousClock()
        var checkpoints = Duration.zero
        var witness = Duration.zero
        var longest = Duration.zero
        let start = clock.now
        let used = Foundation.clock()
        for (index, batch) in batches.enumerated() {
            try store.commit(batch, at: .at(Int64(index)))
            witness += try clock.measure { try store.updateWitness() }
            let spent = try clock.measure { try store.checkpointIfDue(isIdle: false) }
            checkpoints += spent
            longest = max(longest, spent)
        }
        let total = clock.now - start
        print(
            "batches of \(size): \(total / Int(count)) a hold, of it checkpoints \(checkpoints / Int(count)),",
            "the longest \(longest), the witness \(witness / Int(count)); processor time \((Foundation.clock() - used) / Int(count)) µs a hold"
        )
        store.close()
        let reopened = try Store.open(directory: directory.path)
        var facts = 0
        let load = try clock.measure { try reopened.load { _ in facts += 1 } }
        print("loading \(facts) rows: \(load)")
    }

    static let world: [Fact] =
        [.plan(Sample.plan), .concert(Sample.concert), .room(Sample.room)]
        + (1...members).map { .member(Sample.member($0, "member \($0)")) }
        + (1...dates).map { id in
            var row = Sample.performance
            row.id = PerformanceID(id)
            row.key = "\(id)"
            return .performance(row)
        }

    static func hold(_ id: UInt64) -> [Fact] {
        let member = id * 7919 % members + 1
        return Sample.hold(
            id, of: member, [UInt32(id * 6007 % 10_000)], notice: id, id / members + 1, operation: id)
    }
}
