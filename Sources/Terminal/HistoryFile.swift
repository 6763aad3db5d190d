// What was typed, kept for the next session: one line an entry, UTF-8, readable by its owner only. Lines are appended as
// they are typed, so that two sessions at once keep each other's; a file that has grown is cut when a session begins.

import Foundation

struct HistoryFile: Sendable {
    let path: String
    /// So many entries are kept.
    static let entriesMax = 1000
    /// A larger file is not read: it is not ours.
    private static let bytesMax = 8 << 20

    /// The entries, oldest first. A file that is missing or unreadable is an empty history.
    func load() -> [String] {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let size = attributes?[.size] as? Int, size <= Self.bytesMax,
            let data = FileManager.default.contents(atPath: path)
        else { return [] }
        let entries = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
        guard entries.count > 2 * Self.entriesMax else { return entries.suffix(Self.entriesMax) }
        let kept = Array(entries.suffix(Self.entriesMax))
        replace(with: kept)
        return kept
    }

    /// Adds an entry at the end. Failing to (a full disk, a folder that is gone) costs the entry, nothing else.
    func append(_ entry: String) { write(entry + "\n", to: path, flags: O_APPEND) }

    /// Rewrites the file by way of a second one, so that it is whole at any moment.
    private func replace(with entries: [String]) {
        let fresh = path + ".\(getpid())"
        defer { unlink(fresh) }
        guard write(entries.map { $0 + "\n" }.joined(), to: fresh, flags: O_TRUNC) else { return }
        rename(fresh, path)
    }

    @discardableResult
    private func write(_ text: String, to path: String, flags: Int32) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // One write, so that the lines of two sessions do not mix.
        let bytes = Array(text.utf8)
        return Foundation.write(descriptor, bytes, bytes.count) == bytes.count
    }
}
