// What one connection still has to send. A pure structure: no socket, no clock, no callback.
//
//     lane       order  what                          when the reader is slow
//     begun      1      the rest of a piece that is   must be finished: a frame is never split by another
//                       partly on the wire
//     control    2      replies, errors, ping, goAway kept up to the hard bound
//     notices    3      durable pushes, in order      kept up to the hard bound
//     encoded    4      updates that did not fit      at most one batch
//     slots      5      subjects with something new   conflated: a slot only says "dirty", so that the newest
//                                                     state is encoded when there is room for it
//
// One write is a gathered list of pieces over the lanes in that order, and `wrote` takes off their front what the
// socket took. A piece is a message, or small ones of a lane that follow each other: joined, they cost less than each by
// itself. An empty outbox owns no memory beside itself.

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The outgoing data of one connection.
struct Outbox {
    enum Lane {
        case control
        case notices
    }

    /// As many pieces as one gathered write takes; their vectors fit in 1 KiB of stack.
    static let piecesMax = 64
    /// Messages are joined in a piece of at most this many bytes. So much may still leave of what is dropped, when a part
    /// of it is on the wire.
    static let joinedBytesMax = 1024
    /// Updates are encoded once no more than this many bytes are in front of them, and in batches of this size:
    /// so much may leave as it was a moment ago.
    static let updateBatchBytes = 16 * 1024

    let limits: OutboxLimits
    /// The subjects with an update waiting, in the order in which they became dirty.
    private(set) var slots = Slots()

    /// What is queued. Empty when nothing is, and one element otherwise: most connections have nothing most of the time,
    /// and an empty array takes eight bytes.
    private var queued: [Lanes] = []

    fileprivate struct Lanes {
        /// Of all lanes.
        var bytes = 0
        var begun: ArraySlice<UInt8> = []
        var control = PieceQueue()
        var notices = PieceQueue()
        var encoded = PieceQueue()
    }

    init(limits: OutboxLimits) { self.limits = limits }

    var isEmpty: Bool { queued.isEmpty && slots.isEmpty }
    /// Bytes that are queued: all lanes, without the slots.
    var queuedBytes: Int { queued.isEmpty ? 0 : queued[0].bytes }

    /// Queues a message, whole. False when the hard bound refuses it; one message more always fits while the reader is not
    /// slow, however long it is.
    mutating func append(_ message: [UInt8], to lane: Lane) -> Bool {
        guard !message.isEmpty else { return true }
        guard queuedBytes <= limits.bytesSoftMax || queuedBytes + message.count <= limits.bytesHardMax else {
            return false
        }
        if queued.isEmpty { queued = [Lanes()] }
        queued[0].bytes += message.count
        switch lane {
        case .control: queued[0].control.append(message)
        case .notices: queued[0].notices.append(message)
        }
        return true
    }

    /// Marks a subject as dirty. False when too many are.
    mutating func mark(_ subject: UpdateSubject) -> Bool {
        // A connection looks at a handful of things: a search is cheaper than a set that each would own.
        if slots.contains(subject) { return true }
        guard slots.count < limits.subjectsMax else { return false }
        slots.append(subject)
        return true
    }

    /// Takes the mark back.
    mutating func clear(_ subject: UpdateSubject) { slots.remove(subject) }

    /// Drops the updates that are not on the wire yet, encoded or not. Answers and notices stay.
    mutating func dropUpdates() {
        slots = Slots()
        guard !queued.isEmpty else { return }
        queued[0].dropEncoded()
        if queued[0].bytes == 0 { queued = [] }
    }

    /// Whether it is the updates' turn.
    var wantsUpdates: Bool {
        !slots.isEmpty && (queued.isEmpty || queued[0].bytes <= Self.updateBatchBytes && queued[0].encoded.isEmpty)
    }

    /// Takes the subject that has been dirty for longest; the caller encodes it now.
    mutating func takeSubject() -> UpdateSubject? { slots.popFirst() }

    /// Drops every piece that is not on the wire yet, so that what is appended next is the next thing sent.
    mutating func dropUnbegun() {
        slots = Slots()
        guard !queued.isEmpty else { return }
        let begun = queued[0].begun
        queued = begun.isEmpty ? [] : [Lanes(bytes: begun.count, begun: begun)]
    }

    mutating func dropAll() {
        slots = Slots()
        queued = []
    }
}

/// Dirty subjects, in order. One costs no allocation: most connections that watch anything watch one thing, and thousands of
/// them are told at once.
struct Slots: Sendable {
    private var first: UpdateSubject?
    private var others: [UpdateSubject] = []

    var count: Int { first == nil ? 0 : 1 + others.count }
    var isEmpty: Bool { first == nil }

    func contains(_ subject: UpdateSubject) -> Bool { first == subject || others.contains(subject) }

    mutating func append(_ subject: UpdateSubject) {
        if first == nil { first = subject } else { others.append(subject) }
    }

    mutating func popFirst() -> UpdateSubject? {
        defer {
            first = others.isEmpty ? nil : others.removeFirst()
            // An array that is empty again gives its memory back.
            if others.isEmpty { others = [] }
        }
        return first
    }

