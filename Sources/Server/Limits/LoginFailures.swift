// How often an account and an address may be wrong about a password.
//
//     account   failures   1 2 3 4 │ 5    6     7     8 …          forgotten 15 minutes after the pause
//               pause      none    │ 30 s 1 min 2 min 4 min … at most 15 minutes
//     address   30 failures at once, then one each 30 s: 30 in 15 minutes
//
// A try counts from its start, so that many at once are not more than many one after the other; a right password takes
// that back and forgets the account's failures. What is refused here was not looked at and does not count: after the
// pause the right password does, however often it was tried meanwhile.
//
// Names that nobody has are accounts like all others, so that nothing is told by a refusal. Accounts are known by a hash
// with a key of the process. Sessions go on: who is logged in does not notice that others guess their password.

import BoxOfficeProtocol
import Foundation

/// Failed logins of accounts and addresses. Pure: time is an argument.
struct LoginFailures {
    /// Whose password it is said to be.
    struct Account: Hashable {
        private let number: Int

        /// By the key of a login name, or the name itself when it can be nobody's.
        init(name: String) { number = "name \(name)".hashValue }
        /// Of somebody who is logged in and changes the password: guessing from outside must not get in the way of it.
        init(_ member: MemberID) { number = "member \(member)".hashValue }
    }

    static let longestPause = Microseconds(15 * 60_000_000)
    static let window = Microseconds(15 * 60_000_000)
    /// No failure matters any more after so long.
    private static let memory = Microseconds(longestPause.count + window.count)
    /// A try of this account is being looked at, and there is no room for one more failure: ask again.
    static let pauseWhileTrying = Microseconds(1_000_000)
    /// Accounts kept at most, 4 MB; then those that were wrong the longest ago are forgotten.
    static let accountsMax = 96_000

    private struct Entry {
        var failures = 0
        var trying = 0
        var failedAt = Instant.distantPast
    }

    private let accountMax: Int?
    private let firstPause: Microseconds
    private var young: [Account: Entry] = [:]
    private var old: [Account: Entry] = [:]
    private var agedAt = Instant.distantPast
    private var addresses: RateLimiter<HostAddress>?

    init(_ limits: Limits) {
        accountMax = limits.loginFailuresPerAccount
        firstPause = Microseconds(Int64(limits.loginPauseSeconds * 1_000_000))
        addresses = limits.loginFailuresPerAddress.map { RateLimiter($0) }
    }

    /// A try begins. How long to wait instead, and because of which limit; nil when it may go on, and then one of
    /// `failed`, `succeeded` or `withdrawn` follows.
    mutating func began(
        _ account: Account, from address: HostAddress?, at now: Instant
    ) -> (limit: LimitKind, wait: Microseconds)? {
        if let address, let wait = addresses?.wait(of: address, at: now), wait.count > 0 {
            return (.loginFailuresPerAddress, wait)
        }
        if let accountMax {
            var entry = current(account, at: now)
            if entry.failures >= accountMax {
                let wait = entry.failedAt + pause(after: entry.failures) - now
                if wait.count > 0 { return (.loginFailuresPerAccount, wait) }
                if entry.trying > 0 { return (.loginFailuresPerAccount, Self.pauseWhileTrying) }
            } else if entry.failures + entry.trying >= accountMax {
                return (.loginFailuresPerAccount, Self.pauseWhileTrying)
            }
            entry.trying += 1
            keep(entry, of: account, at: now)
        }
        if let address { addresses?.passed(address, at: now) }
        return nil
    }

    /// The password was wrong.
    mutating func failed(_ account: Account, at now: Instant) {
        ended(account, at: now) {
            $0.failures += 1
            $0.failedAt = now
        }
    }

    /// It was right.
    mutating func succeeded(_ account: Account, from address: HostAddress?, at now: Instant) {
        if let address { addresses?.takenBack(address) }
        ended(account, at: now) { $0.failures = 0 }
    }

    /// It was never looked at.
    mutating func withdrawn(_ account: Account, from address: HostAddress?, at now: Instant) {
        if let address { addresses?.takenBack(address) }
        ended(account, at: now) { _ in }
    }

    private mutating func ended(_ account: Account, at now: Instant, _ change: (inout Entry) -> Void) {
        guard accountMax != nil else { return }
        var entry = current(account, at: now)
        entry.trying = max(0, entry.trying - 1)
        change(&entry)
        keep(entry, of: account, at: now)
    }

    var accountCount: Int { young.count + old.count }

    private func current(_ account: Account, at now: Instant) -> Entry {
        guard var entry = young[account] ?? old[account] else { return Entry() }
        if now > entry.failedAt + pause(after: entry.failures) + Self.window { entry.failures = 0 }
        return entry
    }

    /// Two generations, as in `RateLimiter`: nothing is looked through, and memory follows those who were wrong lately.
    private mutating func keep(_ entry: Entry, of account: Account, at now: Instant) {
        if now - agedAt >= Self.memory || young.count >= Self.accountsMax / 2 {
            old = young
            young = [:]
            agedAt = now
        }
        old[account] = nil
        young[account] = entry.failures > 0 || entry.trying > 0 ? entry : nil
    }

    private func pause(after failures: Int) -> Microseconds {
        guard let accountMax, failures >= accountMax else { return Microseconds(0) }
        // 2^20 times the shortest first pause is beyond the longest, and far from an overflow.
        return min(Self.longestPause, Microseconds(firstPause.count << min(20, failures - accountMax)))
    }
}

/// The same for all shards.
///
/// `@unchecked Sendable`: the mutable state is only touched with `lock` held.
final class LoginGuard: @unchecked Sendable {
    private let lock = NSLock()
    private var failures: LoginFailures

    init(_ limits: Limits) { failures = LoginFailures(limits) }

    func change<Result>(_ body: (inout LoginFailures) -> Result) -> Result { lock.withLock { body(&failures) } }
}
