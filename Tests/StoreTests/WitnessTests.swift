import BoxOfficeProtocol
import Foundation
import SimulatedDisk
import Testing

@testable import BoxOfficeStore

/// A data file that is not the newest is not served, whatever made it so.
@Suite struct WitnessTests {
    private static let names = ["boxoffice.sqlite", "boxoffice.sqlite-wal", "boxoffice.witness"]

    /// Files as they were at some moment, by name.
    private typealias Files = [String: Data]

    private func files(_ directory: TemporaryDirectory) -> Files {
        var files: Files = [:]
        for name in Self.names { files[name] = FileManager.default.contents(atPath: "\(directory.path)/\(name)") }
        return files
    }

    private func directory(_ files: Files) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        for (name, bytes) in files { try bytes.write(to: URL(fileURLWithPath: "\(directory.path)/\(name)")) }
        return directory
    }

    /// A box office that is killed after its last commit, and the files as they were after some commits before: with
    /// `inFile` the log was copied into the file and begun anew.
    private func history() throws -> (yesterday: Files, before: Files, now: Files) {
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        var moments: [Files] = []
        for (index, batch) in WholeFile.batches.enumerated() {
            try store.commit(batch, at: .at(Int64(10 + index)))
            try store.updateWitness()
            if index == 2 { try store.checkpoint(truncate: true) }
            if [2, 6, 7].contains(index) { moments.append(files(directory)) }
        }
        store.close()
        return (moments[0], moments[1], moments[2])
    }

    @Test func aFileThatIsNotTheNewestIsRefused() throws {
        let (yesterday, before, now) = try history()
        let (file, log, witness) = (Self.names[0], Self.names[1], Self.names[2])
        let missing =
            "commits 4 to 8 are missing; it ends with commit 3 of 2026-03-01T00:00:12Z, and one of 2026-03-01T00:00:17Z was seen"
        let last =
            "commit 8 is missing; it ends with commit 7 of 2026-03-01T00:00:16Z, and one of 2026-03-01T00:00:17Z was seen"
        func garbled(_ places: [Int]) -> Files {
            var files = now
            for place in places { files[witness]![place] ^= 4 }
            return files
        }
        func with(_ changes: [String: Data?]) -> Files {
            now.merging(changes.compactMapValues { $0 }) { $1 }.filter {
                !(changes.keys.contains($0.key) && changes[$0.key]! == nil)
            }
        }
        let empty = now[witness].map { Data($0.prefix(0)) }
        let cases: [(what: String, files: Files, refusal: String?)] = [
            ("as it was left", now, nil),
            ("the log is gone", with([log: nil]), missing),
            ("the log is empty", with([log: Data()]), missing),
            ("the last frame of the log is gone", with([log: Data(now[log]!.dropLast(8_192))]), last),
            ("a frame is garbled in the last commit", with([log: flipped(now[log]!, from: before[log]!.count)]), last),
            ("the log of before", with([log: before[log]!]), last),
            ("yesterday's file and log", with([file: yesterday[file]!, log: yesterday[log]!]), missing),
            ("yesterday's file alone", with([file: yesterday[file]!, log: nil]), missing),
            ("all files of before", before, nil),
            ("the witness of before", with([witness: before[witness]!]), nil),
            ("one record of the witness is garbled", garbled([10]), nil),
            ("the other record", garbled([4_100]), nil),
            ("both records", garbled([10, 4_100]), "boxoffice.witness, which knows the newest commit, is damaged"),
            ("no witness", with([witness: nil]), "boxoffice.witness, which knows the newest commit, is missing"),
            (
                "an empty witness", with([witness: empty]),
                "boxoffice.witness, which knows the newest commit, is missing"
            ),
            ("no data file", with([file: nil, log: nil]), "it is empty, and commit 8 was seen"),
        ]
        for row in cases {
            let directory = try directory(row.files)
            do {
                try directory.store().close()
                #expect(row.refusal == nil, "\(row.what): opened")
            } catch {
                #expect(error as? StoreFailure == row.refusal.map { .notWitnessed($0) }, "\(row.what)")
                // Nothing is changed by trying, the log's end least of all: somebody may want to mend it.
                let after = files(directory)
                for name in [file, log] {
                    #expect(after[name] ?? Data() == row.files[name] ?? Data(), "\(row.what): \(name)")
                }
                // There is a way out, which says what it costs; from nothing there is none.
                guard row.files[file] != nil else { continue }
                let accepted = try Store.accept(directory: directory.path, edited: false)
                #expect(
                    accepted.seen == (row.what.contains("witness") || row.what.contains("both") ? nil : 8),
                    "\(row.what)")
                #expect(row.refusal == missing ? accepted.commit == 3 : accepted.commit >= 7, "\(row.what)")
                try directory.store().close()
            }
        }
    }

    private func flipped(_ bytes: Data, from start: Int) -> Data {
        var bytes = bytes
        bytes[start + 1_000] ^= 1
        return bytes
    }

    /// The same number of commits, and not the same ones.
    @Test func anotherHistoryIsRefused() throws {
        let first = try TemporaryDirectory()
        let store = try first.store()
        try store.commit(WholeFile.batches[0], at: .at(1))
        store.close()
        let start = files(first)
        func goOn(_ seconds: [Int64]) throws -> Files {
            let directory = try directory(start)
            let store = try directory.store()
            for second in seconds { try store.commit([.session(Sample.session(UInt64(second)))], at: .at(second)) }
            store.close()
            return files(directory)
        }
        let (one, other, longer) = (try goOn([2]), try goOn([3]), try goOn([3, 4]))
        for (name, forked) in [("as long", other), ("longer by one", longer)] {
            var mixed = forked
            mixed["boxoffice.witness"] = one["boxoffice.witness"]
            do {
                _ = try directory(mixed).store()
                Issue.record("opened a file that is \(name)")
            } catch {
                guard case .notWitnessed(let what)? = error as? StoreFailure else { throw error }
                #expect(what.hasSuffix("does not go on from commit 2 of 2026-03-01T00:00:02Z that was seen"), "\(what)")
            }
        }
        let stranger = try TemporaryDirectory()
        try WholeFile.store(in: stranger.path).close()
        var mixed = files(stranger)
        mixed["boxoffice.witness"] = one["boxoffice.witness"]
        do {
            _ = try directory(mixed).store()
            Issue.record("opened another box office's file")
        } catch {
            guard case .notWitnessed(let what)? = error as? StoreFailure else { throw error }
            #expect(what.hasPrefix("it is another box office's, "))
        }
    }

    /// What a killed process left may not be on the medium yet. The witness hears of it only when it is.
    @Test func theWitnessIsNeverAheadOfTheDisk() throws {
        let directory = try TemporaryDirectory()
        let store = try WholeFile.store(in: directory.path)
        // One more, of which the witness was to hear next.
        try store.commit(WholeFile.later, at: .at(1_000))
        let killed = try directory.crashed()
        store.close()
        let before = files(killed)["boxoffice.witness"]
        let second = try Store.open(directory: killed.path)
        try second.load { _ in }
        try second.updateWitness()
        #expect(files(killed)["boxoffice.witness"] == before)
        second.close()
    }

    /// The power goes in the middle of every write to the witness: what is left opens.
    @Test func aTornRecordLeavesTheOther() throws {
        let directory = try TemporaryDirectory()
        let disk = try #require(simulated_disk_make(directory.path))
        defer { simulated_disk_free(disk) }
        let store = try Store.open(directory: directory.path)
        try store.load { _ in }
        var torn = 0
        for (index, batch) in WholeFile.batches.enumerated() {
            try store.commit(batch, at: .at(Int64(index)))
            let left = try TemporaryDirectory()
            let image = try #require(simulated_disk_make(left.path))
            defer { simulated_disk_free(image) }
            // The write is done, its sync is not: the power goes.
            simulated_disk_fail(disk, simulated_disk_sync_fails, simulated_disk_operations(disk) + 2, 1)
            #expect(throws: StoreFailure.self) { try store.updateWitness() }
            for seed in UInt64(1)...4 {
                simulated_disk_cut(disk, image, simulated_disk_torn, 512, seed)
                let reopened = try left.store()
                reopened.close()
                torn += 1
            }
            simulated_disk_mend(disk)
            try store.updateWitness()
        }
        #expect(torn == 4 * WholeFile.batches.count)
        store.close()
    }

    @Test func aRecordIsReadOnlyAsItWasWritten() {
        let record = WitnessRecord(
            turn: 42, deployment: .random(), commit: 17, at: .at(1), head: .random())
        let bytes = record.bytes
        #expect(bytes.count == WitnessRecord.bytesCount && WitnessRecord(bytes) == record)
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("BoxOffice witness 1\nturn 42\ndeployment "))
        for bit in 0..<(bytes.count * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(WitnessRecord(flipped) == nil, "bit \(bit)")
        }
        for bytes in [[], Array(bytes.dropLast()), [UInt8](repeating: 0, count: 512), Array("\n\n\n\n\n\n\n".utf8)] {
            #expect(WitnessRecord(bytes) == nil)
        }
    }
}
