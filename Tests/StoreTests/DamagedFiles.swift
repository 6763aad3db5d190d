import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import Foundation
import SimulatedDisk

/// The files of a box office as bytes, and what a start makes of them after they were damaged: on a disk in memory.
final class DamagedFiles {
    static let names = ["boxoffice.sqlite", "boxoffice.sqlite-wal", "boxoffice.witness"]

    /// By name, as they are.
    let whole: [String: [UInt8]]
    /// The data file after each batch before the last, when the log was copied after each.
    private(set) var earlier: [[UInt8]] = []
    private let truth: FactModel
    private let truthGoneOn: FactModel
    private let committed: Instant
    private let deployment: DeploymentID
    private let directory: TemporaryDirectory

    enum Verdict: Equatable {
        /// Refused at the start, or when it was first relied upon.
        case found, foundLater
        /// What is loaded is true, and so is what a sale makes of it.
        case withoutEffect
        /// The defect that all of this is about.
        case unnoticed(String)
    }

    /// Rows in every table, some of them in the data file, the others in the log, as a killed process leaves them.
    /// - Parameter inFile: How many batches the log was copied into the file after; all: after each, and
    ///   there is no log.
    init(inFile: Int = 5) throws {
        let source = try TemporaryDirectory()
        var earlier: [[UInt8]] = []
        let store = try WholeFile.store(in: source.path, inFile: inFile) {
            earlier.append(FileManager.default.contents(atPath: source.file).map { Array($0) } ?? [])
        }
        self.earlier = earlier
        var files: [String: [UInt8]] = [:]
        for name in Self.names {
            files[name] = FileManager.default.contents(atPath: "\(source.path)/\(name)").map { Array($0) } ?? []
        }
        whole = files
        deployment = store.deployment
        var truth = FactModel()
        committed = try store.load { truth.apply($0) }
        self.truth = truth
        truthGoneOn = WholeFile.later.reduce(into: truth) { $0.apply($1) }
        store.close()
        directory = try TemporaryDirectory()
    }

    /// What a start makes of these files.
    /// - Parameter goesOn: Also sell something, which changes every table, and start once more.
    func verdict(_ files: [String: [UInt8]], goesOn: Bool = true) -> Verdict {
        // The path as the store resolves it.
        guard let resolved = realpath(directory.path, nil) else { return .unnoticed("no directory") }
        defer { free(resolved) }
        guard let disk = simulated_disk_make(resolved) else { return .unnoticed("no disk") }
        defer { simulated_disk_free(disk) }
        for (name, bytes) in files where !bytes.isEmpty {
            simulated_disk_put(disk, "/" + name, bytes, UInt64(bytes.count))
        }
        var isLoaded = false
        do {
            let store = try Store.open(directory: directory.path)
            defer { store.close() }
            var model = FactModel()
            let committed = try store.load { model.apply($0) }
            isLoaded = true
            guard model == truth, committed == self.committed, store.deployment == deployment else {
                return .unnoticed("other rows are loaded")
            }
            guard goesOn else { return .withoutEffect }
            try store.commit(WholeFile.later, at: .at(1_000))
            store.close()
            let again = try Store.open(directory: directory.path)
            defer { again.close() }
            model = FactModel()
            try again.load { model.apply($0) }
            return model == truthGoneOn ? .withoutEffect : .unnoticed("other rows are written")
        } catch {
            return isLoaded ? .foundLater : .found
        }
    }

    /// One bit of one file, the other way.
    func flipped(_ bit: Int, of name: String) -> [String: [UInt8]] {
        var files = whole
        files[name]![bit / 8] ^= 1 << UInt8(bit % 8)
        return files
    }
}
