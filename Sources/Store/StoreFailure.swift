import GRDB

/// Why the store did not do what it was asked. The case says what a caller may conclude; the text is for people.
public enum StoreFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another server has the data directory open.
    case inUse(pid: Int32)
    /// The file was written by a newer version. Nothing was changed in it.
    case newerSchema
    /// The file, or a row of it, is not what this program writes.
    case damaged(String)
    /// The file is whole, and not the newest: commits that were answered are missing from it, as far as the witness
    /// knows, or the witness cannot tell.
    case notWitnessed(String)
    /// There is no space left. Nothing of the batch was written: it may be refused.
    case full
    /// The batch may be on disk or may not: nobody may say that it failed. Close, open and load again; the operation
    /// keys settle what happened (docs/storage.md, "A commit that fails").
    case ambiguous(String)
    /// Nothing was written.
    case failed(String)
    /// What was asked for is not done, for this reason; nothing was changed.
    case refused(String)
    /// Too many history reads are waiting. Try again later.
    case busy

    /// A sentence for logs and terminals.
    public var description: String {
        switch self {
        case .inUse(let pid): "another server uses this data directory (process \(pid))"
        case .newerSchema: "the data file was written by a newer version of the box office"
        case .damaged(let what): "the data file is damaged: \(what)"
        case .notWitnessed(let what): "the data file is not the one that was last written: \(what)"
        case .full: "no space left for the data file"
        case .ambiguous(let what): "the outcome of a commit is not known: \(what)"
        case .failed(let what): "the data file cannot be used: \(what)"
        case .refused(let why): why
        case .busy: "too many history reads are waiting"
        }
    }

    /// What an error means when nothing was written.
    init(harmless error: any Error) {
        self =
            switch error {
            case let failure as StoreFailure: failure
            case let error as DatabaseError where error.resultCode == .SQLITE_FULL: .full
            case let error as DatabaseError
            where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode):
                .damaged(error.message ?? "\(error.resultCode)")
            case let error as DatabaseError: .failed("\(error.message ?? "") (\(error.extendedResultCode.rawValue))")
            default: .failed("\(error)")
            }
    }
}
