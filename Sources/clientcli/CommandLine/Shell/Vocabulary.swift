// What the Tab key offers: names of commands, and the concerts, dates and reservations that this session has seen.

import ArgumentParser
import BoxOfficeClient
import BoxOfficeTerminal
import Foundation

/// Words for completion. Asked on the editor's queue, fed on the main actor.
final class Vocabulary: @unchecked Sendable {  // everything mutable is touched only under `lock`
    private let lock = NSLock()
    private var concerts: [String] = []
    private var dates: [String] = []
    private var reservations: Set<String> = []

    private static let groups: [String: [String]] = [
        "queue": names(QueueGroup.configuration.subcommands),
        "admin": names(AdminGroup.configuration.subcommands),
    ]
    private static let commands: [String] =
        ["help", "exit"] + names(Root.configuration.groupedSubcommands.flatMap(\.subcommands)).filter { $0 != "shell" }

    private static func names(_ commands: [any ParsableCommand.Type]) -> [String] {
        commands.compactMap { $0.configuration.commandName }
    }

    /// Candidates for the word being typed.
    func candidates(for context: CompletionContext) -> [String] {
        let words = context.words
        guard let first = words.first else { return Self.commands }
        if let subcommands = Self.groups[first], words.count == 1 { return subcommands }
        return lock.withLock {
            switch (first, words.count) {
            case ("help", 1): return Self.commands
            case ("dates", 1), ("queue", 2): return concerts
            case ("admin", 2) where words[1] == "room": return concerts
            case ("admin", 2) where words[1].hasSuffix("block"): return dates
            case ("seats", 1), ("hold", 1): return dates
            case ("pay", 1), ("release", 1): return reservations.sorted()
            default: return []
            }
        }
    }

    /// Looks at what there is to be named.
    @MainActor
    func learn(from office: BoxOffice) async {
        guard let concerts = try? await office.concerts().prefix(100) else { return }
        lock.withLock { self.concerts = concerts.map { "\($0.concert)" } }
        for concert in concerts {
            guard !Task.isCancelled, let dates = try? await office.performances(of: concert.concert) else { return }
            lock.withLock { self.dates += dates.map { "\($0.performance)" } }
        }
        if office.account != nil, let page = try? await office.reservationPage() { page.reservations.forEach(saw) }
    }

    /// A reservation that can be paid or released now, or no longer.
    func saw(_ reservation: Reservation) {
        lock.withLock {
            if reservation.status == .held {
                reservations.insert("\(reservation.reservation)")
            } else {
                reservations.remove("\(reservation.reservation)")
            }
        }
    }
}
