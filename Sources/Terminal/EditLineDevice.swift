// libedit, behind what a line editor needs of it. Its callbacks carry no closure, so each finds its device by the client
// pointer, and each runs inside `readLine()`, on the thread that called it.
//
// libedit's readline emulation has no way to print while a line is being typed (rl_save_prompt is empty,
// rl_forced_update_display keeps no row), and its own key source blocks. So this uses the native interface with our own
// key source: a wait for a key that can be interrupted is also the moment at which the screen is at rest and lines
// may be printed above.

import CEditLine
import Foundation

/// One terminal being edited on. Not thread safe: made, used and released by one owner at a time.
final class EditLineDevice {
    enum Answer { case line(String), ended }
    /// What the key source is told when it was woken.
    enum Errand { case print([String]), resize, leave, nothing }

    private let editLine: OpaquePointer
    private let history: OpaquePointer
    private let streams: [UnsafeMutablePointer<FILE>]
    private let output: Terminal
    private var input: KeyInput
    private var prompt = ""
    /// libedit keeps the pointer that the prompt callback returns until the next call.
    private var markedPrompt = strdup("")
    /// Asked whenever the wait for a key was interrupted, and before each wait.
    var errand: () -> Errand = { .nothing }
    var complete: @Sendable (CompletionContext) -> [String] = { _ in [] }

    /// Nil when libedit cannot use the terminal.
    init?(input: KeyInput, output: Terminal, history entries: [String]) {
        guard editline_use_utf8() != 0 else { return nil }
        // Streams and descriptors of our own: libedit wants C streams, those of the process are shared with everybody,
        // and it resets the terminal by descriptor when it ends, by when the caller's number may mean another file.
        let ends = [(input.descriptor, "r"), (output.descriptor, "w"), (output.descriptor, "w")]
        let streams = ends.compactMap { fdopen(fcntl($0.0, F_DUPFD_CLOEXEC, 0), $0.1) }
        guard streams.count == 3,
            let editLine = el_init_fd(
                "boxoffice", streams[0], streams[1], streams[2],
                fileno(streams[0]), fileno(streams[1]), fileno(streams[2])),
            let history = history_init()
        else {
            for stream in streams { fclose(stream) }
            return nil
        }
        (self.editLine, self.history, self.streams) = (editLine, history, streams)
        (self.input, self.output) = (input, output)
        editline_set_owner(editLine, Unmanaged.passUnretained(self).toOpaque())
        bindKeys()
        editline_history_set_size(history, Int32(HistoryFile.entriesMax))
        for entry in entries { editline_history_enter(history, entry) }
        editline_use_history(editLine, history)
    }

    deinit {
        el_end(editLine)
        history_end(history)
        for stream in streams { fclose(stream) }
        free(markedPrompt)
    }

    private func bindKeys() {
        editline_set_editor(editLine, "emacs")
        editline_set_prompt(
            editLine, { EditLineDevice.of($0)?.markedPrompt }, CChar(PromptLayout.escape.asciiValue ?? 1))
        editline_set_key_source(editLine) { editLine, key in EditLineDevice.of(editLine)?.nextKey(into: key) ?? -1 }
        // Ctrl-C, Ctrl-Z and Ctrl-\ arrive as keys, so that no signal can strike while the terminal is raw.
        editline_set_edit_mode(editLine, "-isig")

        let functions: [(name: String, key: String, body: editline_function)] = [
            ("bo-complete", "^I", { editLine, _ in EditLineDevice.of(editLine)?.completionRequested() ?? 0 }),
            ("bo-clear", "^C", { editLine, _ in EditLineDevice.of(editLine)?.clearRequested() ?? 0 }),
            ("bo-suspend", "^Z", { editLine, _ in EditLineDevice.of(editLine)?.suspendRequested() ?? 0 }),
        ]
        for function in functions {
            editline_add_function(editLine, function.name, function.name, function.body)
            editline_bind(editLine, function.key, function.name)
        }
        for (key, function) in [("\u{1B}[1;5C", "em-next-word"), ("\u{1B}[1;5D", "ed-prev-word")] {  // Ctrl with arrows
            editline_bind(editLine, key, function)
        }
        el_source(editLine, nil)  // the user's ~/.editrc has the last word
    }

