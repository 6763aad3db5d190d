import BoxOfficeAudit
import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import Foundation
import PowerLoss
import SimulatedDisk
import Testing

/// Copies of the data file, made while it is written, and data files made of copies.
@Suite struct BackupTests {
    private func sound(_ path: String) throws {
        let report = try Audit.run(file: path)
        guard report.isSound else { throw StoreFailure.damaged("\(report.findings)") }
    }

    private func mode(_ path: String) throws -> Int? {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue
    }

    /// Enough rows that a copy takes several steps.
    private func large() throws -> (TemporaryDirectory, Store) {
        let directory = try TemporaryDirectory()
        let store = try WholeFile.store(in: directory.path)
        for id in UInt64(10)..<60 {
            var operation = Sample.operation(id)
            operation.result = .response([UInt8](repeating: UInt8(id), count: 100_000))
            try store.commit([.operation(operation)], at: .at(Int64(id)))
        }
        return (directory, store)
    }

    @Test func aBackupHasWhatWasCommittedWhileItWasMade() throws {
        let (directory, store) = try large()
        let path = directory.path + "/copy.sqlite"
        let copy = try store.backup(to: path)
        var steps = 1
        var id = UInt64(100)
        while try !copy.step() {
            // New rows, and old pages changed that are copied already.
            try store.commit(
                [.operation(Sample.operation(id)), .member(Sample.member(1, "Ann \(id)"))], at: .at(Int64(id)))
            if steps % 3 == 0 { try store.checkpoint(truncate: steps % 2 == 0) }
            (steps, id) = (steps + 1, id + 1)
        }
        #expect(steps > 4)
        #expect(!FileManager.default.fileExists(atPath: path), "not before it was found to be good")
        try copy.finish(verify: sound)
        let summary = try #require(copy.summary)
        #expect(try mode(path) == 0o600)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasPrefix("copy") } == [
                "copy.sqlite"
            ])
        #expect(
            try summary.commit == UInt64(shell(path, "SELECT commits FROM meta")) && summary.at == .at(Int64(id) - 1))

        var model = FactModel()
        try store.load { model.apply($0) }
        #expect(model.operations.count == Int(id - 100) + 50 + WholeFile.model.operations.count)
        let restored = try TemporaryDirectory()
        _ = try Store.restore(path, into: restored.path, replaces: false, verify: sound)
        #expect(try restored.reloaded() == model)
        // What the store goes on to write is not in it.
        try store.commit([.session(Sample.session(90))], at: .at(900))
        #expect(try shell(path, "SELECT count(*) FROM session WHERE id = 90") == "0")
        store.close()
    }

    @Test func nothingIsOverwrittenAndNothingIsLeftBehind() throws {
        let (directory, store) = try large()
        let path = directory.path + "/copy.sqlite"
        try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: StoreFailure.refused("\(path) is there already")) { try store.backup(to: path) }
        #expect(FileManager.default.contents(atPath: path) == Data("mine".utf8))
        #expect(throws: StoreFailure.self) { try store.backup(to: directory.path + "/nowhere/copy.sqlite") }

        let unsound = directory.path + "/unsound.sqlite"
        let copy = try store.backup(to: unsound)
        while try !copy.step() {}
        #expect(throws: StoreFailure.damaged("said so")) {
            try copy.finish { _ in throw StoreFailure.damaged("said so") }
        }

        let abandoned = try store.backup(to: directory.path + "/abandoned.sqlite")
        #expect(try !abandoned.step())
        abandoned.abandon()
        let closed = try store.backup(to: directory.path + "/closed.sqlite")
        #expect(try !closed.step())
        // The data file is opened anew, after a commit that failed: the copy ends with the connection.
        store.close()
        #expect(throws: StoreFailure.failed("the data file was closed meanwhile")) { try closed.step() }
        closed.abandon()
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        #expect(left == ["boxoffice.lock", "boxoffice.sqlite", "boxoffice.witness", "copy.sqlite"])
    }

    @Test func aFullDiskEndsTheBackupOnly() throws {
        let (directory, store) = try large()
        let full = try Disk()
        let path = full.directory + "/copy.sqlite"
        full.fail(simulated_disk_short_write, after: 40, only: ".partial")
        let copy = try store.backup(to: path)
        #expect(throws: StoreFailure.full) { while try !copy.step() {} }
        copy.abandon()
        try store.commit([.session(Sample.session(90))], at: .at(900))
        store.close()
        #expect(try directory.reloaded().sessions[SessionID(90)] != nil)
        #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
    }

    @Test func aStoppedBoxOfficeIsBackedUpAsItIs() throws {
        let directory = try TemporaryDirectory()
        let store = try WholeFile.store(in: directory.path)
        let path = directory.path + "/copy.sqlite"
        let pid = ProcessInfo.processInfo.processIdentifier
        #expect(throws: StoreFailure.inUse(pid: pid)) {
            try Store.backUp(directory: directory.path, to: path, verify: sound)
        }
        store.close()
        let summary = try Store.backUp(directory: directory.path, to: path, verify: sound)
        #expect(summary.commit == UInt64(WholeFile.batches.count))
        let restored = try TemporaryDirectory()
        #expect(
            try Store.restore(path, into: restored.path, replaces: false, verify: sound).commit.commit == summary.commit
        )
        #expect(try restored.reloaded() == WholeFile.model)

        // A file of an older version is not changed by being copied.
        let old = try TemporaryDirectory()
        try MigrationTests.version1(in: old)
        #expect(throws: StoreFailure.self) { try Store.backUp(directory: old.path, to: old.path + "/x", verify: sound) }
        #expect(try shell(old.file, "PRAGMA user_version") == "1")
    }

    @Test func aBackupTakesThePlaceOfAnotherFileOnlyWhenToldTo() throws {
        let directory = try TemporaryDirectory()
        let store = try directory.store()
        try store.commit(WholeFile.batches[0], at: .at(1))
        let path = directory.path + "/copy.sqlite"
        let copy = try store.backup(to: path)
        while try !copy.step() {}
        try copy.finish(verify: sound)
        try store.commit(WholeFile.batches[1], at: .at(2))
        let pid = ProcessInfo.processInfo.processIdentifier
        #expect(throws: StoreFailure.inUse(pid: pid)) {
            try Store.restore(path, into: directory.path, replaces: true, verify: sound)
        }
        store.close()
        #expect(throws: StoreFailure.self, "not without being told") {
            try Store.restore(path, into: directory.path, replaces: false, verify: sound)
        }
        let (summary, kept) = try Store.restore(path, into: directory.path, replaces: true, verify: sound)
        #expect(summary.commit == 1)
        #expect(try directory.reloaded() == FactModel(WholeFile.batches[0]))
        #expect(try mode(directory.file) == 0o600)
        // The old file is there, whole; back in its place it is not the newest, and restoring it makes it so.
        let old = try #require(kept)
        #expect(try shell(old, "SELECT commits FROM meta") == "2")
        let deployment = try directory.store().deployment
        let trial = try TemporaryDirectory()
        _ = try Store.restore(old, into: trial.path, replaces: false, asNew: true, verify: sound)
        let opened = try trial.store()
        #expect(opened.deployment != deployment)
        opened.close()
        #expect(try trial.reloaded() == FactModel(WholeFile.batches[0] + WholeFile.batches[1]))
    }

    /// What a killed process left is not lost by a restore, and its log is not taken for the new file's.
    @Test func aLogStaysWithItsFile() throws {
        let directory = try TemporaryDirectory()
        let store = try WholeFile.store(in: directory.path)
        let killed = try directory.crashed()
        store.close()
        let other = try TemporaryDirectory()
        try WholeFile.store(in: other.path).close()
        let (_, kept) = try Store.restore(other.file, into: killed.path, replaces: true, verify: sound)
        #expect(try killed.reloaded() == WholeFile.model)
        #expect(try shell(#require(kept), "SELECT commits FROM meta", readOnly: false) == "\(WholeFile.batches.count)")
    }

    @Test func whatIsNotWholeIsNotRestored() throws {
        let directory = try TemporaryDirectory()
        try WholeFile.store(in: directory.path).close()
        let before = try Data(contentsOf: URL(fileURLWithPath: directory.file))
        let path = directory.path + "/bad.sqlite"
        try before.write(to: URL(fileURLWithPath: path))
        #expect(try shell(path, "UPDATE ledger SET amount = 1 WHERE id = 1", readOnly: false) == "")
        let empty = directory.path + "/empty.sqlite"
        try Data().write(to: URL(fileURLWithPath: empty))
        for file in [path, empty, directory.path + "/nowhere", directory.path + "/boxoffice.lock"] {
            #expect(throws: StoreFailure.self, "\(file)") {
                try Store.restore(file, into: directory.path, replaces: true, verify: sound)
            }
        }
        #expect(throws: AuditFailure.self) {
            try Store.restore(directory.file, into: directory.path, replaces: true) { _ in
                throw AuditFailure.unreadable("")
            }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: directory.file)) == before)
        #expect(try directory.reloaded() == WholeFile.model)
        #expect(
            try !FileManager.default.contentsOfDirectory(atPath: directory.path).contains { $0.contains("restoring") })
    }

    @Test func aBackupOfAnOlderVersionIsBroughtUpToDate() throws {
        let old = try TemporaryDirectory()
        try MigrationTests.version1(in: old)
        let restored = try TemporaryDirectory()
        _ = try Store.restore(old.file, into: restored.path, replaces: false, verify: sound)
        #expect(try restored.reloaded().members.count == 7)
        #expect(try shell(old.file, "PRAGMA user_version") == "1", "the backup is as it was")
    }

    @Test func aFileIsKeptBeforeItIsBroughtUpToDate() throws {
        let directory = try TemporaryDirectory()
        try MigrationTests.version1(in: directory)
        let before = try shell(directory.file, ".dump")
        let kept = directory.file + ".before-4"
        do {
            let full = Disk(under: URL(filePath: directory.path).resolvingSymlinksInPath().path)
            full.fail(simulated_disk_short_write, only: ".before-4")
            #expect(
                throws: StoreFailure.refused(
                    "no space for boxoffice.sqlite.before-4, the copy that is kept of a file of version 1 before it is "
                        + "changed")
            ) { try Store.open(directory: directory.path) }
            #expect(full.failures > 0 && full.contents(of: "boxoffice.sqlite-wal") == nil)
        }
        try directory.store().close()
        #expect(try shell(directory.file, "PRAGMA user_version") == "4")
        #expect(try mode(kept) == 0o600)
        #expect(try shell(kept, ".dump", readOnly: false) == before)
        // It is a backup like any other.
        let restored = try TemporaryDirectory()
        _ = try Store.restore(kept, into: restored.path, replaces: false, verify: sound)
        #expect(try restored.reloaded().members.count == 7)
    }
}
