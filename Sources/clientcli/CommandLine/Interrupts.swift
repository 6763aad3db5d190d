// Ctrl-C and a polite kill. A command that talks to the box office does not simply die of them: it says what becomes of a
// change on its way, acknowledges what was shown, and leaves the terminal in order. A second one is not argued with.

import Foundation

/// SIGINT and SIGTERM as calls.
@MainActor
final class Interrupts {
    /// The signal that came last.
    private(set) var signal: Int32?
    private var sources: [any DispatchSourceSignal] = []
    private var handler: (Int32) -> Void = { _ in }
    /// Whether a second signal ends the process at once.
    private var isFinal = true

    /// From now on `handler` is called.
    /// - Parameter isFinal: whether it ends the command, so that a second signal may end the process.
    func install(isFinal: Bool = true, _ handler: @escaping (Int32) -> Void) {
        self.handler = handler
        self.isFinal = isFinal
        guard sources.isEmpty else { return }
        for number in [SIGINT, SIGTERM] {
            Foundation.signal(number, SIG_IGN)  // the default action would come before the source
            let source = DispatchSource.makeSignalSource(signal: number, queue: .main)
            source.setEventHandler { [weak self] in
                MainActor.assumeIsolated { self?.came(number) }
            }
            source.activate()
            sources.append(source)
        }
    }

    private func came(_ number: Int32) {
        if signal != nil, isFinal { die(of: number) }
        if isFinal { signal = number }
        handler(number)
    }

    /// Ends the process as the signal would have, so that whoever started it sees that.
    func die(of number: Int32) -> Never {
        Foundation.signal(number, SIG_DFL)
        raise(number)
        exit(128 + number)
    }
}
