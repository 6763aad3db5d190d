import BoxOfficeProtocol
import BoxOfficeServer
import Testing

/// Limits on joins, polls and sign-ups over sockets. They are so slow here that nothing comes free while a test runs.
@Suite struct RateTests {
    /// This machine's other address.
    static let elsewhere = "127.0.0.2"
    private static func few(_ burst: UInt32) -> RateLimit { RateLimit(burst: burst, intervalMilliseconds: 3_600_000) }

    private func limitedOffice(_ set: @escaping (inout RateLimits) -> Void) throws -> TestOffice {
        let office = try TestOffice { configuration in
            configuration.rates.exemptsLoopback = false
            set(&configuration.rates)
        }
        try office.operatorClient().importHall(capacity: 1)
        return office
    }

    /// The outcome of a request: nil when it was answered with a response.
    private func outcome(_ client: RawClient, _ message: some RequestMessage) throws -> RefusalCode? {
        guard case .failure(let refusal) = try client.call(message) else { return nil }
        if refusal.code == .rateLimited {
            #expect(refusal.retry == .afterDelay && refusal.outcome == .notExecuted)
            #expect((3_000_000...3_600_000).contains(refusal.retryAfterMilliseconds))
        }
        return refusal.code
    }

    @Test func aMembersDevicesShareTheMembersLimits() async throws {
        let office = try limitedOffice {
            $0.joinsPerMember = Self.few(3)
            $0.pollsPerMember = Self.few(2)
        }
        let concert = ConcertID(1)
        let ann = try office.member("ann")
        let phone = try office.back("ann")
        let bob = try office.member("bob")
        let key = ann.key()
        let first = try ann.ok(JoinQueue(operation: key, concert: concert))
        // A retry counts, and so does joining with a place: neither is free of work.
        #expect(try outcome(ann, JoinQueue(operation: key, concert: concert)) == nil)
        #expect(try phone.ok(JoinQueue(operation: phone.key(), concert: concert)).token == first.token)
        for client in [ann, phone] {
            #expect(try outcome(client, JoinQueue(operation: client.key(), concert: concert)) == .rateLimited)
        }
        // Before the key and the concert are looked at, after the arguments and the role.
        #expect(try outcome(ann, JoinQueue(operation: key, concert: concert)) == .rateLimited)
        #expect(try outcome(ann, JoinQueue(operation: ann.key(), concert: ConcertID(9))) == .rateLimited)
        #expect(try outcome(bob, JoinQueue(operation: bob.key(), concert: ConcertID(9))) == .unknownConcert)
        #expect(try outcome(office.guest(), JoinQueue(operation: ann.key(), concert: concert)) == .loginRequired)
        #expect(try bob.ok(JoinQueue(operation: bob.key(), concert: concert)).position == 1)
        #expect(try outcome(ann, GetPlace(concert: concert)) == nil)
        #expect(try outcome(phone, GetPlace(concert: concert)) == nil)
        #expect(try outcome(ann, GetPlace(concert: concert)) == .rateLimited)
        #expect(try outcome(phone, GetPlace(concert: concert)) == .rateLimited)
        #expect(try outcome(bob, GetPlace(concert: concert)) == nil)
        // What was refused cost nothing, and the connection goes on.
        #expect(try ann.ok(LeaveQueue(operation: ann.key(), concert: concert)).status == .left)
        #expect(try bob.ok(GetPlace(concert: concert)).status == .active)
        await office.stop()
    }

    @Test func membersAtOneAddressShareTheAddressLimits() async throws {
        let office = try limitedOffice {
            $0.joinsPerAddress = Self.few(2)
            $0.pollsPerAddress = Self.few(3)
        }
        let concert = ConcertID(1)
        let ann = try office.member("ann")
        let bob = try office.member("bob")
        let cid = try office.guest(from: Self.elsewhere)
        _ = try cid.signUp("cid")
        _ = try cid.logIn("cid")
        for client in [ann, bob] {
            #expect(try outcome(client, JoinQueue(operation: client.key(), concert: concert)) == nil)
        }
        #expect(try outcome(ann, JoinQueue(operation: ann.key(), concert: concert)) == .rateLimited)
        #expect(try outcome(cid, JoinQueue(operation: cid.key(), concert: concert)) == nil)
        let polls: [(RawClient, RefusalCode?)] = [(ann, nil), (bob, nil), (bob, nil), (ann, .rateLimited), (cid, nil)]
        for (client, code) in polls {
            #expect(try outcome(client, GetPlace(concert: concert)) == code)
        }
        await office.stop()
    }

    @Test func signUpsAreLimitedByAddress() async throws {
        let office = try limitedOffice {
            $0.signUpsPerAddress = Self.few(2)
            $0.exemptNetworks = [Network("127.0.0.3")!]
        }
        func signUp(_ name: String, _ client: RawClient) throws -> RefusalCode? {
            try outcome(client, SignUp(operation: client.key(), name: name, password: Secret("correct horse")))
        }
        let guest = try office.guest()
        #expect(try signUp("ann", guest) == nil)
        // A name that is taken counts, one that cannot be does not.
        #expect(try signUp("\n", guest) == .badName)
        #expect(try signUp("ann", office.guest()) == .nameTaken)
        #expect(try signUp("bob", guest) == .rateLimited)
        #expect(try signUp("bob", office.guest()) == .rateLimited)
        #expect(try signUp("\n", guest) == .badName)
        #expect(try signUp("cid", office.guest(from: Self.elsewhere)) == nil)
        // Exempt: a network named so, and the socket in the data directory.
        let exempt = try office.guest(from: "127.0.0.3")
        let local = try office.local()
        for number in 1...3 {
            #expect(try signUp("exempt-\(number)", exempt) == nil)
            #expect(try signUp("local-\(number)", local) == nil)
        }
        await office.stop()
    }

    @Test func thisMachineIsExemptUnlessToldOtherwise() async throws {
        let office = try TestOffice {
            $0.rates.signUpsPerAddress = Self.few(1)
            $0.rates.joinsPerAddress = Self.few(1)
        }
        try office.operatorClient().importHall()
        for name in ["ann", "bob", "cid"] {
            let client = try office.member(name)
            #expect(try outcome(client, JoinQueue(operation: client.key(), concert: ConcertID(1))) == nil)
        }
        await office.stop()
    }

    @Test func whoWaitsAsLongAsToldPasses() async throws {
        let office = try limitedOffice { $0.pollsPerMember = RateLimit(burst: 1, intervalMilliseconds: 100) }
        let ann = try office.member("ann")
        _ = try ann.ok(JoinQueue(operation: ann.key(), concert: ConcertID(1)))
        for _ in 1...5 {
            guard case .failure(let refusal) = try ann.call(GetPlace(concert: ConcertID(1))) else { continue }
            #expect(refusal.code == .rateLimited && (1...100).contains(refusal.retryAfterMilliseconds))
            try await Task.sleep(for: .milliseconds(Int(refusal.retryAfterMilliseconds)))
            _ = try ann.ok(GetPlace(concert: ConcertID(1)))
        }
        await office.stop()
    }
}
