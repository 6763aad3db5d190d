// Bytes from a person or a pipe, one event at a time: a character for the line editor, or a whole line. Waiting can be
// interrupted from another thread through a wake-up pipe, because a blocked read(2) cannot.

import Foundation

/// Reads from a descriptor that it does not own. Not thread safe, except through its ``WakeUp``.
struct KeyInput {
    enum Character { case scalar(Unicode.Scalar), woken, ended }
    enum Line { case line(String), woken, ended }

    let descriptor: Int32
    var wakeUp: WakeUp?
    private var unread: [UInt8] = []
    private var isAtEnd = false

    init(descriptor: Int32, wakeUp: WakeUp? = nil) {
        self.descriptor = descriptor
        self.wakeUp = wakeUp
    }

    /// The next character of UTF-8 input; what is not UTF-8 arrives as U+FFFD.
    mutating func nextCharacter() -> Character {
        while true {
            if let scalar = takeScalar() { return .scalar(scalar) }
            if isAtEnd { return .ended }
            // One byte, not a block: what was typed ahead stays with the device, for a password prompt or a child.
            if !readMore(bytesMax: 1) { return .woken }
        }
    }

    /// The next line without its end; a last line may lack the end.
    mutating func nextLine() -> Line {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                let line = String(decoding: unread[..<end], as: UTF8.self)
                unread.removeSubrange(...end)
                return .line(line.hasSuffix("\r") ? String(line.dropLast()) : line)
            }
            if isAtEnd {
                guard !unread.isEmpty else { return .ended }
                defer { unread.removeAll() }
                return .line(String(decoding: unread, as: UTF8.self))
            }
            if !readMore(bytesMax: 4096) { return .woken }
        }
    }

    /// Waits for input and reads some; false when woken instead.
    private mutating func readMore(bytesMax: Int) -> Bool {
        var waited = [
            pollfd(fd: wakeUp?.readEnd ?? -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&waited, 2, -1) < 0 {
            guard errno == EINTR || errno == EAGAIN else {
                isAtEnd = true
                return true
            }
        }
        if waited[0].revents != 0 {
            wakeUp?.drain()
            return false
        }
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        let count = read(descriptor, &bytes, bytesMax)
        if count > 0 {
            unread += bytes[..<count]
        } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
            isAtEnd = true
        }
        return true
    }

    private mutating func takeScalar() -> Unicode.Scalar? {
        guard let first = unread.first else { return nil }
        let length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
        // A sequence is complete when its bytes are there, or when the next one cannot belong to it.
        let isComplete = unread.count >= length || unread.dropFirst().contains { $0 & 0xC0 != 0x80 } || isAtEnd
        guard isComplete else { return nil }
        var decoder = UTF8()
        var bytes = unread.makeIterator()
        var taken = unread.dropFirst().prefix(length - 1).prefix { $0 & 0xC0 == 0x80 }.count + 1
        var scalar: Unicode.Scalar = "\u{FFFD}"
        if case .scalarValue(let value) = decoder.decode(&bytes) {
            scalar = value
            taken = UTF8.width(value)
        }
        unread.removeFirst(taken)
        return scalar
    }
}

/// A pipe whose only message is "look up": it ends a wait in ``KeyInput``.
final class WakeUp: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    /// Nil when the process has no descriptor left.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Wakes the reader. A full pipe will wake it as well.
    func wake() {
        var byte: UInt8 = 0
        _ = write(writeEnd, &byte, 1)
    }

    func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(readEnd, &bytes, bytes.count) > 0 {}
    }
}
