// Where a command's output goes: lines or JSON to standard output, refusals and remarks to standard error. Text is
// collected and written in large pieces, because a hall has thousands of seats; what must be seen at once is flushed.

import BoxOfficeTerminal
import Foundation

/// Nobody reads standard output any more (`boxoffice seats 1 | head`): the command has nothing left to do.
struct OutputClosed: Error {}

/// A command's standard output and error.
@MainActor
final class Console {
    /// Whether programs read it.
    let isJSON: Bool
    let output: Terminal
    let errors: Terminal
    private var buffer: [UInt8] = []
    private static let bufferBytesMax = 64 * 1024
    /// While lines are redrawn in place, or a line is being typed, remarks have to go above: this puts them there.
    var printAbove: ((String) -> Void)?

    init(isJSON: Bool, output: Terminal = .standardOutput, errors: Terminal = .standardError) {
        self.isJSON = isJSON
        self.output = output
        self.errors = errors
    }

    /// The same outputs for a command with another preference.
    func with(isJSON: Bool) -> Console {
        let console = Console(isJSON: isJSON, output: output, errors: errors)
        console.printAbove = printAbove
        return console
    }

    /// How lines on standard output are to look.
    var look: Look { Look(style: Style(for: output), columns: output.columns) }
    private var errorLook: Look { Look(style: Style(for: errors), columns: errors.columns) }

    // MARK: Standard output

    /// An answer.
    func show(_ answer: some Shown) throws(OutputClosed) {
        if isJSON { try object(answer.json) } else { try lines(answer.lines(look)) }
    }

    /// An answer with something of the command's own.
    func show(json: JSON, lines: @autoclosure () -> [String]) throws(OutputClosed) {
        if isJSON { try object(json) } else { try self.lines(lines()) }
    }

    /// A list: a line an element for programs, a table for people.
    func show<Element>(
        _ list: [Element], empty: String, json: (Element) -> JSON, table: ([Element]) -> Table
    ) throws(OutputClosed) {
        if isJSON {
            for element in list { try object(json(element)) }
        } else if list.isEmpty {
            try lines([empty])
        } else {
            try text(table(list).rendered(for: output))
        }
    }

    /// One object, one line.
    func object(_ json: JSON) throws(OutputClosed) {
        json.write(into: &buffer)
        buffer.append(0x0A)
        if buffer.count >= Self.bufferBytesMax { try flush() }
    }

    func lines(_ lines: [String]) throws(OutputClosed) {
        try text(lines.map { $0 + "\n" }.joined())
    }

    func text(_ text: String) throws(OutputClosed) { try bytes(Array(text.utf8)) }

    /// Bytes as they are: a file.
    func bytes(_ bytes: [UInt8]) throws(OutputClosed) {
        buffer += bytes
        if buffer.count >= Self.bufferBytesMax { try flush() }
    }

    /// Writes what was collected.
    func flush() throws(OutputClosed) {
        defer { buffer.removeAll(keepingCapacity: true) }
        var rest = buffer[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(output.descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno == EAGAIN {
                // Somebody made the shared device non-blocking; it takes more soon.
                var writable = pollfd(fd: output.descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&writable, 1, -1)
            } else if count == 0 || errno != EINTR {
                throw OutputClosed()
            }
        }
    }

    // MARK: Standard error

    /// How a command failed.
    func failed(_ failure: Failure) {
        error(json: failure.json, lines: failure.lines(errorLook))
    }

    /// Something worth knowing that is not the answer.
    func remark(json: @autoclosure () -> JSON, _ line: String) {
        error(json: json(), lines: ["boxoffice: " + line])
    }

    private func error(json: JSON, lines: [String]) {
        let text = isJSON ? json.line : lines.joined(separator: "\n")
        try? flush()
        if let printAbove, !isJSON { printAbove(text) } else { errors.writeLine(text) }
    }
}
