// Where a command's output goes: lines or JSON to standard output, refusals and remarks to standard error. Text is
// collected and written in large pieces, because a hall has thousands of seats; what must be seen at once is flushed.

import BoxOfficeTerminal
import Foundation

/// Standard output takes no more: the command has nobody left to speak to.
struct OutputLost: Error {
    /// What the system said: an `errno`.
    let reason: Int32

    /// Whoever read it has gone (`boxoffice seats 1 | head`), which is their right.
    var isReaderGone: Bool { reason == EPIPE }
}

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
    func show(_ answer: some Shown) throws(OutputLost) {
        if isJSON { try object(answer.json) } else { try lines(answer.lines(look)) }
    }

    /// An answer with something of the command's own.
    func show(json: JSON, lines: @autoclosure () -> [String]) throws(OutputLost) {
        if isJSON { try object(json) } else { try self.lines(lines()) }
    }

    /// A list: an object a line for programs, rows under a heading for people.
    func show<Element>(
        _ list: [Element], empty: String, json: (Element) -> JSON, rows: ([Element]) -> [String]
    ) throws(OutputLost) {
        if isJSON {
            for element in list { try object(json(element)) }
        } else {
            try lines(list.isEmpty ? [empty] : rows(list))
        }
    }

    /// The same as a table.
    func show<Element>(
        _ list: [Element], empty: String, json: (Element) -> JSON, table: ([Element]) -> Table
    ) throws(OutputLost) {
        let (style, columns) = (look.style, look.columns)
        try show(list, empty: empty, json: json, rows: { table($0).lines(columnsMax: columns, style: style) })
    }

    /// One object, one line.
    func object(_ json: JSON) throws(OutputLost) {
        json.write(into: &buffer)
        buffer.append(0x0A)
        if buffer.count >= Self.bufferBytesMax { try flush() }
    }

    func lines(_ lines: [String]) throws(OutputLost) {
        try text(lines.map { $0 + "\n" }.joined())
    }

    func text(_ text: String) throws(OutputLost) { try bytes(Array(text.utf8)) }

    /// Bytes as they are: a file.
    func bytes(_ bytes: [UInt8]) throws(OutputLost) {
        buffer += bytes
        if buffer.count >= Self.bufferBytesMax { try flush() }
    }

    /// Writes what was collected.
    func flush() throws(OutputLost) {
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
                throw OutputLost(reason: count == 0 ? EIO : errno)
            }
        }
    }

    /// Runs a body that may wait long between two lines, as long as somebody is there to read them: a write would tell
    /// that nobody is, but the next one may be hours away.
    func whileRead<Result: Sendable>(_ body: @escaping @MainActor () async throws -> Result) async throws -> Result {
        let work = Task { try await body() }
        let leaving = Task {
            while (try? await Task.sleep(for: Self.lookInterval)) != nil {
                guard isReaderGone else { continue }
                work.cancel()
                return true
            }
            return false
        }
        let result = await withTaskCancellationHandler {
            await work.result
        } onCancel: {
            work.cancel()
        }
        leaving.cancel()
        if await leaving.value { throw OutputLost(reason: EPIPE) }
        return try result.get()
    }

    private static let lookInterval: Duration = .seconds(1)

    /// A pipe without a reader, a socket or a terminal that was hung up; never a file.
    private var isReaderGone: Bool {
        var state = pollfd(fd: output.descriptor, events: 0, revents: 0)
        return poll(&state, 1, 0) == 1 && state.revents & Int16(POLLERR | POLLHUP) != 0
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
