// Moving whole data files, for backups and what is made of them. Names are synced as well as what they name.

import BoxOfficeProtocol
import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension DataDirectory {
    /// Whether there is more than the empty file that this type makes.
    var hasDataFile: Bool { ((try? Self.bytes(of: file)) ?? 0) > 0 }

    static func bytes(of path: String) throws(StoreFailure) -> UInt64 {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .failed(lastError(in: path)) }
        return UInt64(clamping: status.st_size)
    }

    /// Copies a data file, and its log when it has one, into this directory.
    func takeIn(_ source: String, as path: String) throws(StoreFailure) {
        remove(path)
        guard access(source, R_OK) == 0 else { throw .failed(lastError(in: source)) }
        for suffix in ["", "-wal"] where suffix.isEmpty || access(source + suffix, F_OK) == 0 {
            try Self.makeFile(path + suffix, in: self.path)
            do {
                try Self.copy(source + suffix, to: path + suffix)
            } catch {
                remove(path)
                throw StoreFailure(harmless: error)
            }
        }
    }

    private static func copy(_ source: String, to path: String) throws {
        guard let reader = FileHandle(forReadingAtPath: source), let writer = FileHandle(forWritingAtPath: path) else {
            throw StoreFailure.failed(lastError(in: source))
        }
        defer {
            try? reader.close()
            try? writer.close()
        }
        do {
            while let bytes = try reader.read(upToCount: 1 << 20), !bytes.isEmpty {
                try writer.write(contentsOf: bytes)
            }
        } catch {
            throw errno == ENOSPC ? StoreFailure.full : StoreFailure.failed("\(path): \(error.localizedDescription)")
        }
        try sync(path)
    }

    /// A data file and what SQLite keeps beside it.
    func remove(_ path: String) { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) } }

    /// Gives the data file and its log another name.
    ///
    /// - Returns: The new name of the data file.
    func putAside() throws(StoreFailure) -> String {
        let stamp = Date().formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        var kept = file + ".replaced-" + stamp
        var number = 2
        while access(kept, F_OK) == 0 {
            kept = file + ".replaced-\(stamp)-\(number)"
            number += 1
        }
        for suffix in ["", "-wal"] where access(file + suffix, F_OK) == 0 {
            guard rename(file + suffix, kept + suffix) == 0 else { throw .failed(lastError(in: kept + suffix)) }
        }
        unlink(file + "-shm")
        try Self.sync(path)
        return kept
    }

    /// Gives a file that is whole by itself the name of the data file.
    func replaceDataFile(by path: String) throws(StoreFailure) {
        guard rename(path, file) == 0 else { throw .failed(lastError(in: path)) }
        remove(path)
        try Self.sync(self.path)
    }

    /// Syncs a file or a directory.
    static func sync(_ path: String) throws(StoreFailure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .failed(lastError(in: path)) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .failed(lastError(in: path)) }
    }

    /// The directory that a path is in.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
