/// Finds frames in bytes as they arrive. A pure function of the bytes at hand: no state but the caps.
public struct FrameParser: Sendable {
    /// Which side sent the bytes: each may send its own kinds only.
    public enum Sender: Sendable {
        /// Sends hello, request, cancel, ack, ping and pong.
        case client
        /// Sends everything else, and ping and pong.
        case server
    }

    /// What the bytes at hand begin with.
    public enum Step: Hashable, Sendable {
        /// The frame is not whole: so many bytes are needed from its start.
        case needs(bytes: Int)
        /// A whole frame; its body begins 16 bytes after its start.
        case frame(FrameHeader, FrameKind)
        /// A whole frame of a kind that is not known and may be skipped.
        case skip(FrameHeader)
        /// What no conversation recovers from: the connection closes.
        case violation(FrameViolation)
    }

    /// The side that these bytes come from.
    public var sender: Sender
    /// The longest body taken, bytes. Compared with a length before anything else is done with it.
    public var bodyBytesMax: Int

    /// A parser of what `sender` sends, with the cap that holds for it now.
    public init(from sender: Sender, bodyBytesMax: Int) {
        self.sender = sender
        self.bodyBytesMax = bodyBytesMax
    }

    /// Looks at what begins at `offset`.
    public func step(over bytes: Span<UInt8>, at offset: Int) -> Step {
        let available = bytes.count - offset
        guard available >= FrameHeader.bytes else { return .needs(bytes: FrameHeader.bytes) }
        let header = FrameHeader(of: bytes, at: offset)
        guard header.bodyBytes <= bodyBytesMax else { return .violation(.tooLong(header)) }
        guard header.flags.subtracting([.compressed, .replayed]).isEmpty else {
            return .violation(.unknownFlags(header))
        }
        let kind = FrameKind(rawValue: header.kind)
        if kind == nil, header.kind >= 0x80 { return .violation(.unknownKind(header)) }
        if let kind, !kind.isSent(by: sender) { return .violation(.wrongDirection(header)) }
        if sender == .client, !header.flags.isEmpty { return .violation(.unknownFlags(header)) }
        if let kind, kind.hasNoBody, header.bodyBytes != 0 { return .violation(.unexpectedBody(header)) }
        let whole = FrameHeader.bytes + Int(header.bodyBytes)
        guard available >= whole else { return .needs(bytes: whole) }
        guard let kind else { return .skip(header) }
        return .frame(header, kind)
    }
}

/// A frame that breaks the rules: its scope is the connection.
public enum FrameViolation: Hashable, Sendable, CustomStringConvertible {
    /// Its body is longer than the cap.
    case tooLong(FrameHeader)
    /// A flag that is not known, or that this side may not set.
    case unknownFlags(FrameHeader)
    /// A kind at or above 0x80 that is not known.
    case unknownKind(FrameHeader)
    /// A kind that only the other side sends.
    case wrongDirection(FrameHeader)
    /// A body on a kind that has none.
    case unexpectedBody(FrameHeader)

    /// What is wrong, for the message of the refusal and for logs.
    public var description: String {
        switch self {
        case .tooLong(let header): "a frame of \(header.bodyBytes) bytes is longer than is taken here"
        case .unknownFlags(let header): "flags \(header.flags.rawValue) may not be set here"
        case .unknownKind(let header): "frames of kind \(header.kind) are not known"
        case .wrongDirection(let header): "frames of kind \(header.kind) are the other side's"
        case .unexpectedBody(let header): "frames of kind \(header.kind) have no body"
        }
    }
}

extension FrameKind {
    func isSent(by sender: FrameParser.Sender) -> Bool {
        switch self {
        case .hello, .request, .cancel, .ack: sender == .client
        case .welcome, .response, .error, .notice, .update, .gap, .replayed, .goAway: sender == .server
        case .ping, .pong: true
        }
    }

    var hasNoBody: Bool {
        switch self {
        case .cancel, .ack, .gap, .replayed, .ping, .pong: true
        default: false
        }
    }
}
