// The witness: a small file beside the data file that remembers the newest commit, so that a data file that is older than
// what was answered is noticed. SQLite itself cannot: a log whose tail is garbled, missing or from yesterday is, to it, a
// log that ends there.
//
// Two records take turns in two places, 4096 bytes apart, so that a write that is torn by a power cut leaves the other.
// It is written and synced after each transaction's answers have left, by the same queue that writes the transactions:
//
//     commit n ──▶ answers of n ──▶ witness: n ──▶ commit n + 1 ──▶ …
//
// What it promises: on disk it is never more than the newest transaction behind what was answered. It is never ahead: what
// it tells of was synced before.
//
// Input and output go through SQLite's file layer, as those of the data file do.

import BoxOfficeProtocol
import CSQLite

/// The open witness file. It belongs to the store's queue.
final class Witness {
    /// The second record's place; whole pages apart.
    private static let slotBytes: Int64 = 4_096

    /// The newest readable record; nil when there is none.
    private(set) var newest: WitnessRecord?
    /// Whether there is anything in the file.
    private(set) var isEmpty: Bool
    private var file: UnsafeMutablePointer<csqlite_file>?

    /// Opens the file, making it when it is missing.
    init(path: String) throws(StoreFailure) {
        let code = csqlite_file_open(path, &file)
        guard code == SQLITE_OK else { throw Self.failure("it cannot be opened", code) }
        var size: Int64 = 0
        var read = csqlite_file_size(file, &size)
        isEmpty = size == 0
        for place in 0..<Int64(2) where read == SQLITE_OK && size >= place * Self.slotBytes + 512 {
            var bytes = [UInt8](repeating: 0, count: WitnessRecord.bytesCount)
            read = csqlite_file_read(file, &bytes, Int32(bytes.count), place * Self.slotBytes)
            guard read == SQLITE_OK, let record = WitnessRecord(bytes) else { continue }
            if record.turn >= newest?.turn ?? 0 { newest = record }
        }
        guard read == SQLITE_OK else {
            close()
            throw Self.failure("it cannot be read", read)
        }
    }

    deinit { close() }

    /// Finds that a data file's newest commit is the newest that was seen, or a later one.
    func check(_ record: CommitRecord) throws(StoreFailure) {
        guard let newest else {
            throw .notWitnessed(
                "boxoffice.witness, which knows the newest commit, is \(isEmpty ? "missing" : "damaged")")
        }
        if let problem = newest.problem(with: record) { throw .notWitnessed(problem) }
    }

    /// Writes a record in the place of the older one, and syncs it.
    func write(_ record: CommitRecord) throws(StoreFailure) {
        try write(
            WitnessRecord(
                turn: 0, deployment: record.deployment, commit: record.number, at: record.committedAt,
                head: record.head))
    }

    /// The same; the turn is the next whatever it says.
    func write(_ record: WitnessRecord) throws(StoreFailure) {
        var record = record
        record.turn = (newest?.turn ?? 0) &+ 1
        let bytes = record.bytes
        let place = Int64((record.turn &+ 1) % 2) * Self.slotBytes
        var code = csqlite_file_write(file, bytes, Int32(bytes.count), place)
        if code == SQLITE_OK { code = csqlite_file_sync(file) }
        guard code == SQLITE_OK else { throw Self.failure("it cannot be written", code) }
        newest = record
        isEmpty = false
    }

    func close() {
        csqlite_file_close(file)
        file = nil
    }

    private static func failure(_ what: String, _ code: Int32) -> StoreFailure {
        code & 0xFF == SQLITE_FULL ? .full : .failed("the witness: \(what) (\(code))")
    }
}
