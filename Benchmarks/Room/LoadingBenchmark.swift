import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeServer
import BoxOfficeStore
import Foundation

/// A start with a full house beside the `sqlite3` shell, which reads the same rows and writes them to nowhere.
struct LoadingBenchmark {
    let house: CrowdedHouse
    let rounds: Int

    private static let factsPerCommit = 20_000

    func run(into report: inout Report) throws {
        let directory = try TemporaryDirectory()
        try write(to: directory.path)
        var loading = Rounds()
        var start = Rounds()
        var reading = Rounds()
        for _ in 0..<rounds {
            let begun = ContinuousClock.now
            let store = try Store.open(directory: directory.path)
            var engine = Engine(configuration: EngineConfiguration())
            try loading.ours(operations: 1) { try store.load(into: &engine) }
            var effects = Effects()
            let now = CrowdedHouse.openedAt + .seconds(60)
            engine.loaded(at: now)
            engine.wake(at: now, into: &effects)
            if let broken = engine.brokenInvariant() { preconditionFailure(broken) }
            start.ours(seconds: (ContinuousClock.now - begun) / .seconds(1))
            precondition(engine.roomFigures(of: CrowdedHouse.concert, at: now)?.waiting == UInt32(house.waiting))
            try reading.ours(operations: 1) { try store.load { _ in } }
            store.close()
            try loading.peer(operations: 1) { try Self.shell(directory.path + "/boxoffice.sqlite") }
        }
        report.add("loading members and tokens / sqlite3", loading, .timesAtMost(3))
        report.add(
            "its rows, read and let go / sqlite3", ours: reading.oursMedian, peer: loading.peerMedian, unit: .seconds,
            .nothing)
        report.add(
            "a whole start / sqlite3", ours: start.oursMedian, peer: loading.peerMedian, unit: .seconds, .nothing)
    }

    private func write(to path: String) throws {
        let store = try Store.open(directory: path)
        defer { store.close() }
        try store.load { _ in }
        try store.commit(house.world, at: CrowdedHouse.openedAt)
        for first in stride(from: 1, through: house.waiting, by: Self.factsPerCommit) {
            let numbers = first..<min(first + Self.factsPerCommit, house.waiting + 1)
            try store.commit(numbers.map(CrowdedHouse.member), at: CrowdedHouse.openedAt)
            try store.commit(numbers.map(CrowdedHouse.token), at: CrowdedHouse.openedAt)
        }
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    private static func shell(_ file: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let tables = ["meta", "plan", "concert", "performance", "room", "member", "token"]
        process.arguments =
            ["sqlite3", "-readonly", file] + tables.map { "SELECT * FROM \($0) ORDER BY rowid" }
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(description: "sqlite3 failed (Debian: sqlite3)") }
    }
}
