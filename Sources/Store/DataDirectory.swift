// The data directory and the lock that keeps a second server out of it.
//
//     boxoffice.sqlite        the data file, and -wal and -shm beside it while it is open
//     boxoffice.witness       which commit is the newest, beside the data file that should have it (Integrity/Witness)
//     boxoffice.lock          empty but for the process id of who holds it, for the message
//
// The lock is on a file of its own: closing any descriptor of a file gives up the process's POSIX locks on it, and those
// on the data file are SQLite's. The lock file is never deleted, since a lock on a deleted file keeps nobody out.

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A data directory that this process owns.
final class DataDirectory {
    /// The directory, absolute.
    let path: String
    /// The data file.
    var file: String { path + "/boxoffice.sqlite" }
    /// The witness.
    var witness: String { path + "/boxoffice.witness" }
    private var lock: Int32

    /// Makes what is missing, for its owner's eyes only, and takes the lock.
    init(_ directory: String) throws(StoreFailure) {
        try Self.make(directory)
        guard let resolved = realpath(directory, nil) else { throw .failed(lastError(in: directory)) }
        path = String(cString: resolved)
        free(resolved)
        lock = try Self.lock(path + "/boxoffice.lock")
        do throws(StoreFailure) {
            for name in ["/boxoffice.sqlite", "/boxoffice.witness"] { try Self.makeFile(path + name, in: path) }
        } catch {
            close(lock)
            throw error
        }
    }

    /// Lets the next server in.
    func release() {
        guard lock >= 0 else { return }
        close(lock)
        lock = -1
    }

    deinit { release() }

    /// The directory and those above it.
    private static func make(_ directory: String) throws(StoreFailure) {
        if mkdir(directory, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = directory.lastIndex(of: "/"), slash != directory.startIndex else {
            throw .failed(lastError(in: directory))
        }
        try make(String(directory[..<slash]))
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw .failed(lastError(in: directory)) }
    }

    private static func lock(_ file: String) throws(StoreFailure) -> Int32 {
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .failed(lastError(in: file)) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let cause = errno
            defer { close(descriptor) }
            guard cause == EWOULDBLOCK else { throw .failed(lastError(in: file)) }
            throw .inUse(pid: holder(descriptor))
        }
        let pid = "\(getpid())\n"
        ftruncate(descriptor, 0)
        pwrite(descriptor, pid, pid.utf8.count, 0)  // Only for the message: what keeps the other out is the lock.
        return descriptor
    }

    /// Who wrote the process id; 0 when that cannot be read.
    private static func holder(_ descriptor: Int32) -> Int32 {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return Int32(String(decoding: bytes.prefix(max(0, count)).filter { $0 > 0x20 }, as: UTF8.self)) ?? 0
    }

    /// SQLite would make the file readable by everyone; -wal and -shm take their mode from it.
    static func makeFile(_ file: String, in directory: String) throws(StoreFailure) {
        let descriptor = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0, errno == EEXIST { return }
        guard descriptor >= 0 else { throw .failed(lastError(in: file)) }
        close(descriptor)
        // SQLite syncs the directory for files that it made itself; this one is ours.
        let parent = open(directory, O_RDONLY | O_CLOEXEC)
        guard parent >= 0 else { throw .failed(lastError(in: directory)) }
        defer { close(parent) }
        guard fsync(parent) == 0 else { throw .failed(lastError(in: directory)) }
    }
}

func lastError(in file: String) -> String { "\(file): \(String(cString: strerror(errno)))" }
