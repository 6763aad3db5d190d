import BoxOfficeProtocol
import Foundation
import Testing

@testable import BoxOfficeServer

/// Passwords on their own queues.
@Suite struct PasswordHasherTests {
    /// The least that argon2id takes: these tests are about the queue.
    static let cheap = Sodium.PasswordCost(passes: 1, memoryBytes: 8_192)

    @Test func hashesVerifyAndOnlyTheirPassword() {
        let hasher = PasswordHasher(cost: Self.cheap)
        let hash = Self.wait { hasher.hash(Secret("correct horse"), $0) }
        #expect(hash??.hasPrefix("$argon2id$") == true)
        let table: [(String, String?, Bool)] = [
            ("correct horse", hash ?? nil, true), ("wrong horse", hash ?? nil, false), ("", hash ?? nil, false),
            ("correct horse", nil, false), ("correct horse", "", false), ("correct horse", "no hash at all", false),
            ("nobody", nil, false),
        ]
        for (password, against, fits) in table {
            #expect(Self.wait { hasher.verify(Secret(password), against: against, $0) } == fits)
        }
    }

    @Test func beyondTheBoundNobodyWaits() {
        let hasher = PasswordHasher(atOnce: 1, waitingMax: 2, cost: Self.cheap)
        let gate = DispatchSemaphore(value: 0)
        let done = DispatchGroup()
        var accepted = 0
        for _ in 0..<5 {
            done.enter()
            let isTaken = hasher.hash(Secret("correct horse")) { _ in
                gate.wait()
                done.leave()
            }
            if isTaken { accepted += 1 } else { done.leave() }
        }
        #expect(accepted == 3)  // One at work, two waiting.
        for _ in 0..<accepted { gate.signal() }
        #expect(done.wait(timeout: .now() + .seconds(patienceSeconds)) == .success)
        #expect(Self.wait { hasher.hash(Secret("correct horse"), $0) } != nil)
    }

    /// What the call hands over; nil when it is not taken or never comes.
    static func wait<Value: Sendable>(_ call: (@escaping @Sendable (Value) -> Void) -> Bool) -> Value? {
        let value = Current<Value?>(nil)
        let done = DispatchSemaphore(value: 0)
        let isTaken = call {
            value.value = $0
            done.signal()
        }
        guard isTaken, done.wait(timeout: .now() + .seconds(patienceSeconds)) == .success else { return nil }
        return value.value
    }
}
