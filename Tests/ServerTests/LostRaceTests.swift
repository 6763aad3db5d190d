import BoxOfficeEngine
import BoxOfficeProtocol
import Foundation
import Testing

@testable import BoxOfficeServer

/// Holds that lose are refused from what is published: by the same answers, and in the same order, as the engine's.
@Suite struct LostRaceTests {
    private static let date = PerformanceID(1)
    private static let concert = ConcertID(1)

    /// A key of the same millisecond as one that was used is the engine's to look up.
    static func untilTheNextMillisecond() { usleep(2_000) }

    /// Ann has seat 0; both are inside.
    private func office(_ configure: @escaping (inout ServerConfiguration) -> Void = { _ in }) throws -> (
        office: TestOffice, ann: RawClient, bob: RawClient
    ) {
        let office = try TestOffice(configure)
        try office.operatorClient().importHall()
        let (ann, bob) = (try office.member("ann"), try office.member("bob"))
        for client in [ann, bob] {
            _ = try client.ok(Charge(operation: client.key(), amount: Points(10_000)))
            _ = try client.ok(JoinQueue(operation: client.key(), concert: Self.concert))
        }
        _ = try ann.ok(Self.hold(ann, 0))
        Self.untilTheNextMillisecond()
        return (office, ann, bob)
    }

    private static func hold(_ client: RawClient, _ seats: UInt32...) -> Hold {
        Hold(operation: client.key(), performance: date, seats: seats.map { SeatIndex($0) })
    }

    private func code(_ client: RawClient, _ request: UInt64) throws -> RefusalCode {
        try decoded(Refusal.self, client.answer(to: request)).code
    }

    /// While the engine is busy with something else.
    @Test func theEngineIsNotAsked() async throws {
        let (office, ann, bob) = try office()
        let (isBusy, goesOn, waited) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), Waited())
        office.server.running!.services.loop.post(
            .look { _, _ in
                isBusy.signal()
                waited.isForNothing = goesOn.wait(timeout: .now() + 10) == .timedOut
            })
        isBusy.wait()
        let free = try bob.request(Self.hold(bob, 1))
        // More often than bob may have seats: those that were refused are not on the way any more.
        for _ in 0..<8 {
            let refusal = try decoded(Refusal.self, bob.answer(to: bob.request(Self.hold(bob, 0))))
            #expect(refusal.code == .seatTaken && refusal.seats == [SeatIndex(0)])
        }
        // One's own seat as well: by whom it is taken is not told.
        #expect(try code(ann, ann.request(Self.hold(ann, 0))) == .seatTaken)
        goesOn.signal()
        #expect(try decoded(ReservationState.self, bob.answer(to: free)).reservation.status == .held)
        #expect(!waited.isForNothing, "an answer came from the engine")
        await office.stop()
    }

    /// Written by the engine's queue before the answer that the test reads it behind.
    private final class Waited: @unchecked Sendable {
        var isForNothing = false
    }

    /// What was sent before on the same connection comes first.
    @Test func changesBeforeAreSeen() async throws {
        let (office, ann, bob) = try office { $0.seatsPerMemberMax = 2 }
        for _ in 0..<20 {
            let reservations = try ann.ok(GetReservations(before: ReservationID(0), limit: 1)).reservations
            let (release, again) = (ann.number + 1, ann.number + 2)
            let back = Release(operation: ann.key(), reservation: reservations[0].reservation)
            // In one piece, so that the seat is certainly not free yet when the hold is looked at.
            try ann.send(Frame.request(back, number: release) + Frame.request(Self.hold(ann, 0), number: again))
            ann.number = again
            #expect(try decoded(ReservationState.self, ann.answer(to: release)).reservation.status == .released)
            #expect(try decoded(ReservationState.self, ann.answer(to: again)).reservation.status == .held)
        }
        Self.untilTheNextMillisecond()
        // Two seats that may become bob's: with a third one there would be too many.
        let (two, third) = (try bob.request(Self.hold(bob, 1, 2)), try bob.request(Self.hold(bob, 0)))
        #expect(try code(bob, third) == .seatLimit)
        #expect(try decoded(ReservationState.self, bob.answer(to: two)).reservation.seats.count == 2)
        Self.untilTheNextMillisecond()
        #expect(try code(bob, bob.request(Self.hold(bob, 0))) == .seatLimit)
        let leave = try bob.request(LeaveQueue(operation: bob.key(), concert: Self.concert))
        let last = try bob.request(Self.hold(bob, 0))
        _ = try decoded(Place.self, bob.answer(to: leave))
        #expect(try code(bob, last) == .queueRequired)
        await office.stop()
    }

    /// On whichever connection: who was told of a change is answered by it.
    @Test func anotherConnectionsChangesAreSeen() async throws {
        let (office, ann, bob) = try office()
        let phone = try office.back("bob")
        let hold = Self.hold(bob, 1)
        let held = try bob.ok(hold).reservation.reservation
        _ = try bob.ok(Release(operation: bob.key(), reservation: held))
        _ = try ann.ok(Self.hold(ann, 1))
        // The same hold again has its first answer, though the seat is somebody else's now.
        for client in [bob, phone] {
            let answer = try client.answer(to: client.request(hold))
            #expect(answer.header.flags == .replayed)
            #expect(try decoded(ReservationState.self, answer).reservation.reservation == held)
        }
        // A key that did something else is not free for a hold.
        let charge = Charge(operation: bob.key(), amount: Points(5))
        _ = try bob.ok(charge)
        var other = Self.hold(phone, 1)
        other.operation = charge.operation
        #expect(try code(phone, phone.request(other)) == .operationReused)
        let bought = try bob.ok(Self.hold(bob, 2)).reservation.reservation
        _ = try bob.ok(Pay(operation: bob.key(), reservation: bought))
        Self.untilTheNextMillisecond()
        #expect(try code(phone, phone.request(Self.hold(phone, 1))) == .queueRequired)
        await office.stop()
    }

    @Test func aMomentIsRefusedThatIsNotOne() {
        let insiders = Insiders()
        let due = Instant(1_000)
        #expect(insiders.read(at: due) { 1 } == nil, "nothing was published yet")
        insiders.publish(dueAt: due) { #expect(insiders.read(at: .distantPast) { 1 } == nil) }
        #expect(insiders.read(at: due + Microseconds(-1)) { 1 } == 1)
        #expect(insiders.read(at: due) { 1 } == nil, "something is due")
        let changed: Int? = insiders.read(at: .distantPast) {
            insiders.publish(dueAt: nil) {}
            return 1
        }
        #expect(changed == nil)
        #expect(insiders.read(at: due) { 1 } == 1)
    }
}
