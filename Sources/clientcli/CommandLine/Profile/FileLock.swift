// Several processes may use one profile at once. A lock is a file with flock(2) on it: the kernel takes the lock away
// when its process ends, however it ends, so no lock is ever left behind.

import Foundation

/// A lock that is held as long as this lives.
final class FileLock: Sendable {
    private let descriptor: Int32
    private let path: String

    /// Waits until nobody else has the lock.
    static func acquire(_ path: String) throws -> FileLock {
        let lock = try FileLock(path)
        while flock(lock.descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw SystemFailure(path) }
        }
        return lock
    }

    /// Takes the lock if nobody has it; nil when somebody has.
    static func tryAcquire(_ path: String) throws -> FileLock? {
        let lock = try FileLock(path)
        while flock(lock.descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return nil }
            guard errno == EINTR else { throw SystemFailure(path) }
        }
        return lock
    }

    private init(_ path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        self.path = path
        guard descriptor >= 0 else { throw SystemFailure(path) }
    }

    /// Takes the file away. Who has opened it meanwhile finds out, under the lock, that there is nothing left to do.
    func remove() { unlink(path) }

    deinit { close(descriptor) }
}

/// What the system said about a file of the profile.
struct SystemFailure: Error, CustomStringConvertible {
    let description: String

    /// Reads `errno`: nothing may come between the call that failed and this one.
    init(_ path: String) {
        let reason = String(cString: strerror(errno))
        description =
            "The profile cannot be kept. \(path): \(reason). Mend that, or set XDG_CONFIG_HOME to a directory of yours."
    }
}
