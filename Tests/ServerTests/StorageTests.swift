import BoxOfficeProtocol
import Foundation
import PowerLoss
import SimulatedDisk
import Testing

/// A disk that is full or fails, under a server that stays up, or stops when it must.
@Suite struct StorageTests {
    /// Asks until the answer is a good one.
    static func retried<Message: RequestMessage>(_ client: RawClient, _ message: Message) throws -> Message.Response {
        for _ in 0..<200 {
            if case .success(let response) = try client.call(message) { return response }
            usleep(100_000)
        }
        return try client.ok(message)
    }

    @Test func aFullDiskRefusesChangesAndNothingElse() async throws {
        let office = try TestOffice(onDisk: { _ in })
        let ann = try office.guest()
        _ = try ann.signUp("ann")
        let token = try ann.logIn("ann").session
        _ = try ann.ok(SubscribeNotices())
        _ = try ann.ok(Charge(operation: ann.key(), amount: Points(5)))
        office.disk!.fail(simulated_disk_short_write, only: "-wal")
        defer { office.disk!.mend() }
        let key = ann.key()
        for _ in 0..<2 {
            let refusal = try decoded(
                Refusal.self, ann.answer(to: ann.request(Charge(operation: key, amount: Points(7)))))
            #expect(refusal.code == .storageFull && refusal.retry == .afterDelay && refusal.retryAfterMilliseconds > 0)
        }
        // Questions are answered, here and elsewhere.
        #expect(try ann.ok(GetBalance()).balance == Points(5))
        #expect(try ann.ok(WhoAmI()).name == "ann")
        #expect(try ann.ok(GetLedger(before: LedgerEntryID(0), limit: 5)).entries.count == 1)
        _ = try ann.ok(GetConcerts(after: ConcertID(0), limit: 5))
        let guest = try office.guest()
        #expect(try guest.refused(LogIn(name: "ann", password: Secret("correct horse"), device: "")) == .storageFull)
        let signUp = SignUp(operation: guest.key(), name: "bob", password: Secret("correct horse"))
        #expect(try guest.refused(signUp) == .storageFull)
        // A session is not called dead because it cannot be looked after.
        let back = try RawClient(office.address)
        try back.send(
            Frame.hello(
                Hello(
                    magic: WireLimits.magic, major: 1, minor: 0, features: 0, instance: 1, client: "test",
                    session: token)))
        #expect(try back.goAwayAndClose() == .storage)
        office.disk!.mend()
        #expect(try Self.retried(ann, Charge(operation: key, amount: Points(7))).balance == Points(12))
        #expect(try Self.retried(ann, Charge(operation: key, amount: Points(7))).balance == Points(12))
        for sequence in 1...2 as ClosedRange<UInt64> { #expect(try ann.notice(.pointsCharged).sequence == sequence) }
        try await office.restart()
        #expect(try office.back("ann").ok(GetBalance()).balance == Points(12))
        await office.stop()
    }

    @Test func deadlinesThatPassWhileTheDiskIsFullAreCarriedOutAfterwards() async throws {
        let office = try TestOffice {
            $0.holdSeconds = 1
        } onDisk: { _ in
        }
        try office.operatorClient().importHall()
        let ann = try office.member("ann")
        _ = try ann.ok(SubscribeNotices())
        _ = try ann.ok(JoinQueue(operation: ann.key(), concert: ConcertID(1)))
        let watcher = try office.guest()
        _ = try watcher.ok(WatchSeats(performance: PerformanceID(1)))
        let held = try ann.ok(Hold(operation: ann.key(), performance: PerformanceID(1), seats: [SeatIndex(1)]))
        _ = try watcher.update(.seatsChanged)
        office.disk!.fail(simulated_disk_short_write, only: "-wal")
        defer { office.disk!.mend() }
        usleep(2_000_000)
        // Nobody is told before it is on disk: not by a push, not by a map, not by who asks for the reservation.
        let map = GetSeatMap(performance: PerformanceID(1))
        #expect(try watcher.ok(map).statuses[0] >> 2 & 3 == SeatStatus.held.rawValue)
        let reservation = GetReservation(reservation: held.reservation.reservation)
        let asked = try ann.ok(reservation)
        #expect(asked.reservation.status == .held && asked.remainingMilliseconds == 0)
        #expect(!ann.pushes.contains { $0.header.opcode == Opcode.holdExpired.rawValue })
        #expect(!watcher.pushes.contains { $0.header.opcode == Opcode.seatsChanged.rawValue })
        office.disk!.mend()
        guard case .holdExpired(let expired) = try ann.notice(.holdExpired).notice else { return }
        #expect(expired.reservation.reservation == held.reservation.reservation)
        guard case .seatsChanged(let freed) = try watcher.update(.seatsChanged) else { return }
        #expect(freed.changes == [SeatChange(seat: SeatIndex(1), status: .available)])
        #expect(try watcher.ok(map).statuses[0] >> 2 & 3 == SeatStatus.available.rawValue)
        #expect(try Self.retried(ann, reservation).reservation.status == .expired)
        await office.stop()
    }

    @Test func aFailedSyncIsSettledByTheKey() async throws {
        let office = try TestOffice(onDisk: { _ in })
        try office.operatorClient().importHall()
        let ann = try office.member("ann")
        _ = try ann.ok(SubscribeNotices())
        _ = try ann.ok(JoinQueue(operation: ann.key(), concert: ConcertID(1)))
        let before = try ann.ok(WatchSeats(performance: PerformanceID(1)))
        office.disk!.fail(simulated_disk_sync_fails, count: 1, only: "-wal")
        defer { office.disk!.mend() }
        let key = ann.key()
        let hold = Hold(operation: key, performance: PerformanceID(1), seats: [SeatIndex(4)])
        let refusal = try decoded(Refusal.self, ann.answer(to: ann.request(hold)))
        #expect(refusal.code == .outcomeUnknown && refusal.outcome == .undetermined && refusal.retry == .sameKey)
        // Nobody was thrown out, and the same key settles it: held once, told once.
        let held = try Self.retried(ann, hold)
        #expect(held.reservation.status == .held)
        #expect(try ann.ok(GetReservations(before: ReservationID(0), limit: 10)).reservations.count == 1)
        guard case .held(let notice) = try ann.notice(.held).notice else { return }
        #expect(notice.reservation.reservation == held.reservation.reservation)
        var version = before.version
        var isHeld = false
        while !isHeld {
            guard case .seatsChanged(let changed) = try ann.update(.seatsChanged) else { return }
            #expect(changed.fromVersion == version && changed.toVersion > version)
            version = changed.toVersion
            isHeld = changed.changes == [SeatChange(seat: SeatIndex(4), status: .held)]
        }
        #expect(try ann.ok(GetPlace(concert: ConcertID(1))).status == .active)
        await office.stop()
    }

    /// Who loses to a hold that is on disk is told so whatever becomes of the others' changes.
    @Test func aLostRaceDoesNotWaitForTheDisk() async throws {
        let office = try TestOffice(onDisk: { _ in })
        try office.operatorClient().importHall()
        let (ann, bob) = (try office.member("ann"), try office.member("bob"))
        for client in [ann, bob] { _ = try client.ok(JoinQueue(operation: client.key(), concert: ConcertID(1))) }
        _ = try bob.ok(Hold(operation: bob.key(), performance: PerformanceID(1), seats: [SeatIndex(4)]))
        office.disk!.fail(simulated_disk_sync_fails, count: 1, only: "-wal")
        defer { office.disk!.mend() }
        LostRaceTests.untilTheNextMillisecond()
        let free = Hold(operation: ann.key(), performance: PerformanceID(1), seats: [SeatIndex(5)])
        let taken = Hold(operation: ann.key(), performance: PerformanceID(1), seats: [SeatIndex(4)])
        let (first, second) = (try ann.request(free), try ann.request(taken))
        let refusal = try decoded(Refusal.self, ann.answer(to: second))
        #expect(refusal.code == .seatTaken && refusal.seats == [SeatIndex(4)])
        #expect(try decoded(Refusal.self, ann.answer(to: first)).code == .outcomeUnknown)
        #expect(try Self.retried(ann, free).reservation.status == .held)
        await office.stop()
    }

    @Test func aDiskThatStaysBrokenStopsTheServer() async throws {
        let stopped = DispatchSemaphore(value: 0)
        let office = try TestOffice {
            $0.storageLost = { stopped.signal() }
        } onDisk: { _ in
        }
        let ann = try office.member("ann")
        office.disk!.fail(simulated_disk_sync_fails, only: "-wal")
        defer { office.disk!.mend() }
        let number = try ann.request(Charge(operation: ann.key(), amount: Points(5)))
        #expect(try decoded(Refusal.self, ann.answer(to: number)).code == .outcomeUnknown)
        #expect(try ann.goAwayAndClose() == .storage)
        #expect(Self.waited(for: stopped))
        #expect(office.log.all.contains { $0.hasPrefix("critical") })
        await office.stop()
        // The supervisor starts it anew, with a disk that works.
        office.disk!.mend()
        try await office.restart()
        let balance = try office.back("ann").ok(GetBalance()).balance
        #expect(balance == Points(0) || balance == Points(5))
        await office.stop()
    }

    /// Not in an async function, where blocking is an error.
    static func waited(for semaphore: DispatchSemaphore) -> Bool {
        semaphore.wait(timeout: .now() + .seconds(patienceSeconds)) == .success
    }
}
