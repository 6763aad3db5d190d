// A server that says anything at all, and a network that does what it likes: the session never traps, no call ends
// twice, and at the end every call has ended.

import Testing

@testable import BoxOfficeClient

@Suite struct SessionChaosTests {
    @Test("150,000 random events", arguments: [UInt64(1), 2, 3])
    func chaos(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var play = SessionPlay(seed == 1 ? .guest : annByPassword) { $0.requestTimeout = .seconds(5) }
        var open: [CallID] = []
        var subscribers: [SubscriberID] = []
        let concert = ConcertID(1)
        let performance = PerformanceID(1)
        play.run()
        for step in 0..<50_000 {
            switch Int.random(in: 0..<22, using: &random) {
            case 0...2: open.append(play.call(GetBalance()))
            case 3: open.append(play.call(Charge(operation: aKey, amount: Points(1))))
            case 4: open.append(play.call(JoinQueue(operation: aKey, concert: concert)))
            case 5:
                if let id = open.randomElement(using: &random) { play.event { $0.callCancelled(id, at: $1) } }
            case 6: if step % 7 == 0 { play.lose() }
            case 7: play.pass(.milliseconds(Int64.random(in: 0..<2000, using: &random)))
            case 8:
                let id = SubscriberID(number: play.session.makeID())
                subscribers.append(id)
                play.event { $0.noticesWanted(by: id, at: $1) }
                play.event { $0.seatsWatched(performance, by: id, at: $1) }
                play.event { session, _ in session.places.enter(concert) }
            case 9:
                guard let id = subscribers.popLast() else { break }
                play.event { $0.noticesUnwanted(by: id, at: $1) }
                play.event { $0.seatsUnwatched(performance, by: id, at: $1) }
                play.event { session, _ in session.places.exit(concert) }
            case 10...12:
                guard let id = subscribers.randomElement(using: &random) else { break }
                play.event { _ = $0.nextNotice(for: id, at: $1) }
                play.event { session, _ in _ = session.nextSeatMap(performance, for: id, after: 0) }
            case 13...14: play.open()
            case 15: play.welcome(resumed: [.none, .resumed, .refused].randomElement(using: &random)!)
            case 16: play.welcome()
            default: play.receive(Self.frame(answering: play.sent, using: &random))
            }
            guard play.fatal == nil, !play.session.isClosed else {
                // Start again: some refusals are fatal, and rightly so.
                for id in open { #expect(play.ended[id] != nil) }
                open = []
                play = SessionPlay(annByPassword) { $0.requestTimeout = .seconds(5) }
                subscribers = []
                play.run()
                continue
            }
        }
        play.pass(.seconds(60))
        for id in open { #expect(play.ended[id] != nil) }
    }

    /// Anything: nonsense, or a true answer to what was asked last.
    static func frame(answering sent: [InboundFrame], using random: inout SeededGenerator) -> InboundFrame {
        let kinds: [FrameKind] = [
            .response, .error, .notice, .update, .gap, .replayed, .ping, .pong, .goAway, .response,
        ]
        let opcodes = Opcode.allCases
        var frame = InboundFrame(kind: kinds.randomElement(using: &random)!)
        frame.opcode = opcodes.randomElement(using: &random)!.rawValue
        frame.id = UInt64.random(in: 0..<40, using: &random)
        let place = Place(
            concert: ConcertID(1), token: TokenID(1), ticket: 0, status: .waiting, position: 1, ahead: 0, waiting: 1,
            reason: .moving, now: FakeServer.now)
        let bodies: [[UInt8]] = [
            [], (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) },
            place.encoded, Balance(member: MemberID(1), balance: Points(1)).encoded,
            Refusal([.busy, .superseded, .loginRequired, .seatTaken].randomElement(using: &random)!).encoded,
            Subscribed(acknowledged: UInt64.random(in: 0..<50, using: &random), newest: 50).encoded,
            SeatMap(performance: PerformanceID(1), version: 3, seats: 5, statuses: [0, 0]).encoded,
            SeatsChanged(
                performance: PerformanceID(1), fromVersion: UInt64.random(in: 0..<9, using: &random),
                toVersion: UInt64.random(in: 0..<9, using: &random), available: 1,
                changes: [
                    SeatChange(seat: SeatIndex(UInt32.random(in: 0..<6, using: &random)), status: .held)
                ]
            ).encoded,
            GoAway(reason: .shuttingDown, retryAfterMilliseconds: 5, message: "").encoded,
        ]
        frame.body = bodies.randomElement(using: &random)!
        if let request = sent.last, request.kind == .request, Bool.random(using: &random) {
            frame.kind = Bool.random(using: &random) ? .response : .error
            frame.id = request.id
            frame.opcode = request.opcode
        }
        return frame
    }
}
