import BoxOfficeProtocol
import Testing

@testable import BoxOfficeServer

/// One subscription's notices, without a connection.
@Suite struct FeedTests {
    static func feed(acknowledged: UInt64, newest: UInt64) -> Feed {
        Feed(number: 1, Subscribed(acknowledged: acknowledged, newest: newest))
    }

    // The macro cannot call what mutates.
    func step(_ feed: inout Feed, _ newest: UInt64) -> Feed.Step { feed.next(newest: newest) }
    func sends(_ feed: inout Feed, _ sequence: UInt64) -> Bool { feed.send(sequence) }
    func gap(_ feed: inout Feed, _ firstKept: UInt64) -> UInt64? { feed.keptFrom(firstKept) }

    @Test func nothingMissedIsSaidAtOnce() {
        var feed = Self.feed(acknowledged: 5, newest: 5)
        #expect(!feed.takesLive(6))  // The frame `replayed` comes first.
        #expect(step(&feed, 5) == .sendReplayed)
        #expect(step(&feed, 5) == .wait)
        #expect(feed.takesLive(6) && !feed.takesLive(7))
        #expect(sends(&feed, 6) && !sends(&feed, 6) && !sends(&feed, 8))
    }

    @Test func whatWasMissedComesFirst() {
        var feed = Self.feed(acknowledged: 2, newest: 4)
        #expect(step(&feed, 4) == .pull(limit: 64))
        #expect(step(&feed, 5) == .wait)  // One answer of the store at a time.
        #expect(!feed.takesLive(3))
        feed.pulled()
        #expect(sends(&feed, 3) && feed.isReplay(3))
        #expect(step(&feed, 5) == .pull(limit: 64))
        feed.pulled()
        #expect(sends(&feed, 4) && sends(&feed, 5) && !feed.isReplay(5))
        #expect(step(&feed, 5) == .sendReplayed)
        #expect(step(&feed, 5) == .wait)
        #expect(feed.takesLive(6))
    }

    @Test func theWindowWaitsForAcks() {
        var feed = Self.feed(acknowledged: 0, newest: 0)
        #expect(step(&feed, 0) == .sendReplayed)
        for sequence in 1...256 as ClosedRange<UInt64> { #expect(feed.takesLive(sequence) && sends(&feed, sequence)) }
        #expect(!feed.takesLive(257))
        #expect(step(&feed, 300) == .wait)
        feed.acknowledged(through: 10)
        #expect(step(&feed, 300) == .pull(limit: 10))
        feed.pulled()
        for sequence in 257...266 as ClosedRange<UInt64> { #expect(sends(&feed, sequence)) }
        #expect(step(&feed, 300) == .wait)
    }

    @Test func aGapStandsForWhatIsGone() {
        var feed = Self.feed(acknowledged: 2, newest: 9)
        #expect(step(&feed, 9) == .pull(limit: 64))
        #expect(gap(&feed, 3) == nil)
        #expect(gap(&feed, 7) == 6)
        #expect(feed.sent == 6)
        feed.pulled()
        #expect(sends(&feed, 7))
    }

    @Test func aSlowReaderGetsNone() {
        var feed = Self.feed(acknowledged: 0, newest: 0)
        #expect(step(&feed, 0) == .sendReplayed)
        feed.isHeldBack = true
        #expect(!feed.takesLive(1))
        #expect(step(&feed, 1) == .wait)
        feed.isHeldBack = false
        #expect(step(&feed, 1) == .pull(limit: 64))
    }
}
