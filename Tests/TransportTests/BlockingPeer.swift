import Foundation
import Testing

@testable import BoxOfficeTransport

/// The other end of a connection, with plain blocking calls.
final class BlockingPeer: Sendable {
    let descriptor: Int32

    struct Failed: Error {
        let call: String
        let number: Int32
    }

    init(_ address: SocketAddress, receiveBufferBytes: Int32? = nil) throws {
        descriptor = socket(address.family, Sockets.stream, 0)
        guard descriptor >= 0 else { throw Failed(call: "socket", number: errno) }
        if let receiveBufferBytes { Sockets.set(descriptor, SOL_SOCKET, SO_RCVBUF, receiveBufferBytes) }
        var patience = timeval(tv_sec: Int(patienceSeconds), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        Sockets.setNoDelay(descriptor)
        guard address.withSockaddr({ Sockets.connect(descriptor, $0, $1) }) == 0 else {
            let number = errno
            throw Failed(call: "connect", number: number)
        }
    }

    deinit { Sockets.close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failed(call: "send", number: errno) }
            sent += count
        }
    }

    /// Up to `max` bytes; empty at the end of the stream.
    func receiveSome(_ max: Int = 65536) throws -> [UInt8] {
        var room = [UInt8](repeating: 0, count: max)
        let count = room.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw Failed(call: "recv", number: errno) }
        return Array(room.prefix(count))
    }

    /// Exactly `count` bytes, fewer only when the stream ends.
    func receive(_ count: Int) throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count {
            let some = try receiveSome(count - all.count)
            if some.isEmpty { break }
            all += some
        }
        return all
    }

    func receiveToEnd() throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let some = try receiveSome()
            if some.isEmpty { return all }
            all += some
        }
    }

    func finishSending() { Sockets.finishSending(descriptor) }

    /// Makes the close in `deinit` a reset.
    func resetOnClose() { Sockets.setResetOnClose(descriptor) }
}

/// Runs `body` on a thread of its own and hands over what it returns.
final class Background<Result: Sendable>: Sendable {
    private let result = Watched<Swift.Result<Result, any Error>?>(nil)

    init(_ body: @escaping @Sendable () throws -> Result) {
        let result = result
        Thread.detachNewThread { result.change { $0 = Swift.Result { try body() } } }
    }

    func value() throws -> Result {
        result.wait("the background work") { $0 != nil }
        guard let outcome = result.now else { throw BlockingPeer.Failed(call: "background work", number: ETIMEDOUT) }
        return try outcome.get()
    }
}
