// The few socket calls this module makes, with their differences between Linux and Apple platforms in one place.
// Nothing here blocks, retries on its own except after a signal, or closes anything it did not open.

#if canImport(Darwin)
    import Darwin
#else
    import CEpoll
    import Glibc
#endif

enum Sockets {
    #if canImport(Darwin)
        static let stream = SOCK_STREAM
        /// Darwin has no such flag: `SO_NOSIGPIPE` is set on each socket instead.
        private static let noSignal: Int32 = 0
    #else
        static let stream = Int32(SOCK_STREAM.rawValue)
        /// A peer that has gone must be an error of this call, not a signal that ends the process.
        private static let noSignal = Int32(MSG_NOSIGNAL)
    #endif

    /// A new stream socket: non-blocking, closed on exec.
    static func open(family: Int32) throws(SystemError) -> Int32 {
        #if canImport(Darwin)
            let descriptor = socket(family, stream, 0)
            guard descriptor >= 0 else { throw .last(in: "socket") }
            prepare(descriptor)
        #else
            let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            let descriptor = socket(family, stream | flags, 0)
            guard descriptor >= 0 else { throw .last(in: "socket") }
        #endif
        return descriptor
    }

    /// Begins to connect; 0, or -1 with `errno`.
    static func connect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
        #if canImport(Darwin)
            return Darwin.connect(descriptor, address, length)
        #else
            return Glibc.connect(descriptor, address, length)
        #endif
    }

    /// Binds to an address; 0, or -1 with `errno`.
    static func bind(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
        #if canImport(Darwin)
            return Darwin.bind(descriptor, address, length)
        #else
            return Glibc.bind(descriptor, address, length)
        #endif
    }

    /// Lets connections come; 0, or -1 with `errno`.
    static func listen(_ descriptor: Int32, backlog: Int32) -> Int32 {
        #if canImport(Darwin)
            return Darwin.listen(descriptor, backlog)
        #else
            return Glibc.listen(descriptor, backlog)
        #endif
    }

    /// Takes the next connection off a listening socket, non-blocking and closed on exec.
    static func accept(_ listening: Int32) -> Result<(descriptor: Int32, peer: SocketAddress), SystemError> {
        let (descriptor, peer) = SocketAddress.reading { address, length in
            #if canImport(Darwin)
                return Darwin.accept(listening, address, length)
            #else
                return boxoffice_accept4(
                    listening, address, length, Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue))
            #endif
        }
        guard descriptor >= 0 else { return .failure(.last(in: "accept")) }
        #if canImport(Darwin)
            prepare(descriptor)
        #endif
        return .success((descriptor, peer ?? .unix(path: "")))
    }

    /// Makes a descriptor that came from elsewhere non-blocking and closed on exec, whatever it was before.
    static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        #if canImport(Darwin)
            set(descriptor, SOL_SOCKET, SO_NOSIGPIPE, 1)
        #endif
    }

    /// Reads what is there, up to the room in `buffer`. Zero bytes is the end of the stream.
    static func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return .wouldBlock
            default: return .failed(.last(in: "recv"))
            }
        }
    }

    /// Writes the pieces in one gathered call, as far as the socket takes them.
    static func send(_ descriptor: Int32, _ pieces: UnsafeMutableBufferPointer<iovec>) -> Transfer {
        var message = msghdr()
        message.msg_iov = pieces.baseAddress
        message.msg_iovlen = .init(pieces.count)
        while true {
            // One piece is the usual case, and cheaper for the kernel to take in without a list.
            let count =
                pieces.count == 1
                ? sendOne(descriptor, pieces[0]) : sendmsg(descriptor, &message, noSignal)
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return .wouldBlock
            default: return .failed(.last(in: "sendmsg"))
            }
        }
    }

    private static func sendOne(_ descriptor: Int32, _ piece: iovec) -> Int {
        #if canImport(Darwin)
            Darwin.send(descriptor, piece.iov_base, piece.iov_len, noSignal)
        #else
            Glibc.send(descriptor, piece.iov_base, piece.iov_len, noSignal)
        #endif
    }

    /// Sets an integer option. Failure is ignored: it means that the peer is gone already, which the next read says.
    static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Frames leave when they are written: a turn gathers them, so Nagle's waiting only adds delay.
    static func setNoDelay(_ descriptor: Int32) { set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1) }

    /// Makes the next close send RST and keep nothing: no lingering state, and what is unsent is dropped.
    static func setResetOnClose(_ descriptor: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }

    /// The error a socket has kept for its owner, 0 when none; asking clears it.
    static func pendingError(_ descriptor: Int32) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length) == 0 else { return errno }
        return value
    }

    static func localAddress(_ descriptor: Int32) -> SocketAddress? {
        SocketAddress.reading { getsockname(descriptor, $0, $1) }.address
    }

    static func peerAddress(_ descriptor: Int32) -> SocketAddress? {
        SocketAddress.reading { getpeername(descriptor, $0, $1) }.address
    }

    /// Tells the peer that nothing more will be sent.
    static func finishSending(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes once. EINTR is not retried: the descriptor is gone by then, and may be somebody else's.
    static func close(_ descriptor: Int32) {
        #if canImport(Darwin)
            _ = Darwin.close(descriptor)
        #else
            _ = Glibc.close(descriptor)
        #endif
    }
}
