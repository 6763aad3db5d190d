#if canImport(Darwin)
    import Darwin

    /// `Poller` over kqueue. A socket has two filters there, so that its events may arrive as two entries of a batch.
    final class KqueuePoller: Poller {
        let descriptor: Int32
        private var batch = [kevent](repeating: kevent(), count: 256)

        init() throws(SystemError) {
            descriptor = kqueue()
            guard descriptor >= 0 else { throw .last(in: "kqueue") }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }

        func add(_ socket: Int32, token: UInt64) throws(SystemError) {
            var changes = [
                Self.change(socket, EVFILT_READ, EV_ADD | EV_CLEAR, token),
                Self.change(socket, EVFILT_WRITE, EV_ADD | EV_CLEAR, token),
            ]
            guard kevent(descriptor, &changes, Int32(changes.count), nil, 0, nil) == 0 else {
                throw .last(in: "kevent")
            }
        }

        func remove(_ socket: Int32) {
            // One call for each: the first failure of a list would leave the rest undone.
            for filter in [EVFILT_READ, EVFILT_WRITE] {
                var change = Self.change(socket, filter, EV_DELETE, 0)
                _ = kevent(descriptor, &change, 1, nil, 0, nil)
            }
        }

        func takeEvents(_ body: (_ token: UInt64, _ events: PollEvents) -> Void) -> Bool {
            var events = batch
            batch = []
            defer { batch = events }
            var immediately = timespec()
            let room = Int32(events.count)
            let count = kevent(descriptor, nil, 0, &events, room, &immediately)
            guard count > 0 else { return false }
            for index in 0..<Int(count) {
                // The token travelled as the bits of a pointer that nobody ever follows.
                body(UInt64(UInt(bitPattern: events[index].udata)), Self.translate(events[index]))
            }
            return true
        }

        private static func change(_ socket: Int32, _ filter: Int32, _ flags: Int32, _ token: UInt64) -> kevent {
            kevent(
                ident: UInt(socket), filter: Int16(filter), flags: UInt16(flags), fflags: 0, data: 0,
                udata: UnsafeMutableRawPointer(bitPattern: UInt(token)))
        }

        private static func translate(_ event: kevent) -> PollEvents {
            let ended = event.flags & UInt16(EV_EOF) != 0
            var events: PollEvents = Int32(event.filter) == EVFILT_READ ? .readable : .writable
            if ended { events.insert(Int32(event.filter) == EVFILT_READ ? .peerFinished : .hungUp) }
            // With EV_EOF, fflags carries the socket's error.
            if ended && event.fflags != 0 { events.insert(.failed) }
            return events
        }
    }
#endif
