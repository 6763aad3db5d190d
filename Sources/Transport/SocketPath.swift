// The file of a listening Unix socket: made so that only its owner can connect, and removed only while it is ours.

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The path that a Unix socket is bound to.
struct SocketPath: Sendable {
    private let path: String
    private let device: dev_t
    private let inode: ino_t

    /// Binds `descriptor` to `path` with mode 0600. Whatever else lies there is left alone, but for a socket that
    /// refuses connections: the process that made it is dead.
    static func bind(_ descriptor: Int32, to path: String) throws(SystemError) -> SocketPath {
        let address = SocketAddress.unix(path: path)
        // Before bind, so that the file never has another mode. Linux takes the socket's own; elsewhere the call may
        // fail, and chmod below is what counts.
        _ = fchmod(descriptor, 0o600)
        for attempt in 0..<2 {
            guard let result = address.withSockaddr({ Sockets.bind(descriptor, $0, $1) }) else {
                throw SystemError(ENAMETOOLONG, in: "bind")
            }
            if result == 0 { break }
            let error = SystemError.last(in: "bind")
            guard error.number == EADDRINUSE, attempt == 0, isAbandoned(address, path) else { throw error }
            _ = unlink(path)
        }
        var status = stat()
        guard chmod(path, 0o600) == 0, lstat(path, &status) == 0 else { throw .last(in: "chmod") }
        return SocketPath(path: path, device: status.st_dev, inode: status.st_ino)
    }

    private static func isAbandoned(_ address: SocketAddress, _ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return false }
        guard let probe = try? Sockets.open(family: AF_UNIX) else { return false }
        defer { Sockets.close(probe) }
        return address.withSockaddr { Sockets.connect(probe, $0, $1) == -1 && errno == ECONNREFUSED } ?? false
    }

    /// Removes the file, unless somebody has put another one in its place.
    func remove() {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode else { return }
        _ = unlink(path)
    }
}
