#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The limit of open files, which is what bounds connections.
public enum OpenFiles {
    /// Files that are not connections: the database, its log, libraries, listeners, and room for a shell beside.
    public static let reserved = 64

    /// Raises the soft limit to the hard one, and says what it is.
    public static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(openFilesLimit, &limit) == 0 else { return 1_024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(openFilesLimit, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}

// The C library's constant is an enumeration on Linux and a number elsewhere.
#if canImport(Darwin)
    private let openFilesLimit = RLIMIT_NOFILE
#else
    private let openFilesLimit = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
#endif
