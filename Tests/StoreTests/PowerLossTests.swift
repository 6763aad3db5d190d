import BoxOfficeEngine
import BoxOfficeProtocol
import Foundation
import PowerLoss
import SimulatedDisk
import Testing

@testable import BoxOfficeStore

/// The store alone, with facts at random: what a power cut leaves after each operation is exactly what some number of
/// commits add up to, and no commit that returned is missing.
@Suite("Power loss under the store") struct StorePowerLossTests {
    /// `BOXOFFICE_POINTS` asks for another number, with ever new scripts (`scripts/soak power-loss`).
    static let soak = ProcessInfo.processInfo.environment["BOXOFFICE_POINTS"].flatMap { Int($0) }
    static let pointsWanted = soak ?? 4_500

    @Test func everyOperationOfAScript() throws {
        var report = CrashReport()
        var seed: UInt64 = 1
        repeat {
            let script = try StoreScript(seed: seed, commits: 50)
            report =
                try report
                + script.visited(
                    seed: seed, rounds: Self.soak == nil ? 1 : 8,
                    pointsMax: Self.soak.map { $0 - report.points } ?? .max)
            #expect(report.problems.isEmpty, "seed \(seed)")
            seed += 1
        } while report.problems.isEmpty && report.points < Self.pointsWanted
        print("Power loss under the store: \(report)")
        #expect(report.points >= Self.pointsWanted)
        if Self.soak == nil { #expect(report.states > 50 && report.recoveries > 100, "\(report)") }
    }

    @Test func everyOperationOfAMigration() throws {
        let directory = try TemporaryDirectory()
        try MigrationTests.version1(in: directory)
        let beginning = Disk(under: directory.path)
        beginning.put("boxoffice.sqlite", try Array(Data(contentsOf: URL(filePath: directory.file))))
        let script = try StoreScript(seed: 1, commits: 3, beginning: beginning)
        let report = try script.visited(seed: 1)
        print("Power loss in a migration: \(report)")
        #expect(report.problems.isEmpty)
        #expect(report.points > 150 && report.states > 4)
    }

    // MARK: Faults while starting

    /// Every operation and every read of a start that has a log to recover fails once: the start says so and does no harm,
    /// and the next one finds everything.
    @Test func everyFaultWhileStarting() throws {
        let script = try StoreScript(seed: 3, commits: 8)
        let left = try Disk()
        script.recording.disk.cut(to: left, .everything)
        let expected = try left.reloaded()
        let (log, target) = (try script.stillLogged(), try Disk())
        var (refused, faults) = (0, 0)
        let kinds: [simulated_disk_fault?] = [
            simulated_disk_io_error, simulated_disk_no_space, simulated_disk_short_write, simulated_disk_sync_fails,
            simulated_disk_sync_loses, nil,
        ]
        for kind in kinds {
            for skipped in 0..<UInt64(2_000) {
                log.cut(to: target, .everything)
                let before = target.failures
                if let kind {
                    target.fail(kind, after: skipped, count: 1)
                } else {
                    simulated_disk_fail_reads(target.pointer, simulated_disk_reads(target.pointer) + skipped + 1, 1)
                }
                do {
                    try target.startAndEnd()
                } catch is StoreFailure {
                    refused += 1
                }
                let isHit = target.failures > before
                target.mend()
                guard try target.reloaded() == expected else {
                    Issue.record("\(kind.map { "\($0)" } ?? "a failed read") at \(skipped)")
                    break
                }
                guard isHit else { break }
                faults += 1
            }
        }
        print("Faults while starting: \(faults), of which \(refused) were said")
        #expect(faults > 100 && refused > 50)
    }

    // MARK: The self-test: what does not hold is noticed

    @Test func aDiskThatLiesIsNoticed() throws {
        let script = try StoreScript(seed: 2, commits: 12)
        for file in ["-wal", ".sqlite", ""] {
            let points = try script.points()
            points.lie(about: file)
            points.visit()
            #expect(!points.report.problems.isEmpty, "syncs of \(file) that do nothing were not noticed")
        }
    }

    @Test func aCommitThatDoesNotSyncIsNoticed() throws {
        let script = try StoreScript(seed: 2, commits: 12, synchronous: .normal)
        let report = try script.visited(seed: 2)
        #expect(!report.problems.isEmpty, "synchronous = NORMAL was not noticed")
        let full = try StoreScript(seed: 2, commits: 12).visited(seed: 2)
        #expect(full.problems.isEmpty)
    }
}

/// Facts at random through a real store on a recorded disk: batches, checkpoints of both kinds, restarts, and failed syncs
/// after which the file is opened anew.
struct StoreScript {
    private(set) var recording: Recording
    /// What commits add up to, with how many promises a file that holds this keeps.
    private var models: [(model: FactModel, kept: Int)] = []
    /// What the file holds now, as far as is known.
    private var current = FactModel()
    private var random: SplitMix64
    /// Nil: as everybody opens it.
    private let synchronous: Store.Synchronous?

