// Sockets that behave badly. Plain system calls on one thread each, bounded in count and time: what is measured is the
// server, so whoever attacks it should cost as little as possible.

import BoxOfficeClient
import Foundation
import Synchronization

/// A socket to the server that nobody reads or writes unless an attack says so.
struct AttackSocket {
    let descriptor: Int32

    /// Connects from 127.0.0.1, or from another address of this machine. Nil when that is not possible now.
    init?(port: UInt16, from source: String? = nil, receiveBufferBytes: Int32? = nil) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        if var receiveBufferBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBufferBytes, socklen_t(MemoryLayout<Int32>.size))
        }
        // A connection that waits in a full queue is not waited for.
        var patience = timeval(tv_sec: 0, tv_usec: 200_000)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let isBound = source.map { Self.call(Glibc.bind, descriptor, $0, port: 0) } ?? true
        guard isBound, Self.call(Glibc.connect, descriptor, "127.0.0.1", port: port) else {
            Glibc.close(descriptor)
            return nil
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ descriptor: Int32, _ host: String,
        port: UInt16
    ) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// Sends as much as the kernel takes; nil when the server has closed the connection.
    func send(_ bytes: ArraySlice<UInt8>) -> Int? {
        let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count >= 0 { return count }
        return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : nil
    }

    func send(_ bytes: [UInt8]) -> Int? { send(bytes[...]) }

    /// Throws away what has come. False when the server has closed the connection.
    func drain() -> Bool {
        var room = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(descriptor, &room, room.count, 0)
            if count > 0 { continue }
            return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
        }
    }

    func close() { Glibc.close(descriptor) }

    func reset() {
        var abort = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abort, socklen_t(MemoryLayout<linger>.size))
        Glibc.close(descriptor)
    }

    static let hello = Frame.hello(
        Hello(magic: WireLimits.magic, major: 1, minor: 0, features: 0, instance: 1, client: "attacker"))
}

/// An attack on a thread of its own, until it is told to stop.
final class Attack: Sendable {
    private let isStopping = Atomic<Bool>(false)
    private let counted = Atomic<Int>(0)
    private let ended = DispatchSemaphore(value: 0)

    /// Runs `body` at once.
    init(_ body: @escaping @Sendable (Attack) -> Void) {
        Thread.detachNewThread { [self] in
            body(self)
            ended.signal()
        }
    }

    /// Whether `body` may go on.
    var goesOn: Bool { !isStopping.load(ordering: .relaxed) }
    /// What the attack has done so far, in its own unit.
    var count: Int { counted.load(ordering: .relaxed) }
    func did(_ more: Int = 1) { counted.wrappingAdd(more, ordering: .relaxed) }

    /// Ends it, and says what it has done.
    func stop() -> Int {
        isStopping.store(true, ordering: .relaxed)
        ended.wait()
        return count
    }
}

/// The test process is the attackers' too: as many descriptors as it may have.
func raiseOpenFiles() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
