import Foundation
import Testing

@testable import BoxOfficeTransport

@Suite struct ShardTests {
    @Test func postsRunInTheOrderOfEachPoster() throws {
        let shard = try Shard(label: "test.posts")
        let seen = Watched<[(poster: Int, number: Int)]>([])
        let posters = 4
        let posts = 5_000
        for poster in 0..<posters {
            Thread.detachNewThread {
                for number in 0..<posts {
                    shard.post {
                        shard.assertCurrent()
                        seen.change { $0.append((poster, number)) }
                    }
                }
            }
        }
        seen.wait("every post") { $0.count == posters * posts }
        for poster in 0..<posters {
            #expect(seen.now.filter { $0.poster == poster }.map(\.number) == Array(0..<posts))
        }
        shard.stop()
    }

    @Test func aPostFromAPostRunsAfterThoseThatWait() throws {
        let shard = try Shard(label: "test.nested")
        let seen = Watched<[String]>([])
        shard.post {
            shard.post {
                shard.post { seen.change { $0.append("third") } }
                seen.change { $0.append("first") }
            }
            shard.post { seen.change { $0.append("second") } }
        }
        seen.wait { $0.count == 3 }
        #expect(seen.now == ["first", "second", "third"])
        shard.stop()
    }

    @Test func theInboxAsksForAWakeUpOncePerFilling() {
        let inbox = Inbox<Int>()
        var taken: [Int] = []
        #expect(inbox.put(1))
        #expect(!inbox.put(2))
        inbox.takeAll(into: &taken)
        #expect(taken == [1, 2])
        #expect(inbox.put(3))
        inbox.takeAll(into: &taken)
        #expect(taken == [3])
        inbox.takeAll(into: &taken)
        #expect(taken.isEmpty)
    }

    @Test func itKnowsWhetherOneIsOnItsQueue() throws {
        let shard = try Shard(label: "test.current")
        let other = try Shard(label: "test.other")
        #expect(!shard.isCurrent)
        let answers = Watched<[Bool]>([])
        shard.post { answers.change { $0 += [shard.isCurrent, other.isCurrent] } }
        answers.wait { $0.count == 2 }
        #expect(answers.now == [true, false])
        shard.stop()
        other.stop()
    }

    @Test func timersTickUntilTheShardStops() throws {
        let shard = try Shard(label: "test.timers")
        let ticks = Watched<[ContinuousClock.Instant]>([])
        let once = Watched(0)
        shard.every(seconds: 0.01) { now in ticks.change { $0.append(now) } }
        shard.after(seconds: 0.01) { once.change { $0 += 1 } }
        ticks.wait("three ticks") { $0.count >= 3 }
        once.wait { $0 == 1 }
        let stopped = Watched(false)
        shard.stop { stopped.change { $0 = true } }
        stopped.wait { $0 }
        let count = ticks.now.count
        Thread.sleep(forTimeInterval: 0.1)
        #expect(ticks.now.count == count)
        #expect(ticks.now == ticks.now.sorted())
    }

    /// Many loops come and go, used or not: libdispatch traps when a source is released in the wrong state, and a
    /// descriptor that is closed too early or never would be found here.
    @Test func shardsCanBeThrownAway() throws {
        for number in 0..<200 {
            let shard = try Shard(label: "test.short")
            if number % 2 == 0 { shard.every(seconds: 100) { _ in } }
            if number % 3 == 0 { shard.stop() }
        }
    }

    @Test func stoppingClosesEverythingAndRefusesMore() throws {
        let server = try TestServer { .echo() }
        let peers = try (0..<5).map { _ in try BlockingPeer(server.address) }
        server.handlers.wait { $0.count == peers.count }
        let sockets = Watched<Int?>(nil)
        let shard = server.shard
        shard.stop { sockets.change { $0 = shard.socketCount } }
        sockets.wait { $0 != nil }
        #expect(sockets.now == 0)
        for handler in server.handlers.now { #expect(handler.told.now == [.opened, .closed(.shardStopped)]) }
        for peer in peers { #expect(try peer.receiveSome().isEmpty) }

        let late = ScriptedHandler()
        let address = server.address
        shard.post { Channel.connect(to: address, on: shard, handler: late) }
        _ = late.waitUntilClosed()
        #expect(late.told.now.count == 1)
    }

    /// A token whose socket was closed earlier in the same batch must not reach the next owner of its slot.
    @Test func tokensOfClosedSocketsFindNobody() {
        final class Nobody: Polled {
            func polled(_ events: PollEvents) {}
            func goOn() {}
            func shardStopped() {}
        }
        var table = PollTable()
        let (first, second) = (Nobody(), Nobody())
        let old = table.insert(first)
        table.remove(old)
        let new = table.insert(second)
        #expect(UInt32(truncatingIfNeeded: old) == UInt32(truncatingIfNeeded: new), "the slot is used again")
        #expect(table[old] == nil)
        #expect(table[new] === second)
        table.remove(old)
        #expect(table.count == 1)
        #expect(table[UInt64.max] == nil)
    }
}
