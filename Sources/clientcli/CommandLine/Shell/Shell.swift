// The interactive session: one connection, the same commands, and pushes above the line being typed.
//
//     14:03:07  held reservation 12: until 14:08:07
//     ann> pay 12▁

import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal
import Foundation

/// An interactive session.
@MainActor
final class Shell {
    private let desk: Desk
    private let console: Console
    private let office: BoxOffice
    private let editor: LineEditor
    private let vocabulary: Vocabulary
    /// The command that runs now.
    private var current: (command: any OfficeCommand, task: Task<Failure?, Never>, console: Console)?
    private var lastStatus = CommandStatus.done
    private var shownPlaces: [ConcertID: Place] = [:]
    private let connection: ConnectionNews

    init(_ desk: Desk, _ console: Console, _ office: BoxOffice) {
        (self.desk, self.console, self.office) = (desk, console, office)
        connection = ConnectionNews(on: console)
        let vocabulary = Vocabulary()
        self.vocabulary = vocabulary
        editor = LineEditor(
            prompt: "", historyPath: Self.historyPath(desk.settings), output: console.output,
            complete: { vocabulary.candidates(for: $0) })
    }

    /// Beside the profile: what one member typed is not the other's business.
    private static func historyPath(_ settings: Settings) -> String? {
        settings.store.directory + "/\(settings.store.name).history"
    }

    /// Until the end of input, `exit`, or a signal.
    func run() async throws {
        desk.interrupts.install(isFinal: false) { [self] in interrupted(by: $0) }
        console.printAbove = { [editor] in editor.printAbove($0) }
        let pushes = Task { @MainActor in await follow() }
        let learning = Task { @MainActor in await vocabulary.learn(from: office) }
        defer {
            pushes.cancel()
            learning.cancel()
            console.printAbove = nil
        }
        if editor.isInteractive { try greet() }
        editor.setPrompt(prompt)
        for await line in editor.lines {
            guard try await entered(line) else { break }
            editor.setPrompt(prompt)
        }
        if !editor.isInteractive, lastStatus != .done {
            var failure = Failure("shell", "The last command failed.", status: lastStatus)
            failure.isShown = true
            throw failure
        }
    }

    private func greet() throws {
        try console.lines(["Connected to \(desk.address). “help” lists the commands, Ctrl-D ends."])
        try console.flush()
    }

    private var prompt: String {
        let name = office.account.map { sanitize($0.name) } ?? BoxOfficeTool.name
        return console.look.style.bold(name) + "> "
    }

    /// False when it was the last line.
    private func entered(_ line: String) async throws -> Bool {
        guard var words = words(of: line) else {
            failed(.usage("A quote is not closed."))
            return true
        }
        // As it is written everywhere else, and in what commands suggest to do next.
        if words.first == BoxOfficeTool.name, words.count > 1 { words.removeFirst() }
        switch words.first {
        case nil: return true
        case "exit", "quit": return false
        default: break
        }
        let ordered = inParserOrder(words)
        switch BoxOfficeTool.parse(ordered) {
        case .text(let text): try console.text(text)
        case .failure(let failure, let text):
            lastStatus = failure.status
            if console.isJSON { console.failed(failure) } else { console.errors.write(text) }
        case .command(let command): await run(command, typed: words)
        }
        try console.flush()
        return true
    }

    private func run(_ command: any OfficeCommand, typed words: [String]) async {
        guard !command.global.namesConnection else {
            return failed(.usage("Server, certificates and profile are the session's."))
        }
        let console = console.with(isJSON: console.isJSON || command.global.json)
        let context = CommandContext(
            desk, console, command: quoted(BoxOfficeTool.commandWords(words)),
            changeWithPassword: command.changeWithPassword, isInSession: true)
        let task = Task { @MainActor in await BoxOfficeTool.outcome(of: command, in: context) }
        current = (command, task, console)
        let failure = await task.value
        current = nil
        desk.log.release()
        lastStatus = failure?.status ?? .done
        if let failure, !failure.isShown { console.failed(failure) }
    }

    private func failed(_ failure: Failure) {
        lastStatus = failure.status
        console.failed(failure)
    }

    /// Ctrl-C ends the command, not the session; while a line is typed it is a key of the editor.
    private func interrupted(by signal: Int32) {
        current?.task.cancel()
        if signal == SIGTERM || !editor.isInteractive { editor.close() }
    }

    // MARK: Pushes

    private func follow() async {
        while !Task.isCancelled {
            let feed = PushFeed(office) { [self] in show($0) }
            do {
                try await feed.run(followsMember: true, dates: [])
                return  // the client is closed
            } catch {
                guard !Task.isCancelled else { return }
                console.failed(Failure(any: error))
                return editor.close()
            }
        }
    }

    private func show(_ push: Push) {
        if let reservation = push.notice?.reservation { vocabulary.saw(reservation) }
        // These show pushes themselves.
        let isShownByCommand = current?.command is WatchCommand || (current?.command as? QueueJoinCommand)?.wait == true
        if case .connection(let state) = push { connection.heard(state, tells: !isShownByCommand) }
        if isShownByCommand { return }
        // A command that redraws lines of its own says where others go.
        let printAbove = current?.console.printAbove ?? { [editor] in editor.printAbove($0) }
        for line in lines(of: push) { printAbove(line) }
    }

    private func lines(of push: Push) -> [String] {
        switch push {
        case .notice(let notice):
            return console.isJSON ? [notice.json.line] : notice.lines(console.look)
        case .place(let place):
            let before = shownPlaces.updateValue(place, forKey: place.concert)
            let isNews = before?.status != place.status || before?.position != place.position
            guard isNews else { return [] }
            let kind: JSON = ["kind": "position"]
            if console.isJSON { return [kind.with(place.json).line] }
            return ["Concert \(place.concert): " + place.lines(console.look).joined(separator: "   ")]
        case .seats, .connection: return []
        }
    }
}

extension Push {
    fileprivate var notice: Notice? {
        if case .notice(let received) = self { received.notice } else { nil }
    }
}
