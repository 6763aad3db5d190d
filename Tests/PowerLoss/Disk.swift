import Foundation
import SimulatedDisk

/// A directory of its own whose files, as far as SQLite is asked, are on a disk in memory. Gone with its owner.
///
/// `@unchecked Sendable`: the C side has its own locks; nothing else changes.
package final class Disk: @unchecked Sendable {
    /// The directory, which really exists: a server has its lock and its socket there.
    package let directory: String
    package let pointer: OpaquePointer
    private let isOwner: Bool

    /// In a new directory.
    package init() throws {
        // Resolved, since that is how SQLite asks for its files.
        directory =
            FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("boxoffice-disk-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        pointer = simulated_disk_make(directory + "/")
        isOwner = true
    }

    /// Under a directory of somebody else's, from now on.
    package init(under directory: String) {
        self.directory = directory
        pointer = simulated_disk_make(directory + "/")
        isOwner = false
    }

    deinit {
        simulated_disk_free(pointer)
        if isOwner { try? FileManager.default.removeItem(atPath: directory) }
    }

    /// The number of the newest operation.
    package var operations: UInt64 { simulated_disk_operations(pointer) }
    package var failures: UInt64 { simulated_disk_failures(pointer) }
    /// Tells one content from another.
    package var contents: Fingerprint { Fingerprint(simulated_disk_contents(pointer)) }

    /// The same for a single file; nil when there is none.
    package func contents(of name: String) -> Fingerprint? {
        var fingerprint = simulated_disk_fingerprint()
        return simulated_disk_contents_of(pointer, name, &fingerprint) ? Fingerprint(fingerprint) : nil
    }

    /// Lets `count` operations on files that end with `suffix` fail, after so many that do not.
    package func fail(
        _ fault: simulated_disk_fault, after skipped: UInt64 = 0, count: UInt64 = .max, only suffix: String? = nil
    ) {
        simulated_disk_fail_only(pointer, suffix)
        simulated_disk_fail(pointer, fault, operations + skipped + 1, count)
    }

    package func mend() { simulated_disk_mend(pointer) }

    /// A file as if it had always been there.
    package func put(_ name: String, _ bytes: [UInt8]) {
        simulated_disk_put(pointer, name, bytes, UInt64(bytes.count))
    }

    /// What a power cut now leaves, put on another disk.
    package func cut(to other: Disk, _ cut: Cut) {
        simulated_disk_cut(pointer, other.pointer, cut.survival, cut.sectorBytes, cut.seed)
    }
}

package struct Fingerprint: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    init(_ fingerprint: simulated_disk_fingerprint) { (high, low) = (fingerprint.high, fingerprint.low) }
}

/// What is left of the operations that were not synced.
package struct Cut: Hashable, Sendable, CustomStringConvertible {
    package var survival: simulated_disk_survival
    package var sectorBytes: UInt32 = 512
    package var seed: UInt64 = 0

    package static let nothing = Cut(survival: simulated_disk_nothing)
    package static let everything = Cut(survival: simulated_disk_everything)

    package init(survival: simulated_disk_survival, sectorBytes: UInt32 = 512, seed: UInt64 = 0) {
        (self.survival, self.sectorBytes, self.seed) = (survival, sectorBytes, seed)
    }

    package var description: String {
        switch survival {
        case simulated_disk_nothing: "nothing unsynced survives"
        case simulated_disk_everything: "everything survives"
        case simulated_disk_coin: "a coin for each sector of \(sectorBytes) bytes, seed \(seed)"
        default: "the last write is torn, seed \(seed)"
        }
    }
}

extension simulated_disk_survival: @retroactive Hashable {}
