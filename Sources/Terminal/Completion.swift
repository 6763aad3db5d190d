// What the Tab key does. Pure: the line so far and the candidates in, what to insert or list out.

import Foundation

/// What stands before the cursor when completion is asked for.
public struct CompletionContext: Sendable, Equatable {
    /// The words before the one being typed.
    public let words: [String]
    /// The word being typed, up to the cursor; may be empty.
    public let partial: String

    /// Splits the text before the cursor at spaces.
    public init(beforeCursor text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        let endsWord = text.isEmpty || text.hasSuffix(" ")
        words = endsWord ? parts : parts.dropLast()
        partial = endsWord ? "" : parts.last ?? ""
    }
}

enum Completion: Equatable {
    /// Nothing fits.
    case none
    /// This is added at the cursor.
    case insert(String)
    /// Several fit and have no more letters in common: show them.
    case list([String])

    static func of(_ partial: String, among candidates: [String]) -> Completion {
        let fitting = Array(Set(candidates.filter { $0.hasPrefix(partial) })).sorted()
        guard let first = fitting.first, let last = fitting.last else { return .none }
        if fitting.count == 1 { return .insert(first.dropFirst(partial.count) + " ") }
        // In sorted order the first and the last differ earliest.
        let common = zip(first, last).prefix { $0 == $1 }.count
        return common > partial.count
            ? .insert(String(first.prefix(common).dropFirst(partial.count))) : .list(fitting.sorted(by: counting))
    }

    /// As people sort: 2 before 10.
    private static func counting(_ one: String, _ other: String) -> Bool {
        one.compare(other, options: .numeric) == .orderedAscending
    }

    /// Candidates in as many columns as fit.
    static func listing(_ candidates: [String], columns: Int) -> [String] {
        let names = candidates.map(sanitize)
        let width = (names.map { displayWidth(of: $0) }.max() ?? 0) + 2
        let perLine = max(1, columns / width)
        return stride(from: 0, to: names.count, by: perLine).map { start in
            names[start..<min(start + perLine, names.count)].map { padded($0, toColumns: width) }.joined()
        }
    }
}
