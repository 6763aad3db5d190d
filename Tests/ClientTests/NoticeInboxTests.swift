// The inbox of notices, without a server.

import Testing

@testable import BoxOfficeClient

@Suite struct NoticeInboxTests {
    let one = SubscriberID(number: 1)
    let two = SubscriberID(number: 2)

    func live(_ subscribers: [SubscriberID], acknowledged: UInt64 = 0, window: Int = 8) -> NoticeInbox {
        var inbox = NoticeInbox()
        inbox.window = window
        inbox.belongs(to: MemberID(1))
        for id in subscribers { inbox.subscribe(id) }
        _ = inbox.subscribed(Subscribed(acknowledged: acknowledged, newest: acknowledged))
        return inbox
    }

    func notice(_ sequence: UInt64) -> ReceivedNotice {
        ReceivedNotice(sequence: sequence, content: .unknown(opcode: 1), isReplayed: false)
    }

    func receive(_ sequence: UInt64, in inbox: inout NoticeInbox) {
        let isTaken = inbox.received(notice(sequence), bytes: 10)
        #expect(isTaken)
    }

    @Test("delivered in order, each once; consumed when the next is asked for")
    func order() {
        var inbox = live([one], acknowledged: 4)
        for sequence: UInt64 in [5, 6, 6, 5, 7] { receive(sequence, in: &inbox) }
        var seen: [UInt64] = []
        var acknowledged: [UInt64] = []
        while true {
            let (next, cursor) = inbox.next(for: one)
            if let cursor { acknowledged.append(cursor) }
            guard let next else { break }
            seen.append(next.sequence)
        }
        #expect(seen == [5, 6, 7])
        // A window of 8 is acknowledged by twos, and what is left when nothing waits.
        #expect(acknowledged == [6, 7])
    }

    @Test("the slowest holds back the acknowledgement")
    func slowest() {
        var inbox = live([one, two])
        for sequence in 1...3 as ClosedRange<UInt64> { receive(sequence, in: &inbox) }
        for _ in 0..<4 { #expect(inbox.next(for: one).acknowledge == nil) }
        #expect(inbox.next(for: two).notice?.sequence == 1)
        #expect(inbox.next(for: two).notice?.sequence == 2)
        #expect(inbox.pendingAcknowledgement() == 1)
        #expect(inbox.unsubscribe(two) == 3)
    }

    @Test("what was not consumed comes again in the next iteration")
    func unfinished() {
        var inbox = live([one])
        for sequence in 1...3 as ClosedRange<UInt64> { receive(sequence, in: &inbox) }
        _ = inbox.next(for: one)
        _ = inbox.next(for: one)
        #expect(inbox.unsubscribe(one) == 1)
        inbox.phase = .idle
        inbox.subscribe(two)
        _ = inbox.subscribed(Subscribed(acknowledged: 1, newest: 3))
        for sequence in 2...3 as ClosedRange<UInt64> { receive(sequence, in: &inbox) }
        #expect(inbox.next(for: two).notice?.sequence == 2)
        // Said explicitly, the newest is done with.
        #expect(inbox.consume(through: 2) == 2)
        #expect(inbox.consume(through: 99) == 3)
    }

    @Test("a lost connection: duplicates are dropped, and a lost acknowledgement is said again")
    func replay() {
        var inbox = live([one])
        for sequence in 1...3 as ClosedRange<UInt64> { receive(sequence, in: &inbox) }
        for _ in 0..<3 { _ = inbox.next(for: one) }
        #expect(inbox.pendingAcknowledgement() == nil)  // By twos: 2 is acknowledged.
        inbox.connectionLost()
        #expect(inbox.subscribed(Subscribed(acknowledged: 0, newest: 4)) == 2)
        for sequence in 1...4 as ClosedRange<UInt64> { receive(sequence, in: &inbox) }
        #expect(inbox.next(for: one).notice?.sequence == 4)
        #expect(inbox.next(for: one).notice == nil)
    }

    @Test("gaps: told by the server, or by a cursor that is ahead of us")
    func gaps() {
        var inbox = live([one])
        inbox.gap(through: 7)
        inbox.gap(through: 7)
        #expect(inbox.next(for: one).notice == ReceivedNotice(sequence: 7, content: .gap, isReplayed: false))
        #expect(inbox.next(for: one).notice == nil)
        inbox.connectionLost()
        _ = inbox.subscribed(Subscribed(acknowledged: 12, newest: 12))
        #expect(inbox.next(for: one).notice == ReceivedNotice(sequence: 12, content: .gap, isReplayed: false))
        #expect(inbox.next(for: one).notice == nil)
    }

    @Test("gaps after a gap are one, however many a server sends")
    func floodOfGaps() {
        var inbox = live([one])
        inbox.gap(through: 1)
        #expect(inbox.next(for: one).notice?.sequence == 1)
        for sequence in 2...100_000 as ClosedRange<UInt64> { inbox.gap(through: sequence) }
        #expect(inbox.next(for: one).notice == ReceivedNotice(sequence: 100_000, content: .gap, isReplayed: false))
        #expect(inbox.next(for: one).notice == nil)
    }

    @Test("a server that ignores its window, or floods it with bytes, is found out")
    func flood() {
        var inbox = live([one], window: 8)
        let taken = (1...100 as ClosedRange<UInt64>).prefix { inbox.received(notice($0), bytes: 10) }
        #expect(taken.count == 2 * 8 + 16)
        var large = live([one], window: 4096)
        let (full, over) = (
            large.received(notice(1), bytes: NoticeInbox.bufferedBytesMax), large.received(notice(2), bytes: 1)
        )
        #expect(full && !over)
    }

    @Test("another member's notices begin anew")
    func anotherMember() {
        var inbox = live([one], acknowledged: 40)
        inbox.belongs(to: MemberID(2))
        inbox.connectionLost()
        _ = inbox.subscribed(Subscribed(acknowledged: 3, newest: 3))
        receive(4, in: &inbox)
        #expect(inbox.next(for: one).notice?.sequence == 4)
    }
}
