import BoxOfficeProtocol
import Testing

/// Requests that are whole and wrong: each gets its documented refusal, and the connection lives on.
@Suite struct BadInputTests {
    @Test func pointsThatCannotBe() async throws {
        let office = try TestOffice()
        let ann = try office.member("ann")
        for amount in [0, -1, .min, .max, 10_000_001] as [Int64] {
            #expect(try ann.refused(Charge(operation: ann.key(), amount: Points(amount))) == .badAmount, "\(amount)")
        }
        #expect(try ann.ok(GetBalance()).balance == Points(0))
        await office.stop()
    }

    @Test func aBalanceDoesNotOverflow() async throws {
        let office = try TestOffice { $0.chargeMax = .max }
        let ann = try office.member("ann")
        #expect(try ann.ok(Charge(operation: ann.key(), amount: Points(.max))).balance == Points(.max))
        #expect(try ann.refused(Charge(operation: ann.key(), amount: Points(1))) == .badAmount)
        #expect(try ann.ok(GetBalance()).balance == Points(.max))
        await office.stop()
    }

    @Test func seatsThatCannotBeHeld() async throws {
        let office = try TestOffice()
        try office.operatorClient().importHall()
        let ann = try office.member("ann")
        let date = PerformanceID(1)
        func hold(_ seats: [UInt32], of performance: PerformanceID = date) throws -> Refusal? {
            let hold = Hold(operation: ann.key(), performance: performance, seats: seats.map { SeatIndex($0) })
            if case .failure(let refusal) = try ann.call(hold) { return refusal }
            return nil
        }
        #expect(try hold([1])?.code == .queueRequired)
        _ = try ann.ok(JoinQueue(operation: ann.key(), concert: ConcertID(1)))
        #expect(try hold([])?.code == .badRequest)
        let twice = try hold([3, 4, 3])
        #expect(twice?.code == .badRequest && twice?.seats == [SeatIndex(3)])
        #expect(try hold(Array(0..<101))?.code == .badRequest)
        #expect(try hold([1], of: PerformanceID(99))?.code == .unknownPerformance)
        let unknown = try hold([1, 50, .max])
        #expect(unknown?.code == .unknownSeat && unknown?.seats == [SeatIndex(50), SeatIndex(.max)])
        #expect(try hold([0, 1, 2, 3, 4])?.code == .seatLimit)
        #expect(try hold([0, 1]) == nil)
        let taken = try hold([1, 2])
        #expect(taken?.code == .seatTaken && taken?.seats == [SeatIndex(1)])
        #expect(try ann.refused(GetPerformance(performance: PerformanceID(99))) == .unknownPerformance)
        #expect(try ann.refused(GetPerformances(concert: ConcertID(99))) == .unknownConcert)
        #expect(try ann.refused(GetHall(performance: date, fromRow: 5)) == .badRequest)
        #expect(try ann.refused(FindSeats(performance: date, labels: [])) == .badRequest)
        let find = FindSeats(performance: date, labels: ["1-1", "9-9", "x"])
        let names = try decoded(Refusal.self, ann.answer(to: ann.request(find)))
        #expect(names.code == .unknownSeat && names.labels == ["9-9", "x"])
        await office.stop()
    }

    @Test func otherPeoplesReservationsDoNotExist() async throws {
        let office = try TestOffice()
        try office.operatorClient().importHall()
        let ann = try office.member("ann")
        let bob = try office.member("bob")
        for client in [ann, bob] { _ = try client.ok(JoinQueue(operation: client.key(), concert: ConcertID(1))) }
        let held = try ann.ok(Hold(operation: ann.key(), performance: PerformanceID(1), seats: [SeatIndex(0)]))
        let id = held.reservation.reservation
        #expect(try bob.refused(GetReservation(reservation: id)) == .unknownReservation)
        #expect(try bob.refused(Pay(operation: bob.key(), reservation: id)) == .unknownReservation)
        #expect(try bob.refused(Release(operation: bob.key(), reservation: id)) == .unknownReservation)
        #expect(try bob.ok(GetReservations(before: ReservationID(0), limit: 10)).reservations.isEmpty)
        // Numbers of others between one's own pages do no harm.
        #expect(try bob.ok(GetReservations(before: id, limit: 10)).reservations.isEmpty)
        #expect(try bob.refused(GetBalance(member: MemberID(1))) == .notAllowed)
        #expect(try ann.refused(Pay(operation: ann.key(), reservation: id)) == .insufficientPoints)
        await office.stop()
    }

    @Test func operationKeysAreSettled() async throws {
        let office = try TestOffice()
        let ann = try office.member("ann")
        let key = ann.key()
        let first = try ann.ok(Charge(operation: key, amount: Points(5)))
        let again = try ann.answer(to: try ann.request(Charge(operation: key, amount: Points(5))))
        #expect(again.header.flags == .replayed)
        #expect(try decoded(Charged.self, again) == first)
        #expect(try ann.refused(Charge(operation: key, amount: Points(6))) == .operationReused)
        let ahead = OperationKey(at: ann.welcome!.now + .seconds(400), random: DeploymentID.random().rawValue)
        #expect(try ann.refused(Charge(operation: ahead, amount: Points(5))) == .badOperationKey)
        let noKey = OperationKey(Bytes16(high: 1, low: 2))
        #expect(try ann.refused(Charge(operation: noKey, amount: Points(5))) == .badOperationKey)
        // Another member may have the same key.
        let bob = try office.member("bob")
        #expect(try bob.ok(Charge(operation: key, amount: Points(7))).balance == Points(7))
        #expect(try ann.ok(GetBalance()).balance == Points(5))
        await office.stop()
        try await office.restart()
        let back = try office.back("ann")
        #expect(try back.ok(Charge(operation: key, amount: Points(5))) == first)
        await office.stop()
    }

    @Test func signUpIsSettledByItsKeyToo() async throws {
        let office = try TestOffice()
        let client = try office.guest()
        let signUp = SignUp(operation: client.key(), name: "ann", password: Secret("correct horse"))
        let account = try client.ok(signUp)
        let again = try client.answer(to: try client.request(signUp))
        #expect(again.header.flags == .replayed)
        #expect(try decoded(Account.self, again) == account)
        let other = SignUp(operation: client.key(), name: "ＡＮＮ", password: Secret("correct horse"))
        #expect(try client.refused(other) == .nameTaken)
        #expect(try client.refused(LogIn(name: "ann", password: Secret("wrong"), device: "")) == .badCredentials)
        #expect(try client.refused(LogIn(name: "nobody", password: Secret("wrong"), device: "")) == .badCredentials)
        #expect(try client.refused(LogIn(name: "", password: Secret(""), device: "")) == .badCredentials)
        await office.stop()
    }
}
