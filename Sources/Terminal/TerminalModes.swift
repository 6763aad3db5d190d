// A terminal whose modes were changed (no echo, keys one by one) and a process that dies before it changed them back
// leave a shell in which nothing typed is seen. While modes are changed, the signals that would end the process
// restore them first.
//
// Only signals with the default action get a handler: a program that handles SIGINT or SIGTERM itself ends in its own
// way, and closes the line editor on it.

import Foundation

/// Runs a body that changes a terminal's modes, and sets them back afterwards, also when a signal ends the process.
func withModesRestored<Result>(of descriptor: Int32, _ body: () throws -> Result) rethrows -> Result {
    var modes = termios()
    guard tcgetattr(descriptor, &modes) == 0 else { return try body() }
    let isArmed = ModesToRestore.arm(descriptor, modes)
    defer {
        tcsetattr(descriptor, TCSANOW, &modes)
        if isArmed { ModesToRestore.disarm() }
    }
    return try body()
}

private enum ModesToRestore {
    /// One terminal at a time: the lock says whose turn it is. A second caller at the same time
    /// still restores at its end, only signals will not.
    private static let turn = NSLock()

    // What the signal handler reads. It may run at any instant on any thread, so it uses no lock and no memory that
    // could be freed: written before the handlers are installed, cleared after they are gone.
    nonisolated(unsafe) private static var descriptor: Int32 = -1
    nonisolated(unsafe) private static let saved = UnsafeMutablePointer<termios>.allocate(capacity: 1)
    nonisolated(unsafe) private static var handled: [Int32] = []  // not read by the handler; guarded by `turn`

    static func arm(_ descriptor: Int32, _ modes: termios) -> Bool {
        guard turn.try() else { return false }
        saved.initialize(to: modes)
        self.descriptor = descriptor
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            let previous = signal(number) { number in
                // tcsetattr, signal and raise are async-signal-safe.
                tcsetattr(ModesToRestore.descriptor, TCSANOW, ModesToRestore.saved)
                signal(number, SIG_DFL)
                raise(number)
            }
            if let previous { signal(number, previous) } else { handled.append(number) }
        }
        return true
    }

    static func disarm() {
        for number in handled { signal(number, SIG_DFL) }
        handled.removeAll()
        turn.unlock()
    }
}
