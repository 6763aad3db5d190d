import BoxOfficeProtocol
import Foundation
import Testing

/// Notices over sockets: on every device, in order, once, and none lost.
@Suite struct NoticeTests {
    static func charges(_ client: RawClient, _ count: Int) throws {
        for _ in 0..<count { _ = try client.ok(Charge(operation: client.key(), amount: Points(1))) }
    }

    @Test func everyConnectionOfTheMemberSeesTheSame() async throws {
        let office = try TestOffice()
        let first = try office.member("ann")
        let second = try office.back("ann")
        let other = try office.member("bob")
        for client in [first, second, other] {
            let subscribed = try client.ok(SubscribeNotices())
            #expect(subscribed.acknowledged == subscribed.newest)
            #expect(try client.push(.replayed).header.id == subscribed.newest)
        }
        try Self.charges(first, 3)
        for client in [first, second] {
            for sequence in 1...3 as ClosedRange<UInt64> {
                let (number, notice, isReplay) = try client.notice(.pointsCharged)
                #expect(number == sequence && !isReplay)
                if case .pointsCharged(let charged) = notice { #expect(charged.balance == Points(Int64(sequence))) }
            }
        }
        #expect(other.isQuiet(forMilliseconds: 100) && other.pushes.isEmpty)
        await office.stop()
    }

    @Test func whatWasMissedComesWhenOneIsBack() async throws {
        let office = try TestOffice()
        let ann = try office.guest()
        _ = try ann.signUp("ann")
        let token = try ann.logIn("ann").session
        _ = try ann.ok(SubscribeNotices())
        _ = try ann.push(.replayed)
        try Self.charges(ann, 2)
        _ = try ann.notice(.pointsCharged)
        _ = try ann.notice(.pointsCharged)
        try ann.send(Frame.bare(.ack, id: 1))
        let helper = try office.back("ann")
        try Self.charges(helper, 2)
        // Back with the token: 2 again, 3 and 4 for the first time, all flagged.
        let back = try RawClient(office.address)
        #expect(try back.hello(token: token).resumed == .resumed)
        let subscribed = try back.ok(SubscribeNotices())
        #expect(subscribed.acknowledged == 1 && subscribed.newest == 4)
        for sequence in 2...4 as ClosedRange<UInt64> {
            let (number, _, isReplay) = try back.notice(.pointsCharged)
            #expect(number == sequence && isReplay)
        }
        #expect(try back.push(.replayed).header.id == 4)
        try Self.charges(back, 1)
        let (number, _, isReplay) = try back.notice(.pointsCharged)
        #expect(number == 5 && !isReplay)
        await office.stop()
    }

    @Test func noticesOutliveTheServer() async throws {
        let office = try TestOffice()
        let ann = try office.guest()
        _ = try ann.signUp("ann")
        let token = try ann.logIn("ann").session
        _ = try ann.ok(SubscribeNotices())
        try Self.charges(ann, 3)
        try await office.restart()
        let back = try RawClient(office.address)
        #expect(try back.hello(token: token).resumed == .resumed)
        #expect(try back.ok(SubscribeNotices()).newest == 3)
        for _ in 1...3 { #expect(try back.notice(.pointsCharged).isReplay) }
        _ = try back.push(.replayed)
        await office.stop()
    }

    @Test func theWindowWaitsForAcks() async throws {
        let office = try TestOffice()
        let ann = try office.member("ann")
        let watcher = try office.back("ann")
        _ = try watcher.ok(SubscribeNotices())
        _ = try watcher.push(.replayed)
        try Self.charges(ann, 300)
        for sequence in 1...256 as ClosedRange<UInt64> {
            #expect(try watcher.notice(.pointsCharged).sequence == sequence)
        }
        #expect(watcher.isQuiet(forMilliseconds: 200))
        try watcher.send(Frame.bare(.ack, id: 256))
        for sequence in 257...300 as ClosedRange<UInt64> {
            let (number, _, isReplay) = try watcher.notice(.pointsCharged)
            #expect(number == sequence && !isReplay)
        }
        await office.stop()
    }

    @Test func anAckAheadIsAViolation() async throws {
        let office = try TestOffice()
        let ann = try office.member("ann")
        _ = try ann.ok(SubscribeNotices())
        try Self.charges(ann, 1)
        _ = try ann.notice(.pointsCharged)
        try ann.send(Frame.bare(.ack, id: 1) + Frame.bare(.ack, id: 2))
        #expect(try ann.goAwayAndClose() == .protocolViolation)
        await office.stop()
    }

    @Test func forgottenNoticesLeaveAGap() async throws {
        let office = try TestOffice()
        let ann = try office.guest()
        _ = try ann.signUp("ann")
        let token = try ann.logIn("ann").session
        _ = try ann.ok(SubscribeNotices())
        try Self.charges(ann, 100)
        for _ in 1...100 { _ = try ann.notice(.pointsCharged) }
        // All sessions that subscribed have acknowledged, so the rows go; another session then asks for them.
        let other = try office.back("ann")
        try ann.send(Frame.bare(.ack, id: 100))
        _ = try ann.ok(GetBalance())
        #expect(try other.ok(SubscribeNotices()).newest == 100)
        let back = try RawClient(office.address)
        try back.hello(token: token)
        #expect(try back.ok(SubscribeNotices()).acknowledged == 100)
        #expect(try back.push(.replayed).header.id == 100)
        await office.stop()
    }

    @Test func subscribingAgainBeginsAtTheCursor() async throws {
        let office = try TestOffice()
        let ann = try office.member("ann")
        _ = try ann.ok(SubscribeNotices())
        _ = try ann.push(.replayed)
        try Self.charges(ann, 2)
        for _ in 1...2 { _ = try ann.notice(.pointsCharged) }
        _ = try ann.ok(UnsubscribeNotices())
        try Self.charges(ann, 1)
        #expect(ann.isQuiet(forMilliseconds: 100) && ann.pushes.isEmpty)
        #expect(try ann.ok(SubscribeNotices()).newest == 3)
        for sequence in 1...3 as ClosedRange<UInt64> {
            let (number, _, isReplay) = try ann.notice(.pointsCharged)
            #expect(number == sequence && isReplay)
        }
        _ = try ann.push(.replayed)
        await office.stop()
    }

    @Test func aHoldThatIsNotPaidIsToldToEverybody() async throws {
        let office = try TestOffice {
            $0.holdSeconds = 2
            $0.holdWarningSeconds = 1
        }
        try office.operatorClient().importHall()
        let ann = try office.member("ann")
        let date = PerformanceID(1)
        _ = try ann.ok(SubscribeNotices())
        _ = try ann.ok(JoinQueue(operation: ann.key(), concert: ConcertID(1)))
        let watcher = try office.guest()
        let before = try watcher.ok(WatchSeats(performance: date))
        let held = try ann.ok(Hold(operation: ann.key(), performance: date, seats: [SeatIndex(7)]))
        #expect(held.remainingMilliseconds <= 2_000)
        guard case .seatsChanged(let taken) = try watcher.update(.seatsChanged) else { return }
        #expect(taken.fromVersion == before.version && taken.available == 49)
        #expect(taken.changes == [SeatChange(seat: SeatIndex(7), status: .held)])
        _ = try ann.notice(.holdEnding)
        guard case .holdExpired(let expired) = try ann.notice(.holdExpired).notice else { return }
        #expect(expired.reservation.status == .expired)
        let late = Date().timeIntervalSince1970 * 1_000_000 - Double(held.reservation.expiresAt.rawValue)
        #expect(late < 5_000_000)  // 0.1 s is promised; a busy machine may be slow to run this test.
        guard case .seatsChanged(let freed) = try watcher.update(.seatsChanged) else { return }
        #expect(freed.fromVersion == taken.toVersion && freed.available == 50)
        #expect(freed.changes == [SeatChange(seat: SeatIndex(7), status: .available)])
        #expect(try ann.refused(Pay(operation: ann.key(), reservation: held.reservation.reservation)) == .holdExpired)
        await office.stop()
    }
}
