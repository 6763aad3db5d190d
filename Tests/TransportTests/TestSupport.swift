// Real sockets on both ends: the channel under test on its shard, and a peer that blocks in plain calls.
//
// Nothing waits longer than `patienceSeconds`, which is only there so that a defect is a failure and not a hang.

import Foundation
import Testing

@testable import BoxOfficeTransport

let patienceSeconds = 60.0

/// Whether a sanitizer watches (`scripts/test --sanitize`).
let isSanitized = ProcessInfo.processInfo.environment["BOXOFFICE_SANITIZER"] != nil

/// A value that threads share, and that a test can wait for.
final class Watched<Value: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var value: Value

    init(_ value: Value) { self.value = value }

    @discardableResult
    func change<R>(_ body: (inout Value) -> R) -> R {
        condition.lock()
        defer { condition.unlock() }
        let result = body(&value)
        condition.broadcast()
        return result
    }

    var now: Value { change { $0 } }

    /// Waits until the value is as described. False when that does not come about.
    @discardableResult
    func wait(
        _ what: String = "the expected state", location: SourceLocation = #_sourceLocation, until: (Value) -> Bool
    )
        -> Bool
    {
        let end = Date(timeIntervalSinceNow: patienceSeconds)
        condition.lock()
        defer { condition.unlock() }
        while !until(value) {
            guard condition.wait(until: end) else {
                Issue.record("\(what) did not come about: \(value)", sourceLocation: location)
                return false
            }
        }
        return true
    }
}

/// What a handler was told, in order.
enum Told: Equatable, Sendable {
    case opened
    case overflowed(OutboxBound)
    case drained
    case closed(CloseReason)
}

/// A handler made of closures; it keeps a log of what it was told. The closures run on the shard's queue.
final class ScriptedHandler: ChannelHandler, @unchecked Sendable {
    let told = Watched<[Told]>([])
    let received = Watched<[UInt8]>([])
    private let onOpened: (@Sendable (Channel) -> Void)?
    private let onReceived: (@Sendable (Channel, [UInt8]) -> Int)?
    private let onOverflowed: (@Sendable (Channel, OutboxBound) -> Void)?
    private let onDrained: (@Sendable (Channel) -> Void)?
    private let onEncodes: (@Sendable (Channel, UpdateSubject, inout [UInt8]) -> Void)?
    private let onClosed: (@Sendable (CloseReason) -> Void)?

    init(
        opened: (@Sendable (Channel) -> Void)? = nil, received: (@Sendable (Channel, [UInt8]) -> Int)? = nil,
        overflowed: (@Sendable (Channel, OutboxBound) -> Void)? = nil,
        drained: (@Sendable (Channel) -> Void)? = nil,
        encodes: (@Sendable (Channel, UpdateSubject, inout [UInt8]) -> Void)? = nil,
        closed: (@Sendable (CloseReason) -> Void)? = nil
    ) {
        onOpened = opened
        onReceived = received
        onOverflowed = overflowed
        onDrained = drained
        onEncodes = encodes
        onClosed = closed
    }

    static func echo() -> ScriptedHandler {
        ScriptedHandler(received: { channel, bytes in
            channel.send(bytes)
            return bytes.count
        })
    }

    func channelOpened(_ channel: Channel) {
        channel.shard.assertCurrent()
        told.change { $0.append(.opened) }
        onOpened?(channel)
    }

    func channelReceived(_ channel: Channel, bytes: Span<UInt8>) -> Int {
        channel.shard.assertCurrent()
        let copy = [UInt8](unsafeUninitializedCapacity: bytes.count) { room, count in
            for index in bytes.indices { room.initializeElement(at: index, to: bytes[index]) }
            count = bytes.count
        }
        if let onReceived { return onReceived(channel, copy) }
        received.change { $0.append(contentsOf: copy) }
        return copy.count
    }

    func channelEncodesUpdate(_ channel: Channel, _ subject: UpdateSubject, into buffer: inout [UInt8]) {
        onEncodes?(channel, subject, &buffer)
    }

    func channelOverflowed(_ channel: Channel, bound: OutboxBound) {
        told.change { $0.append(.overflowed(bound)) }
        onOverflowed?(channel, bound)
    }

    func channelDrained(_ channel: Channel) {
        told.change { $0.append(.drained) }
        onDrained?(channel)
    }

    func channelClosed(_ channel: Channel, reason: CloseReason) {
        told.change { $0.append(.closed(reason)) }
        onClosed?(reason)
    }

    var closeReason: CloseReason? {
        for case .closed(let reason) in told.now { return reason }
        return nil
    }

    /// Waits until the channel is closed and says why.
    func waitUntilClosed(location: SourceLocation = #_sourceLocation) -> CloseReason? {
        told.wait("closing", location: location) { $0.contains { if case .closed = $0 { true } else { false } } }
        return closeReason
    }
}

/// A shard and a listener whose connections get handlers from `makeHandler`; all stopped at the end.
final class TestServer: Sendable {
    let shard: Shard
    let listener: Listener
    let channels = Watched<[Channel]>([])
    let handlers = Watched<[ScriptedHandler]>([])
    let pauses = Watched<[SystemError]>([])

    init(
        at address: SocketAddress = .loopback(port: 0), tls: TLSServerIdentity? = nil, handshakeSeconds: Double = 60,
        limits: OutboxLimits = .init(), keepsChannels: Bool = true,
        _ makeHandler: @escaping @Sendable () -> ScriptedHandler
    ) throws {
        let shard = try Shard(label: "test.server")
        self.shard = shard
        listener = try Listener(on: shard, address: address) { [channels, handlers, pauses] event in
            switch event {
            case .accepted(let descriptor, let peer):
                let handler = makeHandler()
                let channel = Channel(adopting: descriptor, peer: peer, on: shard, limits: limits, handler: handler)
                if let tls { channel.secure(with: TLSServer(tls, handshakeSeconds: handshakeSeconds)) }
                channel.start()
                guard keepsChannels else { return }
                handlers.change { $0.append(handler) }
                channels.change { $0.append(channel) }
            case .paused(let error):
                pauses.change { $0.append(error) }
            }
        }
    }

    deinit { shard.stop() }

    var address: SocketAddress { listener.localAddress }

    /// The first connection's channel and handler, once it is accepted.
    func first(location: SourceLocation = #_sourceLocation) throws -> (Channel, ScriptedHandler) {
        try #require(channels.wait("a connection", location: location) { !$0.isEmpty })
        return (channels.now[0], handlers.now[0])
    }
}

/// `count` bytes that differ from place to place, so that nothing can be lost, doubled or swapped unseen.
func patterned(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        withUnsafeBytes(of: state) { bytes.append(contentsOf: $0) }
    }
    return Array(bytes.prefix(count))
}
