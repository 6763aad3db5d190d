import BoxOfficeEngine
import BoxOfficeProtocol
import Foundation
import Synchronization

/// Who is inside a room, and whether what is published is of one moment.
///
/// A hold that has lost its race is refused on its connection's queue (Connection+Holds.swift): from the map, the date
/// and the member as one commit left them, and only before anything else is due, since then the answer is
/// what the engine would have said right after that commit.
///
/// `@unchecked Sendable`: `byMember` is only touched with `lock` held.
final class Insiders: @unchecked Sendable {
    private let lock = NSLock()
    private var byMember: [MemberID: Insider] = [:]
    /// Rises when something begins to be published and when that is done: odd in between.
    private let edition = Atomic<UInt64>(0)
    private let nothingDueBefore = Atomic<Int64>(.min)

    subscript(member: MemberID) -> Insider? {
        get { lock.withLock { byMember[member] } }
        set { lock.withLock { byMember[member] = newValue } }
    }

    /// Publishes all of it anew.
    func replace(by insiders: [MemberID: Insider]) { lock.withLock { byMember = insiders } }

    /// Around all that is published after a commit. On the engine's queue.
    ///
    /// - Parameter dueAt: When the next deadline is, as of that commit; nil when there is none.
    func publish<Result>(dueAt: Instant?, _ body: () -> Result) -> Result {
        edition.wrappingAdd(1, ordering: .sequentiallyConsistent)
        defer { edition.wrappingAdd(1, ordering: .sequentiallyConsistent) }
        nothingDueBefore.store(dueAt?.rawValue ?? .max, ordering: .sequentiallyConsistent)
        return body()
    }

    /// What `body` makes of what is published; nil when that changed meanwhile, or something is due. From any thread.
    func read<Result>(at now: Instant, _ body: () -> Result?) -> Result? {
        let before = edition.load(ordering: .sequentiallyConsistent)
        guard before % 2 == 0, now.rawValue < nothingDueBefore.load(ordering: .sequentiallyConsistent) else {
            return nil
        }
        let result = body()
        return edition.load(ordering: .sequentiallyConsistent) == before ? result : nil
    }
}
