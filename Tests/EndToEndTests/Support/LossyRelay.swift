import Foundation
import Synchronization

/// Stands between a client and the server, and loses what a test wants lost: the answer to one request, or the request
/// itself. From then on it takes no connection, until it is told to pass everything again.
final class LossyRelay: Sendable {
    enum Loss: Equatable {
        case nothing
        case answer(to: UInt16)
        case request(UInt16)
        /// It has happened.
        case everything
    }

    private let listener: Int32
    private let target: UInt16
    private let loss = Mutex(Loss.nothing)
    let port: UInt16

    struct NoSocket: Error {}

    init(to target: UInt16) throws {
        self.target = target
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        self.listener = listener
        guard isListening else { throw NoSocket() }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                serve(client)
            }
        }
    }

    /// Ends the listening; the thread that accepts lets go of the relay then.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    func lose(_ loss: Loss) { self.loss.withLock { $0 = loss } }

    /// Waits until what was to be lost is lost.
    func hasLost(within seconds: Double = 20) -> Bool {
        let end = Date().addingTimeInterval(seconds)
        while Date() < end {
            if loss.withLock({ $0 }) == .everything { return true }
            usleep(5_000)
        }
        return false
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }

    private func serve(_ client: Int32) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(target)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected, loss.withLock({ $0 }) != .everything else {
            close(server)
            close(client)
            return
        }
        let ends = Ends(client: client, server: server)
        Thread.detachNewThread { [self] in
            relay(from: client, to: server, ends) { frame in
                guard frame.kind == 3 else { return true }
                return loss.withLock { loss in
                    if loss == .answer(to: frame.opcode) { _ = ends.lost.withLock { $0.insert(frame.id) } }
                    guard loss == .request(frame.opcode) else { return true }
                    loss = .everything
                    return false
                }
            }
        }
        Thread.detachNewThread { [self] in
            relay(from: server, to: client, ends) { frame in
                guard frame.kind == 4 || frame.kind == 5, ends.lost.withLock({ $0.contains(frame.id) }) else {
                    return true
                }
                lose(.everything)
                return false
            }
        }
    }

    /// Two sockets that are closed when both directions have ended.
    private final class Ends: Sendable {
        let client, server: Int32
        /// Requests whose answers are not to come back.
        let lost = Mutex<Set<UInt64>>([])
        init(client: Int32, server: Int32) { (self.client, self.server) = (client, server) }
        func hangUp() {
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }
        deinit {
            close(client)
            close(server)
        }
    }

    private struct Frame {
        var bytes: [UInt8]
        var kind: UInt8 { bytes[4] }
        var opcode: UInt16 { UInt16(bytes[6]) << 8 | UInt16(bytes[7]) }
        var id: UInt64 { bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) } }
    }

    private func relay(from: Int32, to: Int32, _ ends: Ends, passes: (Frame) -> Bool) {
        defer { ends.hangUp() }
        while var bytes = read(16, from) {
            let length = bytes[0..<4].reduce(0) { $0 << 8 | Int($1) }
            guard let body = read(length, from) else { return }
            bytes += body
            guard passes(Frame(bytes: bytes)), send(to, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
            else { return }
        }
    }

    private func read(_ count: Int, _ descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress?.advanced(by: filled), count - filled, 0)
            }
            guard got > 0 else { return nil }
            filled += got
        }
        return bytes
    }
}
