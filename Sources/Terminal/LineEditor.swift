// A command line that is typed, edited and remembered, while news keep arriving above it.
//
//     14:03:07  A-12 is yours until 14:08:07          ← printAbove, at any moment, from any thread
//     boxoffice> pay 1▁                               ← what is being typed stays as it is
//
// Reading blocks, so it has a serial queue of its own. A line is read only when somebody asks for one: while a command
// runs, no prompt is shown and Ctrl-C is the usual signal. Where input is not a terminal the same calls read plain lines.

import Foundation

/// An interactive command line on a terminal, or plain lines from a file or pipe.
public final class LineEditor: @unchecked Sendable {
    // `state` is touched only under `lock`; `device`, `input` only on `queue`, where one read runs at a time.
    private struct State {
        var prompt: String
        var news: [String] = []
        var newsDropped = 0
        var wasResized = false
        var isClosed = false
        var readsBegun = 0
        var readUnderWay: Int?
        var readsCancelled: Set<Int> = []
    }

    private let lock = NSLock()
    private var state: State
    private let queue = DispatchQueue(label: "boxoffice.line-editor")
    private let device: EditLineDevice?
    private var input: KeyInput
    private let wakeUp: WakeUp?
    private let output: Terminal
    private let historyFile: HistoryFile?
    private var lastRemembered: String?
    /// A terminal on both sides, be it one that cannot move its cursor: it gets a prompt, pipes and files do not.
    private let isPerson: Bool
    private let resizes: (any DispatchSourceSignal)?
    /// Lines waiting to be shown above. More than this while the terminal takes none: the oldest are dropped and counted.
    private static let newsMax = 1000

    /// Whether lines are edited on a terminal; otherwise there is no prompt, no history and no completion.
    public var isInteractive: Bool { device != nil }

    /// - Parameters:
    ///   - prompt: shown before each line; may carry ``Style``.
    ///   - historyPath: where lines are kept for the next session (mode 0600); nil keeps them in memory.
    ///   - input: the descriptor read from.
    ///   - output: where prompt, line and news appear.
    ///   - complete: candidates for the word being typed; those that do not begin with it are ignored. Called on
    ///     the editor's queue, while the user waits.
    public init(
        prompt: String, historyPath: String? = nil, input: Int32 = STDIN_FILENO,
        output: Terminal = .standardOutput, complete: @escaping @Sendable (CompletionContext) -> [String] = { _ in [] }
    ) {
        let wakeUp = WakeUp()
        let keys = KeyInput(descriptor: input, wakeUp: wakeUp)
        let history = historyPath.map(HistoryFile.init)
        let entries = history?.load() ?? []
        isPerson = isatty(input) == 1 && isatty(output.descriptor) == 1
        let device = isPerson && output.isTerminal ? EditLineDevice(input: keys, output: output, history: entries) : nil
        device?.complete = complete
        state = State(prompt: prompt)
        lastRemembered = entries.last
        (self.input, self.wakeUp, self.output, self.device, historyFile) = (keys, wakeUp, output, device, history)
        resizes = device == nil ? nil : DispatchSource.makeSignalSource(signal: SIGWINCH, queue: .global())
        device?.errand = { [unowned self] in nextErrand() }
        resizes?.setEventHandler { [weak self] in self?.resized() }
        resizes?.activate()
    }

    deinit { resizes?.cancel() }

    /// The lines as they are entered, until Ctrl-D on an empty line, the end of input, or ``close()``.
    public var lines: Lines { Lines(editor: self) }

    /// Changes the prompt from the next line on.
    public func setPrompt(_ prompt: String) { lock.withLock { state.prompt = prompt } }

    /// Reads one line.
    /// - Returns: the line without its end; nil at the end of input, after ``close()``, or when the task is cancelled.
    public func readLine() async -> String? {
        let number = lock.withLock {
            state.readsBegun += 1
            return state.readsBegun
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { continuation.resume(returning: self.read(number)) }
            }
        } onCancel: {
            lock.withLock { _ = state.readsCancelled.insert(number) }
            wakeUp?.wake()
        }
    }

    /// Shows a text above the line being typed, or simply prints it when none is. Returns at once while a line is typed.
    /// - Parameter text: one or several lines, styled if wanted; what other people wrote must be sanitised.
    public func printAbove(_ text: String) {
        lock.withLock {
            guard state.readUnderWay != nil, device != nil else { return output.writeLine(text) }
            if state.news.count == Self.newsMax {
                state.news.removeFirst()
                state.newsDropped += 1
            }
            state.news.append(text)
            wakeUp?.wake()
        }
    }

    /// Ends the read under way and all later ones with nil, and gives the terminal back. Safe to call twice.
    public func close() {
        lock.withLock { state.isClosed = true }
        wakeUp?.wake()
    }

    private func resized() {
        lock.withLock { state.wasResized = true }
        wakeUp?.wake()
    }

    // MARK: On the queue

    private func read(_ number: Int) -> String? {
        let prompt: String? = lock.withLock {
            guard !state.isClosed, !state.readsCancelled.contains(number) else { return nil }
            state.readUnderWay = number
            return state.prompt
        }
        defer {
            let news = lock.withLock {
                state.readsCancelled.remove(number)
                state.readUnderWay = nil
                return takeNews()
            }
            for text in news { output.writeLine(text) }
        }
        guard let prompt else { return nil }
        guard let device else {
            if isPerson { output.write(withoutStyle(prompt)) }
            return readPlainLine(number)
        }
        guard case .line(let line) = device.readLine(prompt: prompt) else { return nil }
        remember(line)
        return line
    }

    private func readPlainLine(_ number: Int) -> String? {
        while true {
            switch input.nextLine() {
            case .line(let line): return line
            case .ended: return nil
            case .woken:
                if lock.withLock({ state.isClosed || state.readsCancelled.contains(number) }) { return nil }
            }
        }
    }

    /// Blank lines, repetitions and lines that begin with a space are not kept, as in other shells.
    private func remember(_ line: String) {
        guard !line.hasPrefix(" "), line.contains(where: { !$0.isWhitespace }), line != lastRemembered else { return }
        lastRemembered = line
        device?.remember(line)
        historyFile?.append(line)
    }

    private func nextErrand() -> EditLineDevice.Errand {
        lock.withLock {
            if state.isClosed || state.readUnderWay.map(state.readsCancelled.contains) == true { return .leave }
            if state.wasResized {
                state.wasResized = false
                return .resize
            }
            return state.news.isEmpty ? .nothing : .print(takeNews())
        }
    }

    /// Under `lock`.
    private func takeNews() -> [String] {
        defer { (state.news, state.newsDropped) = ([], 0) }
        return (state.newsDropped > 0 ? ["… \(state.newsDropped) lines left out"] : []) + state.news
    }

    /// The sequence of entered lines. Iterate it once at a time.
    public struct Lines: AsyncSequence, Sendable {
        let editor: LineEditor

        /// One pass over the lines.
        public struct Iterator: AsyncIteratorProtocol {
            let editor: LineEditor
            /// The next line; a prompt appears only now.
            public mutating func next() async -> String? { await editor.readLine() }
        }

        /// Begins to read.
        public func makeAsyncIterator() -> Iterator { Iterator(editor: editor) }
    }
}
