import BoxOfficeProtocol
import Testing

@testable import BoxOfficeClient

/// What the session asks for itself is asked again when it was refused for a while only.
@Suite struct PassingRefusalTests {
    static let passing = [
        Refusal(.storageFull, retryAfterMilliseconds: 1_000), Refusal(.rateLimited, retryAfterMilliseconds: 3_000),
        Refusal(.busy, retryAfterMilliseconds: 1_000), Refusal(.outcomeUnknown),
    ]

    @Test("notices are subscribed to again, and whoever waits for the confirmation is told", arguments: passing)
    func notices(_ refusal: Refusal) throws {
        var play = SessionPlay(annByPassword)
        play.logIn()
        let id = SubscriberID(number: play.session.makeID())
        play.event { $0.noticesWanted(by: id, at: $1) }
        try play.refuse(.subscribeNotices, refusal, times: 40)
        play.answer(play.requests(.subscribeNotices).last!, Subscribed(acknowledged: 4, newest: 5))
        #expect(play.session.notices.phase == .live)
    }

    @Test("a place is watched again, and its stream does not end", arguments: passing)
    func place(_ refusal: Refusal) throws {
        var play = SessionPlay(annByPassword)
        play.logIn()
        let concert = ConcertID(3)
        play.event { session, _ in session.places.enter(concert) }
        let join = play.call(JoinQueue(operation: aKey, concert: concert))
        play.answer(
            play.requests(.joinQueue)[0],
            Place(
                concert: concert, token: TokenID(1), ticket: 1, status: .waiting, position: 9, ahead: 8, waiting: 20,
                reason: .full, now: FakeServer.now))
        #expect(play.ended[join] != nil)
        play.lose()
        play.pass(.seconds(6))
        play.open()
        play.welcome(resumed: .resumed, account: FakeServer.ann)
        try play.refuse(.watchPlace, refusal, times: 40)
        guard case .element = play.session.nextPlace(in: concert, after: 0) else {
            Issue.record("the wait is said to be over")
            return
        }
    }
}

extension SessionPlay {
    /// Refuses what is asked again and again, in all for longer than one request may take.
    fileprivate mutating func refuse(_ opcode: Opcode, _ refusal: Refusal, times: Int) throws {
        let began = now
        for time in 1...times {
            refuse(try #require(requests(opcode).last), refusal)
            var waited = 0
            while requests(opcode).count == time, waited < 40 {
                pass(.milliseconds(500))
                if let connection { event { $0.bytesReceived(connection, at: $1) } }
                waited += 1
            }
            try #require(requests(opcode).count == time + 1, "asked again within 20 seconds")
        }
        #expect(now - began > session.configuration.requestTimeout)
        #expect(!isDisconnected)
    }
}
