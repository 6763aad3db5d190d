import Dispatch
import Foundation
import Testing

@Suite("An hour of a waiting room")
struct RoomHourTests {
    /// 1,000 hours, each with its seed: members come, go, return and buy, the server restarts, operators change their
    /// minds. A failing hour is played again by its seed: `RoomHour(seed:)`.
    @Test("is fair to everybody, 1,000 times")
    func hours() {
        let results = Results()
        DispatchQueue.concurrentPerform(iterations: 1_000) { seed in
            var hour = RoomHour(seed: seed)
            hour.play()
            results.add(hour.broken.map { "seed \(seed): \($0)" }, hour.seen)
        }
        #expect(results.broken == [])
        for word in [
            "drawn", "restart", "policy", "remove", "allow", "barred", "queueClosed", "queueRequired", "held ", "paid ",
            "token active", "token called", "token completed", "token expired", "token left", "token removed",
            "called after admission", "back and admitted",
        ] {
            #expect(results.seen[word, default: 0] > 0, "never saw \(word): \(results.seen)")
        }
    }

    /// `@unchecked Sendable`: `lock` is held for every access.
    private final class Results: @unchecked Sendable {
        private let lock = NSLock()
        private(set) var broken: [String] = []
        private(set) var seen: [String: Int] = [:]

        func add(_ failure: String?, _ words: [String: Int]) {
            lock.withLock {
                if let failure { broken.append(failure) }
                seen.merge(words) { $0 + $1 }
            }
        }
    }
}
