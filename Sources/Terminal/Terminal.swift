// Where output goes: a person's terminal, or a file or pipe that another program reads. The difference decides about
// colour, about redrawing in place, and about cutting lines to a width.

import Foundation

/// An output and what it can do. A value: it holds a file descriptor that it does not own.
public struct Terminal: Sendable {
    /// The file descriptor written to.
    public let descriptor: Int32
    /// Whether a person sits there, and the device understands cursor movements (`TERM` is neither empty nor `dumb`).
    public let isTerminal: Bool
    /// Whether colour is welcome: a terminal, and `NO_COLOR` unset or empty (https://no-color.org).
    public let usesColour: Bool
    private let fixedColumns: Int?

    /// An output with given abilities.
    /// - Parameter columns: its width; without one the device is asked at each use.
    public init(descriptor: Int32, isTerminal: Bool, usesColour: Bool, columns: Int? = nil) {
        self.descriptor = descriptor
        self.isTerminal = isTerminal
        self.usesColour = usesColour
        self.fixedColumns = columns
    }

    /// An output as the device and the environment say.
    public init(descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment) {
        let name = environment["TERM"] ?? ""
        let isTerminal = isatty(descriptor) == 1 && name != "" && name != "dumb"
        self.init(
            descriptor: descriptor, isTerminal: isTerminal,
            usesColour: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty)
    }

    /// Standard output.
    public static let standardOutput = Terminal(descriptor: STDOUT_FILENO)
    /// Standard error.
    public static let standardError = Terminal(descriptor: STDERR_FILENO)

    /// The width now; nil when this is not a terminal: then nothing is cut.
    public var columns: Int? {
        if let fixedColumns { return fixedColumns }
        guard isTerminal else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes a text at once, after what `print` still holds back. What cannot be written (the reader is gone) is dropped.
    public func write(_ text: String) {
        fflush(nil)
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if count > 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                } else if count < 0, errno == EAGAIN {
                    // Somebody made the shared device non-blocking; a terminal takes more soon.
                    var writable = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&writable, 1, -1)
                } else if count == 0 || errno != EINTR {
                    return
                }
            }
        }
    }

    /// Writes a line.
    public func writeLine(_ line: String) { write(line + "\n") }
}
