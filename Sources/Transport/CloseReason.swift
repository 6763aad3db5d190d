#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Why a channel is closed. Every channel has room for one, so what only some reasons have is kept apart.
public enum CloseReason: Error, Hashable, Sendable, CustomStringConvertible {
    /// This side asked for it.
    case requested
    /// The peer has finished sending, and everything it sent was read.
    case endOfStream
    /// The peer reset the connection, or went away while there was something to write to it.
    case reset
    /// The connection could not be made.
    indirect case connectFailed(SystemError)
    /// The connection was not made in time.
    case connectTimedOut
    /// The connection could not be encrypted, or is not as TLS has it any more.
    indirect case tlsFailed(TLSFailure)
    /// The peer did not take the last words in time.
    case flushTimedOut
    /// The outbox reached its hard bound.
    case outboxOverflow
    /// The handler left more bytes unconsumed than a channel keeps.
    case unconsumedOverflow
    /// The shard has stopped.
    case shardStopped
    /// Another failure of the socket.
    indirect case failed(SystemError)

    /// The reason, for people.
    public var description: String {
        switch self {
        case .requested: "closed by this side"
        case .endOfStream: "closed by the peer"
        case .reset: "connection reset"
        case .connectFailed(let error): "cannot connect: \(error)"
        case .connectTimedOut: "cannot connect: no answer in time"
        case .tlsFailed(let failure): failure.description
        case .flushTimedOut: "the peer stopped reading"
        case .outboxOverflow: "the peer reads too slowly"
        case .unconsumedOverflow: "too many bytes without a complete message"
        case .shardStopped: "the event loop has stopped"
        case .failed(let error): error.description
        }
    }

    /// What a failed transfer means for the connection.
    init(_ error: SystemError) {
        switch error.number {
        case ECONNRESET, EPIPE, ECONNABORTED: self = .reset
        default: self = .failed(error)
        }
    }
}
