import BoxOfficeProtocol
import BoxOfficeTransport
import Testing

@testable import BoxOfficeServer

/// Who has to wait after wrong passwords, as a table.
@Suite struct LoginFailuresTests {
    private static let start = Instant(1_000_000_000_000)
    private static let ann = LoginFailures.Account(name: "ann")
    private static let home = HostAddress(.ipv4(host: 0xC000_0201, port: 1))

    private static func failures(_ change: (inout Limits) -> Void = { _ in }) -> LoginFailures {
        var limits = Limits()
        change(&limits)
        return LoginFailures(limits)
    }

    /// A try that fails, so many seconds after the start: nil, or how many seconds to wait before one is looked at.
    private static func wrong(
        _ failures: inout LoginFailures, _ account: LoginFailures.Account = ann, at seconds: Double,
        from address: HostAddress? = nil
    ) -> Double? {
        let now = start + Microseconds(Int64(seconds * 1_000_000))
        if let refused = failures.began(account, from: address, at: now) {
            return Double(refused.wait.count) / 1_000_000
        }
        failures.failed(account, at: now)
        return nil
    }

    @Test func pausesDoubleFromTheFifthFailureOn() {
        var failures = Self.failures()
        // limit−1, limit: no pause before either; the next one waits.
        for second in [0, 1, 2, 3, 4] { #expect(Self.wrong(&failures, at: Double(second)) == nil) }
        var last = 4.0
        for pause in [30, 60, 120, 240, 480, 900, 900, 900] as [Double] {
            #expect(Self.wrong(&failures, at: last) == pause)
            #expect(Self.wrong(&failures, at: last + pause - 1) == 1, "what was refused does not make it longer")
            last += pause
            #expect(Self.wrong(&failures, at: last) == nil)
        }
        // Others are not concerned.
        #expect(Self.wrong(&failures, .init(name: "bob"), at: last) == nil)
        // And a quarter of an hour after the pause all is forgotten.
        #expect(Self.wrong(&failures, at: last + 900 + 901) == nil)
        #expect(Self.wrong(&failures, at: last + 900 + 902) == nil)
    }

    @Test func fourFailuresAreForgottenAfterAQuarterOfAnHour() {
        var failures = Self.failures()
        for round in 0..<5 {
            for number in 0..<4 {
                #expect(Self.wrong(&failures, at: Double(round) * 1_000 + Double(number)) == nil)
            }
        }
        for second in [5_000, 5_100, 5_800, 6_600, 7_400] as [Double] {
            #expect(Self.wrong(&failures, at: second) == nil)
        }
        #expect(Self.wrong(&failures, at: 7_400) == 30, "no quarter of an hour passed between them")
    }

    @Test func theRightPasswordForgetsThem() {
        var failures = Self.failures()
        for _ in 0..<5 { #expect(Self.wrong(&failures, at: 0) == nil) }
        let after = Self.start + .seconds(30)
        #expect(failures.began(Self.ann, from: nil, at: Self.start)?.limit == .loginFailuresPerAccount)
        #expect(failures.began(Self.ann, from: nil, at: after) == nil)
        failures.succeeded(Self.ann, from: nil, at: after)
        for _ in 0..<5 { #expect(Self.wrong(&failures, at: 31) == nil) }
        #expect(Self.wrong(&failures, at: 31) == 30)
    }

    @Test func triesAtOnceAreNoMoreThanTriesOneAfterTheOther() {
        var failures = Self.failures { $0.loginFailuresPerAddress = RateLimit(burst: 6, intervalMilliseconds: 30_000) }
        for _ in 0..<5 { #expect(failures.began(Self.ann, from: Self.home, at: Self.start) == nil) }
        let one = failures.began(Self.ann, from: Self.home, at: Self.start)
        #expect(one?.limit == .loginFailuresPerAccount && one?.wait == LoginFailures.pauseWhileTrying)
        #expect(failures.began(.init(name: "bob"), from: Self.home, at: Self.start) == nil)
        #expect(failures.began(.init(name: "cid"), from: Self.home, at: Self.start)?.limit == .loginFailuresPerAddress)
        // All were right, or were never looked at: as if nothing had been.
        for _ in 0..<4 { failures.succeeded(Self.ann, from: Self.home, at: Self.start) }
        failures.withdrawn(Self.ann, from: Self.home, at: Self.start)
        failures.withdrawn(.init(name: "bob"), from: Self.home, at: Self.start)
        for _ in 0..<5 { #expect(Self.wrong(&failures, at: 0, from: Self.home) == nil) }
        // After the pause one at a time.
        let after = Self.start + .seconds(40)
        #expect(failures.began(Self.ann, from: nil, at: after) == nil)
        #expect(failures.began(Self.ann, from: nil, at: after)?.wait == LoginFailures.pauseWhileTrying)
    }

    @Test func thirtyFromOneAddressInAQuarterOfAnHour() {
        var failures = Self.failures()
        for number in 0..<30 {
            #expect(Self.wrong(&failures, .init(name: "n\(number)"), at: 0, from: Self.home) == nil)
        }
        #expect(Self.wrong(&failures, .init(name: "x"), at: 0, from: Self.home) == 30)
        let refused = failures.began(.init(name: "x"), from: Self.home, at: Self.start)
        #expect(refused?.limit == .loginFailuresPerAddress)
        #expect(Self.wrong(&failures, .init(name: "x"), at: 0) == nil, "an exempt address")
        #expect(Self.wrong(&failures, .init(name: "y"), at: 30, from: Self.home) == nil)
        #expect(Self.wrong(&failures, .init(name: "y"), at: 30, from: Self.home) == 30)
    }

    @Test func offIsOff() {
        var failures = Self.failures {
            $0.loginFailuresPerAccount = nil
            $0.loginFailuresPerAddress = nil
        }
        for _ in 0..<1_000 { #expect(Self.wrong(&failures, at: 0, from: Self.home) == nil) }
        #expect(failures.accountCount == 0)
    }

    @Test func memoryIsBounded() {
        var failures = Self.failures()
        for number in 0..<300_000 { _ = Self.wrong(&failures, .init(name: "n\(number)"), at: 0) }
        #expect(failures.accountCount <= LoginFailures.accountsMax)
        // And what is over is forgotten.
        for number in 0..<10 { _ = Self.wrong(&failures, .init(name: "m\(number)"), at: 4_000) }
        for number in 0..<10 { _ = Self.wrong(&failures, .init(name: "o\(number)"), at: 8_000) }
        #expect(failures.accountCount <= 20)
    }

    @Test func aMemberWhoChangesThePasswordIsAnotherAccount() {
        var failures = Self.failures()
        for _ in 0..<5 { #expect(Self.wrong(&failures, .init(name: "7"), at: 0) == nil) }
        #expect(Self.wrong(&failures, .init(name: "7"), at: 0) == 30)
        #expect(Self.wrong(&failures, .init(MemberID(7)), at: 0) == nil)
    }
}
