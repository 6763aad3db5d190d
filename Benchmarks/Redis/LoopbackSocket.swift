import Foundation

/// A blocking TCP socket on this machine.
final class LoopbackSocket {
    let descriptor: Int32

    struct Failed: Error, CustomStringConvertible {
        let call: String
        let number: Int32
        var description: String { "\(call): \(String(cString: strerror(number)))" }
    }

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(call: "socket", number: errno) }
    }

    convenience init(connectedTo port: UInt16) throws {
        try self.init()
        try connect(to: port)
    }

    deinit { close(descriptor) }

    private func connect(to port: UInt16) throws {
        try withAddress(port: port) { address, length in
            guard Glibc.connect(descriptor, address, length) == 0 else { throw Failed(call: "connect", number: errno) }
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// From now on `receive` is called when something has come.
    func makeNonblocking() throws {
        guard fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else { throw Failed(call: "fcntl", number: errno) }
    }

    /// - Returns: The port that the kernel chose.
    func bindToFreePort() throws -> UInt16 {
        try withAddress(port: 0) { address, length in
            guard bind(descriptor, address, length) == 0 else { throw Failed(call: "bind", number: errno) }
        }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard status == 0 else { throw Failed(call: "getsockname", number: errno) }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Sends all of it.
    func send(_ bytes: [UInt8]) throws {
        // The pointer is good for the duration of each call.
        try bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let part = UnsafeRawBufferPointer(rebasing: bytes[sent...])
                let count = Glibc.send(descriptor, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
                guard count > 0 else { throw Failed(call: "send", number: errno) }
                sent += count
            }
        }
    }

    /// Reads what has come into the buffer, and waits when nothing has.
    ///
    /// - Returns: How many bytes; 0 at the end of the stream.
    func receive(into buffer: inout [UInt8], at start: Int = 0) throws -> Int {
        // The room from `start` to the end of the buffer.
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress! + start, $0.count - start, 0) }
        guard count >= 0 else { throw Failed(call: "recv", number: errno) }
        return count
    }

    private func withAddress(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Void) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        try withUnsafePointer(to: &address) {
            try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
