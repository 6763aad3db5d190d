/// The bounds of one connection's outgoing data.
public struct OutboxLimits: Hashable, Sendable {
    /// Above this many queued bytes a reader is slow: it gets updates only, until half of it has drained.
    public var bytesSoftMax: Int
    /// A message that would bring the queue above this many bytes is refused, and the reader is told to go away.
    /// One message more is accepted as long as the reader is not slow, however long it is: the protocol has its own cap
    /// for it. So no more than this is ever queued, or the soft bound and one message.
    public var bytesHardMax: Int
    /// How many subjects may have an update waiting.
    public var subjectsMax: Int

    /// Bounds with the defaults of the protocol.
    public init(bytesSoftMax: Int = 256 * 1024, bytesHardMax: Int = 1024 * 1024, subjectsMax: Int = 1024) {
        precondition(0 < bytesSoftMax && bytesSoftMax <= bytesHardMax, "the soft bound comes before the hard one")
        precondition(subjectsMax > 0)
        self.bytesSoftMax = bytesSoftMax
        self.bytesHardMax = bytesHardMax
        self.subjectsMax = subjectsMax
    }
}

/// Which bound an outbox has reached.
public enum OutboxBound: Hashable, Sendable {
    /// Slow: updates only.
    case soft
    /// Too slow: the connection ends.
    case hard
}

/// What an update is about: one slot of an outbox.
public struct UpdateSubject: Hashable, Sendable {
    /// Which of its kind, for example the performance.
    public let id: UInt64
    /// The kind of update, for example a position or a seat map.
    public let kind: UInt8

    /// Names a subject.
    public init(kind: UInt8, id: UInt64) {
        self.kind = kind
        self.id = id
    }
}

/// Bytes that are encoded once and sent to many: the connections share the one buffer.
public struct SharedBytes: Hashable, Sendable {
    /// An array is reference-counted already. As nobody can change this one, it is never copied.
    public let bytes: [UInt8]

    /// Wraps a message that is complete.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }
}
