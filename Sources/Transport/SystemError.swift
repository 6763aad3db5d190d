// An errno with the name of the call that gave it: enough for a log line and for a decision.

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A system call that failed.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The value of `errno`.
    public let number: Int32
    /// The system call, for example `bind`.
    public let call: String

    /// A failure that is known already, or expected by a test.
    public init(_ number: Int32, in call: String) {
        self.number = number
        self.call = call
    }

    /// The failure that `call` has just left in `errno`. Read it before anything else runs.
    static func last(in call: String) -> SystemError { SystemError(errno, in: call) }

    /// The call and the system's own words for the error.
    public var description: String {
        // strerror_r in its two variants is awkward to import; strerror is thread-safe in glibc and in Darwin's libc.
        "\(call): \(String(cString: strerror(number)))"
    }
}