    init(
        seed: UInt64, commits: Int, beginning: Disk? = nil, synchronous: Store.Synchronous? = nil
    ) throws {
        self.synchronous = synchronous
        random = SplitMix64(state: seed)
        let disk = try Disk()
        beginning?.cut(to: disk, .everything)
        simulated_disk_record(disk.pointer)
        recording = Recording(disk: disk, beginning: beginning)
        try run(seed: seed, commits: commits, isEmpty: beginning == nil)
    }

    private mutating func run(seed: UInt64, commits: Int, isEmpty: Bool) throws {
        var world = RandomWorld(seed: seed)
        var store = try open()
        current = try loaded(store)
        models.append((current, 0))
        recording.settled = recording.disk.operations
        for number in 1...Int64(commits) {
            // In a file that is not ours to know, an operation fits always.
            var batch: [Fact] = isEmpty ? [] : [.operation(Sample.operation(UInt64(100 + number)))]
            for _ in 0..<(isEmpty ? Int.random(in: 1...12, using: &random) : 0) { batch += world.facts() }
            if Int.random(in: 0..<12, using: &random) == 0 {
                store = try commitThatFails(batch, at: .at(number), store)
            } else {
                try store.commit(batch, at: .at(number))
                promise(batch)
            }
            // As the engine loop does it when the answers have left.
            try store.updateWitness()
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                store.close()
                store = try open()
                _ = try loaded(store)
            case 1, 2: try store.checkpoint(truncate: Bool.random(using: &random))
            case 3, 4, 5: try store.updateWitness()
            default: break
            }
        }
        store.close()
    }

    private func open() throws -> Store { try Self.open(recording.disk.directory, synchronous) }

    private static func open(_ directory: String, _ synchronous: Store.Synchronous?) throws -> Store {
        guard let synchronous else { return try Store.open(directory: directory) }
        return try Store.open(directory: directory, synchronous: synchronous)
    }

    private func loaded(_ store: Store) throws -> FactModel {
        var model = FactModel()
        try store.load { model.apply($0) }
        return model
    }

    private mutating func promise(_ batch: [Fact]) {
        for fact in batch { current.apply(fact) }
        recording.promised()
        models.append((current, recording.promises.count))
    }

    /// The sync fails; the file is opened and read anew, and only when the disk has taken all of it is anything said.
    private mutating func commitThatFails(_ batch: [Fact], at now: Instant, _ store: Store) throws -> Store {
        var with = current
        for fact in batch { with.apply(fact) }
        // On disk or not, from here on: both are allowed until one of them is promised.
        models.append((with, recording.promises.count))
        models.append((current, recording.promises.count))
        let disk = recording.disk
        let fault = Bool.random(using: &random) ? simulated_disk_sync_fails : simulated_disk_sync_loses
        disk.fail(fault, only: "-wal")
        do {
            try store.commit(batch, at: now)
            // Only a setting that promises too much gets here.
            disk.mend()
            promise(batch)
            return store
        } catch {
            guard case .ambiguous = error else { throw error }
        }
        disk.mend()
        store.close()
        let again = try open()
        let model = try loaded(again)
        try again.checkpoint(truncate: true)
        if model != with { try again.commit(batch, at: now) }
        promise(batch)
        return again
    }

    // MARK: The points

    /// The disk at the last moment before the log is copied into the file for good.
    func stillLogged() throws -> Disk {
        let disk = try Disk()
        recording.beginning?.cut(to: disk, .everything)
        simulated_disk_replay(disk.pointer, recording.disk.pointer, recording.promises.last!)
        return disk
    }

    func visited(seed: UInt64, rounds: Int = 1, pointsMax: Int = .max) throws -> CrashReport {
        let points = try points()
        points.visit(rounds: rounds, seed: seed, pointsMax: pointsMax)
        return points.report
    }

    func points() throws -> CrashPoints {
        let (models, synchronous) = (models, synchronous)
        return try CrashPoints(recording) { directory in
            let store = try Self.open(directory, synchronous)
            defer { store.close() }
            try store.load { _ in }
            try store.checkpoint(truncate: true)
            try store.updateWitness()
        } read: { directory, isSettled in
            let store = try Self.open(directory, synchronous)
            defer { store.close() }
            var model = FactModel()
            try store.load { model.apply($0) }
            if let found = models.last(where: { $0.model == model }) { return found.kept }
            guard !isSettled, model.withoutSeeds == models[0].model.withoutSeeds else {
                throw Problem("no number of commits adds up to what is there")
            }
            return 0
        }
    }
}

extension FactModel {
    /// What a migration makes up at random is another each time, until somebody was told.
    fileprivate var withoutSeeds: FactModel {
        var model = self
        for concert in rooms.keys {
            rooms[concert].map { room in
                var room = room
                room.seed = DrawSeed(Bytes32(first: Bytes16(high: 0, low: 0), second: Bytes16(high: 0, low: 0)))
                model.rooms[concert] = room
            }
        }
        return model
    }
}
