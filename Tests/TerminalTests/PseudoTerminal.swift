import Foundation

@testable import BoxOfficeTerminal

/// A terminal whose user is the test: what the program writes is shown on a ``Screen``, keys are typed by `type`.
final class PseudoTerminal {
    struct Failed: Error { let call: String }
    /// The program's side.
    let device: Int32
    private let person: Int32
    private var screen: Screen
    private var undecoded: [UInt8] = []

    init(columns: Int = 40) throws {
        var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        var ends: (person: Int32, device: Int32) = (-1, -1)
        guard openpty(&ends.person, &ends.device, nil, nil, &size) == 0 else { throw Failed(call: "openpty") }
        (person, device) = ends
        screen = Screen(columns: columns)
    }

    deinit {
        close(device)
        close(person)
    }

    var terminal: Terminal { Terminal(descriptor: device, isTerminal: true, usesColour: true) }
    var lines: [String] { screen.lines }
    var unknownSequences: [String] { screen.unknown }

    func type(_ keys: String) {
        let bytes = Array(keys.utf8)
        _ = write(person, bytes, bytes.count)
    }

    var modes: tcflag_t {
        var modes = termios()
        tcgetattr(device, &modes)
        return modes.c_lflag & tcflag_t(ECHO | ICANON | ISIG)
    }

    /// Waits until the screen shows what the test expects. The time allowed is generous: it is spent only on failure.
    func shows(_ condition: ([String]) -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(20)
        read()
        while !condition(screen.lines) {
            guard ContinuousClock.now < deadline else { return false }
            try? await Task.sleep(for: .milliseconds(5))
            read()
        }
        return true
    }

    func shows(_ expected: String...) async -> Bool {
        let matches = await shows { $0 == expected }
        if !matches { print("expected \(expected), the screen shows \(lines)") }
        return matches
    }

    /// Takes what has been written until now.
    func read() {
        var waited = pollfd(fd: person, events: Int16(POLLIN), revents: 0)
        guard poll(&waited, 1, 0) == 1 else { return }
        var bytes = [UInt8](repeating: 0, count: 4096)
        undecoded += bytes[..<max(0, Foundation.read(person, &bytes, bytes.count))]
        // Up to the last whole character and escape sequence.
        var end = undecoded.count
        if let escape = undecoded.lastIndex(of: 0x1B),
            !undecoded[(escape + 1)...].dropFirst().contains(where: { $0 >= 0x40 })
        {
            end = escape
        }
        while end > 0, String(validating: undecoded[..<end], as: UTF8.self) == nil { end -= 1 }
        screen.feed(String(decoding: undecoded[..<end], as: UTF8.self))
        undecoded.removeFirst(end)
    }
}

/// An output that is no terminal.
final class OutputPipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw PseudoTerminal.Failed(call: "pipe") }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// What was written so far (less than a pipe holds).
    func written() -> String {
        var waited = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        guard poll(&waited, 1, 0) == 1 else { return "" }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        return String(decoding: bytes[..<max(0, read(readEnd, &bytes, bytes.count))], as: UTF8.self)
    }
}
