// Lines that change in place: the countdown of a hold, a position in the queue.
//
//     Position   17 of 240
//     Wait       about 3–5 min
//     ▁ the cursor rests here, on the line below
//
// Redrawing goes up over the old lines, rewrites them and clears what is left. The cursor is never hidden and every line
// is ended, so an interrupt, even a kill, leaves a proper terminal behind: there is nothing to restore.
// Where nobody watches (a file, a pipe) a line is printed when its text has changed.

import Foundation

/// One or several lines that are redrawn in place. Safe to use from any thread.
public final class LiveBlock: @unchecked Sendable {
    // `shown` is touched only under `lock`, which also orders the writes.
    private let terminal: Terminal
    private let lock = NSLock()
    private var shown: [String] = []

    /// A block below whatever the output shows now; nothing appears until the first ``show(_:)-([String])``.
    public init(on terminal: Terminal = .standardOutput) { self.terminal = terminal }

    /// Replaces the block's line.
    public func show(_ line: String) { show([line]) }

    /// Replaces the block's lines. A line that is too wide for the terminal is cut, since a wrapped one would take two rows.
    /// - Parameter lines: without line ends, with ``Style`` if wanted; texts of other people sanitised.
    public func show(_ lines: [String]) {
        lock.withLock {
            guard terminal.isTerminal else {
                for (index, line) in lines.enumerated() where index >= shown.count || shown[index] != line {
                    terminal.writeLine(line)
                }
                shown = lines
                return
            }
            let columns = terminal.columns ?? .max
            guard lines.map({ truncated(styled: $0, toColumns: columns) }) != shown else { return }
            terminal.write(erasing() + drawing(lines))
        }
    }

    /// Prints lines that stay, above the block.
    public func printAbove(_ text: String) {
        lock.withLock {
            guard terminal.isTerminal else { return terminal.writeLine(text) }
            terminal.write(erasing() + text + "\n" + drawing(shown))
        }
    }

    /// Removes the block from the terminal; a later ``show(_:)-([String])`` begins anew.
    public func clear() {
        lock.withLock {
            if terminal.isTerminal { terminal.write(erasing()) }
            shown = []
        }
    }

    /// Leaves the lines where they are; a later ``show(_:)-([String])`` begins below them.
    public func finish() { lock.withLock { shown = [] } }

    private func erasing() -> String {
        // After the window became narrower the terminal has wrapped the old lines: count the rows they take now.
        let columns = max(1, terminal.columns ?? .max)
        let rows = shown.reduce(0) { $0 + max(1, (displayWidth(of: withoutStyle($1)) + columns - 1) / columns) }
        return rows == 0 ? "" : "\r\u{1B}[\(rows)A\u{1B}[J"
    }

    private func drawing(_ lines: [String]) -> String {
        let columns = terminal.columns ?? .max
        shown = lines.map { truncated(styled: $0, toColumns: columns) }
        return shown.map { $0 + "\n" }.joined()
    }
}
