import BoxOfficeProtocol
import Testing

/// What operators decide about a waiting room, over sockets.
@Suite struct PolicyTests {
    let concert = ConcertID(1)
    let date = PerformanceID(1)

    private func set(_ operators: RawClient, _ change: (inout SetRoom) -> Void) throws -> RoomSettings {
        var request = SetRoom(operation: operators.key(), concert: concert)
        change(&request)
        return try operators.ok(request)
    }

    private func join(_ client: RawClient) throws -> Place {
        try client.ok(JoinQueue(operation: client.key(), concert: concert))
    }

    private func refusedToJoin(_ client: RawClient) throws -> RefusalCode? {
        try client.refused(JoinQueue(operation: client.key(), concert: concert))
    }

    /// The first update of the place that is like this.
    private func place(_ client: RawClient, where isWanted: (Place) -> Bool) throws -> Place {
        while true {
            guard case .positionChanged(let moved) = try client.update(.positionChanged) else { continue }
            if isWanted(moved.place) { return moved.place }
        }
    }

    @Test func theSeedIsToldOnceTheOrderIsDrawn() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        try operators.importHall(capacity: 1)
        let opensAt = try office.guest().welcome!.now + .seconds(3_600)
        #expect(try set(operators) { $0.opensAt = opensAt }.opensAt == opensAt)
        let members = try ["ann", "bob", "cid"].map { try office.member($0) }
        let tickets = try members.map { client in
            let place = try join(client)
            #expect(place.status == .waiting && place.position == 0 && place.rank == nil)
            #expect(place.reason == .notOpen && place.opensAt == opensAt)
            return place.ticket
        }
        #expect(tickets == [0, 1, 2])
        let guest = try office.guest()
        let before = try guest.ok(GetDraw(concert: concert))
        #expect(before.seed == nil && before.drawnAt == nil && before.tickets == 3 && before.opensAt == opensAt)
        #expect(try guest.refused(GetDraw(concert: ConcertID(9))) == .unknownConcert)
        try await office.restart()
        // It opens: the seed is told, and is the one that was committed to.
        let operatorsAgain = try office.back("operator")
        _ = try set(operatorsAgain) { $0.opensAt = .distantPast }
        let after = try office.guest().ok(GetDraw(concert: concert))
        let seed = try #require(after.seed)
        #expect(after.tickets == 3 && after.drawnAt != nil)
        #expect(after.commitment == before.commitment && seed.commitment == before.commitment)
        let order = DrawOrder(seed: seed, tickets: 3)
        for (name, ticket) in zip(["ann", "bob", "cid"], tickets) {
            let place = try office.back(name).ok(GetPlace(concert: concert))
            #expect(place.rank == order.rank(of: ticket))
            #expect((place.status == .active) == (place.rank == 0))
        }
        await office.stop()
    }

    @Test func aMemberIsRemovedBarredAndAllowedAgain() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        try operators.importHall(capacity: 1)
        let ann = try office.member("Ann")
        let bob = try office.member("bob")
        _ = try ann.ok(SubscribeNotices())
        let token = try join(ann).token
        _ = try ann.ok(Hold(operation: ann.key(), performance: date, seats: [SeatIndex(3)]))
        #expect(try join(bob).position == 1)
        #expect(try operators.ok(GetPerformance(performance: date)).available == 49)
        let removal = RemoveMember(
            operation: operators.key(), concert: concert, name: "ANN", reason: "A robot", bar: true)
        let change = try operators.ok(removal)
        #expect(change.subject == .barred && change.member == "Ann" && change.reason == "A robot")
        #expect(change.by == "operator" && change.from == "active" && change.to == "removed")
        guard case .tokenRemoved(let told) = try ann.notice(.tokenRemoved).notice else { return }
        #expect(told.token == token && told.reason == "A robot" && told.isBarred)
        #expect(try ann.ok(GetPlace(concert: concert)).status == .removed)
        #expect(try operators.ok(GetPerformance(performance: date)).available == 50)
        #expect(try place(bob) { $0.status == .active }.position == 0)
        #expect(try refusedToJoin(ann) == .barred)
        // A retry is the same removal; another one finds nobody to remove.
        #expect(try operators.ok(removal) == change)
        let key = { operators.key() }
        let again = RemoveMember(operation: key(), concert: concert, name: "Ann", reason: "x", bar: false)
        #expect(try operators.refused(again) == .notQueued)
        let nobody = RemoveMember(operation: key(), concert: concert, name: "nobody", reason: "x", bar: true)
        #expect(try operators.refused(nobody) == .unknownMember)
        let noReason = RemoveMember(operation: key(), concert: concert, name: "bob", reason: "", bar: true)
        #expect(try operators.refused(noReason) == .badRequest)
        #expect(try bob.refused(removal) == .notAllowed)
        // Barred also after a restart, until she is allowed.
        try await office.restart()
        let operatorsAgain = try office.back("operator")
        let annAgain = try office.back("ann")
        #expect(try refusedToJoin(annAgain) == .barred)
        func allow(_ name: String) -> AllowMember {
            AllowMember(operation: operatorsAgain.key(), concert: concert, name: name, reason: "A mistake")
        }
        #expect(try operatorsAgain.refused(allow("bob")) == .notBarred)
        #expect(try operatorsAgain.ok(allow("ann")).subject == .allowed)
        #expect(try join(annAgain).status == .waiting)
        await office.stop()
    }

    @Test func everyChangeIsOnRecord() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        try operators.importHall(capacity: 5)
        _ = try office.member("ann")
        _ = try set(operators) {
            $0.mode = .paused
            $0.message = "Back at nine"
            $0.capacity = 5
        }
        let local = try office.local()
        _ = try set(local) { $0.admissionsPerMinute = 60 }
        _ = try operators.ok(
            RemoveMember(operation: operators.key(), concert: concert, name: "ann", reason: "A robot", bar: true))
        func page(_ before: RoomChangeID, _ limit: UInt16) throws -> RoomChangePage {
            try operators.ok(GetRoomChanges(concert: concert, before: before, limit: limit))
        }
        // Newest first; the capacity was not changed, and is not among them.
        let all = try page(RoomChangeID(0), 500)
        #expect(!all.more)
        #expect(
            all.changes.map { "\($0.by ?? "local") \($0.subject.name) \($0.from)>\($0.to) \($0.member ?? "")" } == [
                "operator barred >removed ann", "local admissionsPerMinute 0>60 ",
                "operator message >Back at nine ", "operator mode open>paused ",
            ])
        #expect(all.changes[0].reason == "A robot" && all.changes[1].reason == nil)
        #expect(zip(all.changes, all.changes.dropFirst()).allSatisfy { $0.at >= $1.at && $0.change > $1.change })
        let first = try page(RoomChangeID(0), 3)
        #expect(first.more && first.changes == Array(all.changes.prefix(3)))
        let second = try page(first.changes[2].change, 3)
        #expect(!second.more && second.changes == [all.changes[3]])
        #expect(try page(all.changes[3].change, 1).changes.isEmpty)
        let refusals: [(RawClient, GetRoomChanges, RefusalCode)] = [
            (try office.back("ann"), GetRoomChanges(concert: concert, before: RoomChangeID(0), limit: 1), .notAllowed),
            (try office.guest(), GetRoomChanges(concert: concert, before: RoomChangeID(0), limit: 1), .loginRequired),
            (operators, GetRoomChanges(concert: ConcertID(9), before: RoomChangeID(0), limit: 1), .unknownConcert),
            (operators, GetRoomChanges(concert: concert, before: RoomChangeID(0), limit: 0), .badRequest),
            (operators, GetRoomChanges(concert: concert, before: RoomChangeID(0), limit: 501), .badRequest),
        ]
        for (client, request, code) in refusals { #expect(try client.refused(request) == code) }
        try await office.restart()
        let operatorsAgain = try office.back("operator")
        let kept = try operatorsAgain.ok(GetRoomChanges(concert: concert, before: RoomChangeID(0), limit: 500))
        #expect(kept.changes == all.changes)
        await office.stop()
    }

    /// Values at a bound, beyond it, and the path that is named then.
    static let bounds: [(path: String, set: @Sendable (inout SetRoom, Int) -> Void, fit: [Int], beyond: [Int])] = [
        ("capacity", { $0.capacity = UInt32($1) }, [0, 1_000_000], [1_000_001, 4_294_967_295]),
        ("admissionsPerMinute", { $0.admissionsPerMinute = UInt32($1) }, [0, 1, 600_000], [600_001]),
        ("activeSeconds", { $0.activeSeconds = UInt32($1) }, [10, 86_400], [0, 9, 86_401]),
        ("idleSeconds", { $0.idleSeconds = UInt32($1) }, [0, 10, 86_400], [1, 9, 86_401]),
        ("callWindowSeconds", { $0.callWindowSeconds = UInt32($1) }, [0, 86_400], [86_401]),
        ("message", { $0.message = String(repeating: "x", count: $1) }, [0, 500], [501]),
        ("mode", { $0.mode = RoomMode(rawValue: UInt8($1)) }, [0, 1, 2, 3], [4, 255]),
        ("opensAt", { $0.opensAt = Instant(Int64($1)) }, [.min, 0, .max], []),
    ]

    @Test func policiesHaveBounds() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        try operators.importHall()
        for (path, change, fit, beyond) in Self.bounds {
            for value in fit {
                let settings = try set(operators) { change(&$0, value) }
                #expect(try operators.ok(GetRoom(concert: concert)).settings == settings, "\(path) \(value)")
            }
            for value in beyond {
                var request = SetRoom(operation: operators.key(), concert: concert)
                change(&request, value)
                guard case .failure(let refusal) = try operators.call(request) else {
                    Issue.record("\(path) \(value) was taken")
                    continue
                }
                #expect(refusal.code == .badRequest && refusal.path == path, "\(path) \(value)")
            }
        }
        #expect(
            try operators.refused(SetRoom(operation: operators.key(), concert: concert, message: "\u{1B}[2J"))
                == .badRequest)
        #expect(try operators.refused(SetRoom(operation: operators.key(), concert: ConcertID(9))) == .unknownConcert)
        await office.stop()
    }

    @Test func aDrainingRoomTakesNobodyAndThoseInsideFinish() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        try operators.importHall(price: 0, capacity: 1)
        let ann = try office.member("ann")
        let bob = try office.member("bob")
        #expect(try join(ann).status == .active)
        let bobs = try join(bob)
        _ = try set(operators) { $0.mode = .draining }
        #expect(try place(bob) { $0.reason == .draining }.token == bobs.token)
        #expect(try refusedToJoin(office.member("cid")) == .queueClosed)
        // Who has a place keeps it, and who is inside finishes.
        #expect(try join(bob).token == bobs.token)
        let held = try ann.ok(Hold(operation: ann.key(), performance: date, seats: [SeatIndex(0)]))
        _ = try ann.ok(Pay(operation: ann.key(), reservation: held.reservation.reservation))
        #expect(try ann.ok(GetPlace(concert: concert)).status == .completed)
        #expect(try bob.ok(GetPlace(concert: concert)).status == .waiting)
        #expect(try refusedToJoin(ann) == .queueClosed)
        _ = try set(operators) { $0.mode = .open }
        #expect(try place(bob) { $0.status == .active }.token == bobs.token)
        await office.stop()
    }

    @Test func aPauseAndItsMessageReachThoseWhoWait() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        try operators.importHall(capacity: 1)
        let ann = try office.member("ann")
        let bob = try office.member("bob")
        _ = try join(ann)
        #expect(try join(bob).message == nil)
        _ = try set(operators) {
            $0.mode = .paused
            $0.message = "The hall is being checked"
        }
        let paused = try place(bob) { $0.reason == .paused }
        #expect(paused.message == "The hall is being checked" && paused.position == 1)
        _ = try ann.ok(LeaveQueue(operation: ann.key(), concert: concert))
        #expect(try bob.ok(GetPlace(concert: concert)).status == .waiting)
        let settings = try set(operators) {
            $0.mode = .open
            $0.message = ""
        }
        #expect(settings.message == nil)
        #expect(try place(bob) { $0.status == .active }.message == nil)
        await office.stop()
    }

    @Test func aRoomOfModeQueueShowsItsSeatsToThoseInsideOnly() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        try operators.importHall(capacity: 5)
        let guest = try office.guest()
        let ann = try office.member("ann")
        let bob = try office.member("bob")
        #expect(try join(ann).status == .active)
        for client in [guest, ann, bob] { _ = try client.ok(WatchSeats(performance: date)) }
        _ = try set(operators) { $0.mode = .queue }
        guard case .seatsEnded(let forGuest) = try guest.update(.seatsEnded) else { return }
        #expect(forGuest.code == .loginRequired)
        guard case .seatsEnded(let forBob) = try bob.update(.seatsEnded) else { return }
        #expect(forBob.code == .queueRequired)
        #expect(try guest.refused(GetSeatMap(performance: date)) == .loginRequired)
        #expect(try bob.refused(GetSeatMap(performance: date)) == .queueRequired)
        // Ann's watch goes on, and Bob's begins with his turn, which comes at once.
        #expect(try join(bob).status == .active)
        _ = try bob.ok(WatchSeats(performance: date))
        _ = try bob.ok(Hold(operation: bob.key(), performance: date, seats: [SeatIndex(7)]))
        guard case .seatsChanged(let changed) = try ann.update(.seatsChanged) else { return }
        #expect(changed.changes.map(\.seat) == [SeatIndex(7)])
        // Also when nobody is there at all; open again, everybody sees them.
        for client in [ann, bob] { _ = try client.ok(LeaveQueue(operation: client.key(), concert: concert)) }
        #expect(try ann.refused(GetSeatMap(performance: date)) == .queueRequired)
        _ = try set(operators) { $0.mode = .open }
        for client in [guest, ann, bob] { _ = try client.ok(GetSeatMap(performance: date)) }
        await office.stop()
    }
}
