import CEpoll
import Foundation

/// What one system is asked, and how its answers are told apart.
protocol Asker {
    /// Appends the next request of this connection.
    mutating func appendRequest(of connection: Int, to bytes: inout [UInt8])
    /// Takes the whole answers that the first `count` bytes hold.
    /// - Returns: How many answers, and where the rest begins.
    mutating func takeAnswers(in bytes: [UInt8], count: Int) throws -> (answers: Int, end: Int)
}

/// Connections that ask as fast as they are answered, each with so many requests in flight, all from one thread.
///
/// The same loop asks every system, so that what asking costs is the same for all of them.
final class Load {
    private struct Connection {
        let socket: LoopbackSocket
        var received = [UInt8](repeating: 0, count: 1 << 16)
        var receivedCount = 0
        var outgoing: [UInt8] = []
    }

    private var connections: [Connection]
    private let poller: Int32

    /// - Parameter sockets: Connected, and past whatever is said first.
    init(_ sockets: [LoopbackSocket]) throws {
        connections = sockets.map { Connection(socket: $0) }
        poller = epoll_create1(0)
        guard poller >= 0 else { throw Failed("epoll_create1: \(errno)") }
        for (index, socket) in sockets.enumerated() {
            try socket.makeNonblocking()
            var event = epoll_event()
            event.events = EPOLLIN.rawValue
            event.data.u64 = UInt64(index)
            guard epoll_ctl(poller, EPOLL_CTL_ADD, socket.descriptor, &event) == 0 else {
                throw Failed("epoll_ctl: \(errno)")
            }
        }
    }

    deinit { close(poller) }

    /// Asks so often, over all connections together.
    /// - Parameter depth: Requests in flight on each connection.
    /// - Returns: Seconds from the first request to the last answer.
    func run(_ asker: inout some Asker, requests: Int, depth: Int) throws -> Double {
        var unsent = requests
        var unanswered = requests
        return try secondsTaken {
            for index in connections.indices { try ask(&asker, count: min(depth, unsent), on: index, &unsent) }
            var events = [epoll_event](repeating: epoll_event(), count: connections.count)
            while unanswered > 0 {
                let count = epoll_wait(poller, &events, Int32(events.count), 20_000)
                guard count > 0 else { throw Failed("no answer within 20 s; \(unanswered) of \(requests) are missing") }
                for event in events[..<Int(count)] {
                    let index = Int(event.data.u64)
                    let answers = try receive(&asker, on: index)
                    unanswered -= answers
                    try ask(&asker, count: min(answers, unsent), on: index, &unsent)
                }
            }
        }
    }

    /// Asks at even times, whether answers come or not, on one connection after the other.
    /// - Returns: Seconds from when each request was due until its answer. A connection's answers come in order.
    func run(_ asker: inout some Asker, perSecond pace: Double, seconds: Double) throws -> [Double] {
        let schedule = Schedule(perSecond: pace, seconds: seconds)
        var answered = [Int](repeating: 0, count: connections.count)
        var latencies: [Double] = []
        latencies.reserveCapacity(schedule.count)
        var sent = 0
        var events = [epoll_event](repeating: epoll_event(), count: connections.count)
        while latencies.count < schedule.count {
            let due = schedule.due
            // Of each connection: those whose number, divided by how many connections there are, leaves its index.
            for index in connections.indices {
                var unsent = (due + connections.count - 1 - index) / connections.count
                unsent -= (sent + connections.count - 1 - index) / connections.count
                try ask(&asker, count: unsent, on: index, &unsent)
            }
            sent = due
            var wait = timespec(schedule.wait(for: sent))
            let count = epoll_pwait2(poller, &events, Int32(events.count), &wait, nil)
            guard count >= 0, schedule.elapsed < seconds + 20 else { throw Failed("no answer within 20 s") }
            for event in events[..<Int(count)] {
                let index = Int(event.data.u64)
                let answers = try receive(&asker, on: index)
                let now = schedule.elapsed
                for _ in 0..<answers {
                    let number = answered[index] * connections.count + index
                    latencies.append(now - schedule.seconds(of: number))
                    answered[index] += 1
                }
            }
        }
        return latencies
    }

    private func ask(_ asker: inout some Asker, count: Int, on index: Int, _ unsent: inout Int) throws {
        guard count > 0 else { return }
        unsent -= count
        connections[index].outgoing.removeAll(keepingCapacity: true)
        for _ in 0..<count { asker.appendRequest(of: index, to: &connections[index].outgoing) }
        // A few requests always fit into an empty socket.
        try connections[index].socket.send(connections[index].outgoing)
    }

    private func receive(_ asker: inout some Asker, on index: Int) throws -> Int {
        if connections[index].receivedCount == connections[index].received.count {
            connections[index].received += [UInt8](repeating: 0, count: connections[index].received.count)
        }
        let start = connections[index].receivedCount
        let count = try connections[index].socket.receive(into: &connections[index].received, at: start)
        guard count > 0 else { throw Failed("the server has hung up") }
        connections[index].receivedCount += count
        let (answers, end) = try asker.takeAnswers(
            in: connections[index].received, count: connections[index].receivedCount)
        let left = connections[index].receivedCount - end
        if left > 0, end > 0 {
            connections[index].received.withUnsafeMutableBytes { bytes in
                // Within the buffer: `end + left` bytes of it are filled.
                _ = memmove(bytes.baseAddress!, bytes.baseAddress! + end, left)
            }
        }
        connections[index].receivedCount = left
        return answers
    }
}

extension timespec {
    fileprivate init(_ seconds: Double) {
        self.init(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
    }
}
