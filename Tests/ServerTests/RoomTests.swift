import BoxOfficeProtocol
import Testing

/// Waiting rooms over sockets: positions, admission, and seats that only those inside may see.
@Suite struct RoomTests {
    @Test func whoWaitsIsToldTheirPlaceAndWhenTheyAreIn() async throws {
        let office = try TestOffice()
        try office.operatorClient().importHall(capacity: 1)
        let concert = ConcertID(1)
        let ann = try office.member("ann")
        let bob = try office.member("bob")
        let cid = try office.member("cid")
        #expect(try ann.ok(JoinQueue(operation: ann.key(), concert: concert)).status == .active)
        #expect(try bob.ok(JoinQueue(operation: bob.key(), concert: concert)).position == 1)
        let last = try cid.ok(JoinQueue(operation: cid.key(), concert: concert))
        #expect(last.status == .waiting && last.position == 2 && last.ahead == 1 && last.waiting == 2)
        // A second connection that watches, and polls.
        let screen = try office.back("cid")
        #expect(try screen.ok(WatchPlace(concert: concert)).token == last.token)
        _ = try bob.ok(SubscribeNotices())
        _ = try ann.ok(LeaveQueue(operation: ann.key(), concert: concert))
        _ = try bob.notice(.admitted)
        var bobs = try bob.ok(GetPlace(concert: concert))
        #expect(bobs.status == .active && bobs.activeUntil != nil)
        repeat {
            guard case .positionChanged(let moved) = try bob.update(.positionChanged) else { return }
            bobs = moved.place
        } while bobs.status == .waiting
        #expect(bobs.status == .active)
        for client in [cid, screen] {
            var place = last
            while place.position != 1 {
                guard case .positionChanged(let moved) = try client.update(.positionChanged) else { return }
                place = moved.place
            }
            #expect(place.ahead == 0 && place.status == .waiting)
        }
        #expect(try cid.ok(GetPlace(concert: concert)).position == 1)
        #expect(try ann.ok(GetPlace(concert: concert)).status == .left)
        await office.stop()
    }

    @Test func seatsAreForThoseInsideWhileSomebodyWaits() async throws {
        let office = try TestOffice()
        try office.operatorClient().importHall(capacity: 1)
        let (concert, date) = (ConcertID(1), PerformanceID(1))
        let guest = try office.guest()
        let ann = try office.member("ann")
        let bob = try office.member("bob")
        for client in [guest, ann, bob] { _ = try client.ok(WatchSeats(performance: date)) }
        _ = try ann.ok(JoinQueue(operation: ann.key(), concert: concert))
        #expect(guest.isQuiet(forMilliseconds: 100))
        _ = try bob.ok(JoinQueue(operation: bob.key(), concert: concert))
        guard case .seatsEnded(let forGuest) = try guest.update(.seatsEnded) else { return }
        #expect(forGuest.code == .loginRequired && forGuest.performance == date)
        guard case .seatsEnded(let forBob) = try bob.update(.seatsEnded) else { return }
        #expect(forBob.code == .queueRequired)
        #expect(try guest.refused(GetSeatMap(performance: date)) == .loginRequired)
        #expect(try bob.refused(WatchSeats(performance: date)) == .queueRequired)
        #expect(try guest.ok(GetPerformance(performance: date)).available == 50)
        // Ann is inside and sees on; whoever runs the box office sees everything.
        _ = try ann.ok(Hold(operation: ann.key(), performance: date, seats: [SeatIndex(3)]))
        guard case .seatsChanged(let changed) = try ann.update(.seatsChanged) else { return }
        #expect(changed.changes.map(\.seat) == [SeatIndex(3)])
        _ = try office.local().ok(GetSeatMap(performance: date))
        // She leaves, Bob is in: now it is he who sees, and everybody, as nobody waits.
        _ = try ann.ok(LeaveQueue(operation: ann.key(), concert: concert))
        _ = try bob.ok(WatchSeats(performance: date))
        _ = try guest.ok(GetSeatMap(performance: date))
        #expect(guest.pushes.isEmpty)
        await office.stop()
    }

    @Test func aPlaceOutlivesConnectionAndServer() async throws {
        let office = try TestOffice()
        try office.operatorClient().importHall(capacity: 1)
        let concert = ConcertID(1)
        let ann = try office.member("ann")
        _ = try ann.ok(JoinQueue(operation: ann.key(), concert: concert))
        var token = TokenID(0)
        do {
            let bob = try office.member("bob")
            token = try bob.ok(JoinQueue(operation: bob.key(), concert: concert)).token
        }
        try await office.restart()
        let bob = try office.back("bob")
        let place = try bob.ok(JoinQueue(operation: bob.key(), concert: concert))
        #expect(place.token == token && place.status == .waiting && place.position == 1)
        await office.stop()
    }

    @Test func roomsAreTunedAndCounted() async throws {
        let office = try TestOffice()
        let operators = try office.operatorClient()
        try operators.importHall(capacity: 5)
        let concert = ConcertID(1)
        let settings = try operators.ok(
            SetRoom(operation: operators.key(), concert: concert, mode: .paused, capacity: 7))
        #expect(settings.mode == .paused && settings.capacity == 7)
        let ann = try office.member("ann")
        let place = try ann.ok(JoinQueue(operation: ann.key(), concert: concert))
        #expect(place.status == .waiting && place.reason == .paused)
        #expect(try operators.ok(GetRoom(concert: concert)).waiting == 1)
        _ = try operators.ok(SetRoom(operation: operators.key(), concert: concert, mode: .open))
        guard case .positionChanged(let admitted) = try ann.update(.positionChanged) else { return }
        #expect(admitted.place.status == .active)
        let figures = try operators.ok(GetFigures())
        #expect(figures.members == 2 && figures.membersConnected == 2 && figures.rooms.map(\.active) == [1])
        #expect(figures.connections == 2 && figures.commits > 0 && figures.facts >= figures.commits)
        #expect(
            try operators.refused(SetRoom(operation: operators.key(), concert: concert, activeSeconds: 1))
                == .badRequest)
        await office.stop()
    }
}