    private static func of(_ editLine: OpaquePointer?) -> EditLineDevice? {
        editline_owner(editLine).map { Unmanaged<EditLineDevice>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Lets the user type a line.
    func readLine(prompt: String) -> Answer {
        self.prompt = prompt
        free(markedPrompt)
        markedPrompt = strdup(PromptLayout.marked(prompt))
        return withModesRestored(of: input.descriptor) {
            // Before the prompt appears: a Ctrl-D typed into the old modes would be an end of file, and lost.
            editline_set_raw(editLine, 1)
            var count: Int32 = 0
            guard let text = el_gets(editLine, &count), count > 0 else {
                output.write("\n")
                return .ended
            }
            let line = String(cString: text)
            return .line(line.hasSuffix("\n") ? String(line.dropLast()) : line)
        }
    }

    func remember(_ line: String) { editline_history_enter(history, line) }

    // MARK: While a line is being typed

    private func nextKey(into key: UnsafeMutablePointer<wchar_t>?) -> Int32 {
        while true {
            switch errand() {
            case .print(let lines): printAbove(lines)
            case .resize:
                el_resize(editLine)
                printAbove([])
            case .leave: return 0
            case .nothing:
                switch input.nextCharacter() {
                case .scalar(let scalar):
                    key?.pointee = wchar_t(truncatingIfNeeded: scalar.value)
                    return 1
                case .woken: continue
                case .ended: return 0
                }
            }
        }
    }

    /// Goes up to the prompt's first row, clears from there, prints, and has libedit draw prompt and line again below.
    private func printAbove(_ lines: [String]) {
        let row = PromptLayout.cursorRow(
            prompt: prompt, beforeCursor: lineBeforeCursor(), columns: output.columns ?? .max)
        let text = lines.map { $0.replacing("\n", with: "\r\n") + "\r\n" }.joined()
        output.write("\r" + (row > 0 ? "\u{1B}[\(row)A" : "") + "\u{1B}[J" + text)
        editline_redraw(editLine)
    }

    private func lineBeforeCursor() -> String {
        guard let line = el_line(editLine)?.pointee, let start = line.buffer, let cursor = line.cursor else {
            return ""
        }
        // The pointers are libedit's own buffer, valid until its next call; the text is copied here.
        let bytes = UnsafeRawBufferPointer(start: start, count: max(0, cursor - start))
        return String(decoding: bytes, as: UTF8.self)
    }

    private func completionRequested() -> UInt8 {
        let context = CompletionContext(beforeCursor: lineBeforeCursor())
        switch Completion.of(context.partial, among: complete(context)) {
        case .none: return UInt8(CC_REFRESH_BEEP)
        case .insert(let text): return UInt8(el_insertstr(editLine, text) == 0 ? CC_REFRESH : CC_REFRESH_BEEP)
        case .list(let names):
            printAbove(Completion.listing(names, columns: output.columns ?? 80))
            return UInt8(CC_NORM)
        }
    }

    private func clearRequested() -> UInt8 {
        guard let line = el_line(editLine)?.pointee, let start = line.buffer, let end = line.lastchar, end > start
        else {
            printAbove(["Ctrl-D leaves."])
            return UInt8(CC_NORM)
        }
        // Never more scalars than bytes; libedit stops at the ends of the line by itself.
        el_cursor(editLine, Int32(clamping: end - start))
        let text = String(decoding: UnsafeRawBufferPointer(start: start, count: end - start), as: UTF8.self)
        el_deletestr(editLine, Int32(clamping: text.unicodeScalars.count))
        return UInt8(CC_REFRESH)
    }

    private func suspendRequested() -> UInt8 {
        output.write("\r\n")
        editline_set_raw(editLine, 0)
        // To this thread, so that it does not run on before the process has stopped; Dispatch blocks signals on its threads.
        var stop = sigset_t()
        var before = sigset_t()
        sigemptyset(&stop)
        sigaddset(&stop, SIGTSTP)
        pthread_sigmask(SIG_UNBLOCK, &stop, &before)
        raise(SIGTSTP)  // returns when the shell continues us
        pthread_sigmask(SIG_SETMASK, &before, nil)
        editline_set_raw(editLine, 1)
        editline_redraw(editLine)
        return UInt8(CC_NORM)
    }
}
