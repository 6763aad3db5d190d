import BoxOfficeProtocol
import GRDB

extension Store {
    /// What was accepted as the newest commit.
    public struct Accepted: Sendable, CustomStringConvertible {
        /// The commit's number.
        public var commit: Int64
        /// When it was.
        public var at: Instant
        /// The newest commit that the witness had seen; nil when it could not tell.
        public var seen: Int64?

        /// Sentences for people.
        public var description: String {
            var text = "the newest commit is \(commit) of \(at.text)"
            if let seen, seen > commit { text += "; lost are commits \(commit + 1) to \(seen)" }
            return text
        }
    }

    /// Goes on with a data file as it is, though the witness says that there was a newer one, or cannot say. What was
    /// answered and is not in the file is lost by this, which is for an operator to decide.
    ///
    /// - Parameter edited: Also when rows do not fit their checksums, because somebody has edited the file by hand: they
    ///   are taken as they stand.
    /// - Throws: `.damaged` when the file is not whole even so; then nothing is changed.
    public static func accept(directory: String, edited: Bool) throws(StoreFailure) -> Accepted {
        let store = try open(directory: directory)
        defer { store.close() }
        return try store.accept(edited: edited)
    }
}
