#if os(Linux)
    import CEpoll
    import Glibc

    /// `Poller` over epoll.
    final class EpollPoller: Poller {
        let descriptor: Int32
        private var batch = [epoll_event](repeating: epoll_event(), count: 256)

        init() throws(SystemError) {
            descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
            guard descriptor >= 0 else { throw .last(in: "epoll_create1") }
        }

        func add(_ socket: Int32, token: UInt64) throws(SystemError) {
            var event = epoll_event()
            // Writability is watched from the start: edge-triggered it costs one event, and never a second call.
            event.events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
            event.data.u64 = token
            guard epoll_ctl(descriptor, EPOLL_CTL_ADD, socket, &event) == 0 else { throw .last(in: "epoll_ctl") }
        }

        func remove(_ socket: Int32) {
            var event = epoll_event()
            _ = epoll_ctl(descriptor, EPOLL_CTL_DEL, socket, &event)
        }

        func takeEvents(_ body: (_ token: UInt64, _ events: PollEvents) -> Void) -> Bool {
            // The array is moved out while `body` runs: a socket that is added or removed there must not meet an
            // access to this object that is still going on.
            var events = batch
            batch = []
            defer { batch = events }
            let count = events.withUnsafeMutableBufferPointer { room in
                epoll_wait(descriptor, room.baseAddress, Int32(room.count), 0)
            }
            // EINTR, the only failure left, loses nothing: the events keep the descriptor readable.
            guard count > 0 else { return false }
            for index in 0..<Int(count) {
                body(events[index].data.u64, Self.translate(events[index].events))
            }
            return true
        }

        private static func translate(_ flags: UInt32) -> PollEvents {
            var events: PollEvents = []
            if flags & EPOLLIN.rawValue != 0 { events.insert(.readable) }
            if flags & EPOLLOUT.rawValue != 0 { events.insert(.writable) }
            if flags & EPOLLRDHUP.rawValue != 0 { events.insert(.peerFinished) }
            if flags & EPOLLHUP.rawValue != 0 { events.insert(.hungUp) }
            if flags & EPOLLERR.rawValue != 0 { events.insert(.failed) }
            return events
        }
    }
#endif