    mutating func remove(_ subject: UpdateSubject) {
        if first == subject { _ = popFirst() } else { others.removeAll { $0 == subject } }
    }
}

// MARK: Writing

extension Outbox {
    /// Calls `body` with the front of the queue as a gathered list, at most `piecesMax` pieces, and its size in bytes;
    /// `updates`, freshly encoded and not in the queue, come last when all of the queue fits.
    func withGathered<R>(updates: [UInt8], _ body: (UnsafeMutableBufferPointer<iovec>, Int) -> R) -> R {
        let count = queued.isEmpty ? 0 : queued[0].count
        let pieces = updates.isEmpty || count >= Self.piecesMax ? min(count, Self.piecesMax) : count + 1
        return withUnsafeTemporaryAllocation(of: iovec.self, capacity: pieces) { vectors in
            pin(0, of: pieces, updates: updates, vectors, byteCount: 0, body)
        }
    }

    /// Each level of the recursion holds one array's storage in place while the levels below it, and at last `body`,
    /// use its address: the only way to have several of them at once. Its depth is bounded by `piecesMax`.
    private func pin<R>(
        _ index: Int, of pieces: Int, updates: [UInt8], _ vectors: UnsafeMutableBufferPointer<iovec>, byteCount: Int,
        _ body: (UnsafeMutableBufferPointer<iovec>, Int) -> R
    ) -> R {
        guard index < pieces else { return body(vectors, byteCount) }
        return piece(index, updates: updates).withUnsafeBytes { bytes in
            // The kernel only reads through it; iovec has no const form.
            let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            vectors.initializeElement(at: index, to: iovec(iov_base: base, iov_len: bytes.count))
            return pin(
                index + 1, of: pieces, updates: updates, vectors, byteCount: byteCount + bytes.count, body)
        }
    }

    private func piece(_ index: Int, updates: [UInt8]) -> ArraySlice<UInt8> {
        queued.isEmpty ? updates[...] : queued[0].piece(index) ?? updates[...]
    }

    /// Takes off the front what the socket took, and queues what is left of `updates`.
    mutating func wrote(_ byteCount: Int, updates: [UInt8]) {
        var left = byteCount
        if !queued.isEmpty {
            let fromQueue = min(left, queued[0].bytes)
            left -= fromQueue
            queued[0].takeFront(fromQueue)
            if queued[0].bytes == 0 { queued = [] }
        }
        guard left < updates.count else { return }
        if queued.isEmpty { queued = [Lanes()] }
        queued[0].bytes += updates.count - left
        // Copied: the buffer that updates are encoded in is the shard's, and larger.
        let rest = Array(updates[left...])
        if left > 0 { queued[0].begun = rest[...] } else { queued[0].encoded.append(rest) }
    }
}

extension Outbox.Lanes {
    /// Pieces in all lanes.
    var count: Int { (begun.isEmpty ? 0 : 1) + control.count + notices.count + encoded.count }

    /// A piece by its place in the order of sending; nil behind the last.
    func piece(_ index: Int) -> ArraySlice<UInt8>? {
        var index = index
        if !begun.isEmpty {
            if index == 0 { return begun }
            index -= 1
        }
        if index < control.count { return control[index][...] }
        index -= control.count
        if index < notices.count { return notices[index][...] }
        index -= notices.count
        return index < encoded.count ? encoded[index][...] : nil
    }

    mutating func dropEncoded() {
        while let piece = encoded.popFirst() { bytes -= piece.count }
    }

    mutating func takeFront(_ byteCount: Int) {
        bytes -= byteCount
        var left = byteCount
        while left > 0 {
            if begun.isEmpty {
                guard let next = control.popFirst() ?? notices.popFirst() ?? encoded.popFirst() else {
                    preconditionFailure("the lanes hold fewer bytes than were counted")
                }
                begun = next[...]
            }
            if left >= begun.count {
                left -= begun.count
                begun = []
            } else {
                begun = begun.dropFirst(left)
                left = 0
            }
        }
    }
}

/// The pieces of a lane, in order. Releases each as it leaves, and its own storage when the last one has.
private struct PieceQueue {
    private var pieces: [[UInt8]] = []
    private var head = 0

    var count: Int { pieces.count - head }
    var isEmpty: Bool { count == 0 }

    subscript(index: Int) -> [UInt8] { pieces[head + index] }

    mutating func append(_ message: [UInt8]) {
        let last = pieces.count - 1
        if last >= head, pieces[last].count + message.count <= Outbox.joinedBytesMax {
            pieces[last].append(contentsOf: message)
        } else {
            pieces.append(message)
        }
    }

    mutating func popFirst() -> [UInt8]? {
        guard head < pieces.count else { return nil }
        let first = pieces[head]
        pieces[head] = []
        head += 1
        if head == pieces.count {
            self = PieceQueue()
        } else if head >= 64 && head * 2 >= pieces.count {
            pieces.removeFirst(head)
            head = 0
        }
        return first
    }
}
