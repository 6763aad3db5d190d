// Questions to the person at the terminal. They go to /dev/tty, not to standard input and output, so that both may be
// redirected.

import Foundation

/// Asks for a secret without showing it.
///
/// Backspace and Ctrl-U edit; Ctrl-D on an empty line answers nothing; Ctrl-C restores the terminal and then interrupts
/// the process as usual.
/// - Parameter prompt: such as `Password: `.
/// - Returns: the secret, or nil when there is no terminal or no answer.
public func readPassword(_ prompt: String) -> String? {
    withControllingTerminal { descriptor in readPassword(prompt, from: descriptor) } ?? nil
}

func readPassword(_ prompt: String, from descriptor: Int32) -> String? {
    let answer: SecretEntry = withModesRestored(of: descriptor) {
        var modes = termios()
        guard tcgetattr(descriptor, &modes) == 0 else { return SecretEntry(state: .abandoned) }
        // Keys come one by one and Ctrl-C as a key, so that nothing can end the process between here and the restore.
        modes.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG | IEXTEN)
        tcsetattr(descriptor, TCSAFLUSH, &modes)
        let terminal = Terminal(descriptor: descriptor, isTerminal: true, usesColour: false)
        terminal.write(prompt)
        defer { terminal.write("\n") }

        var entry = SecretEntry()
        while entry.state == .typing {
            var byte: UInt8 = 0
            let count = read(descriptor, &byte, 1)
            if count == 1 { entry.typed(byte) } else if count == 0 || errno != EINTR { entry.state = .abandoned }
        }
        return entry
    }
    if answer.state == .interrupted { kill(getpid(), SIGINT) }
    return answer.state == .entered ? String(decoding: answer.bytes, as: UTF8.self) : nil
}

/// What has been typed of a secret so far.
struct SecretEntry {
    enum State { case typing, entered, abandoned, interrupted }
    var state = State.typing
    private(set) var bytes: [UInt8] = []
    /// More than any password may be long; further keys are ignored.
    private static let bytesMax = 4096

    mutating func typed(_ byte: UInt8) {
        switch byte {
        case 0x0A, 0x0D: state = .entered
        case 0x03: state = .interrupted
        case 0x04: if bytes.isEmpty { state = .abandoned }
        case 0x15: bytes.removeAll()
        case 0x08, 0x7F:
            // A character of several bytes goes as a whole: its continuation bytes, then its first.
            while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
        case 0x00...0x1F: break
        default: if bytes.count < Self.bytesMax { bytes.append(byte) }
        }
    }
}

/// Asks a question that is answered with y or n.
/// - Parameters:
///   - question: such as `Refund reservation 17?`.
///   - defaultAnswer: what an empty line means.
/// - Returns: the answer; nil when there is no terminal to ask at. The question is repeated until it is answered.
public func confirm(_ question: String, defaultAnswer: Bool = false) -> Bool? {
    withControllingTerminal { confirm(question, defaultAnswer: defaultAnswer, at: $0) } ?? nil
}

func confirm(_ question: String, defaultAnswer: Bool, at descriptor: Int32) -> Bool? {
    let terminal = Terminal(descriptor: descriptor, isTerminal: true, usesColour: false)
    var input = KeyInput(descriptor: descriptor)
    while true {
        terminal.write("\(question) [\(defaultAnswer ? "Y/n" : "y/N")] ")
        guard case .line(let line) = input.nextLine() else {
            terminal.write("\n")
            return nil
        }
        switch line.trimmingCharacters(in: .whitespaces).lowercased() {
        case "": return defaultAnswer
        case "y", "yes": return true
        case "n", "no": return false
        default: continue
        }
    }
}

private func withControllingTerminal<Result>(_ body: (Int32) -> Result) -> Result? {
    let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return body(descriptor)
}
