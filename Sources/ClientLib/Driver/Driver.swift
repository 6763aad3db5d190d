// Where the pure session meets the world. Every event, from a task, the socket or a timer, goes one way:
//
//     lock ─▶ session decides ─▶ frames are posted to the connection ─▶ unlock ─▶ continuations are resumed
//
// Posting happens with the lock held, so that frames leave in the order in which they were decided; it never blocks.
// Continuations are resumed after it, in one place (`Resumptions.carryOut`), so that nobody who wakes up finds the
// lock taken by the one who woke them.

import BoxOfficeTransport

final class Driver: Sendable {
    typealias CallResult = Result<Reply, BoxOfficeError>

    struct Guarded: Sendable {
        var session: ClientSession
        var connection: Connection?
        /// What is told how a call has ended: it resumes the task that waits.
        var calls: [CallID: @Sendable (CallResult) -> Void] = [:]
        var waiters: [WaiterID: @Sendable () -> Void] = [:]
        var halls = HallCache()
        /// Whom to believe, read from the disk with the first connection.
        var tls: TLSContext?
        /// When the earliest timer fires that was not overtaken.
        var timerAt: Moment?
    }

    /// What is to be resumed once the lock is free.
    private struct Resumptions {
        var calls: [(@Sendable (CallResult) -> Void, CallResult)] = []
        var waiters: [@Sendable () -> Void] = []

        func carryOut() {
            for (resume, result) in calls { resume(result) }
            for resume in waiters { resume() }
        }
    }

    let configuration: ClientConfiguration
    let loop: EventLoop
    private let guarded: Locked<Guarded>

    init(_ configuration: ClientConfiguration, on loop: EventLoop = .shared) {
        self.configuration = configuration
        self.loop = loop
        guarded = Locked(Guarded(session: ClientSession(configuration, seed: loop.platform.random())))
    }

    /// One event: the only way to the session.
    @discardableResult
    func process<R>(_ event: (inout Guarded, Moment) -> R) -> R {
        var due = Resumptions()
        let result = guarded.withLock { guarded in
            let result = event(&guarded, loop.platform.now)
            carryOut(&guarded, &due)
            return result
        }
        due.carryOut()
        return result
    }

    private func carryOut(_ guarded: inout Guarded, _ due: inout Resumptions) {
        for action in guarded.session.takeActions() {
            switch action {
            case .connect(let id):
                connect(id, &guarded)
            case .send(let frame, let id):
                if guarded.connection?.id == id { guarded.connection?.send(frame) }
            case .disconnect(let id, let afterFlush):
                guard guarded.connection?.id == id else { continue }
                guarded.connection?.disconnect(afterFlush: afterFlush)
                if !afterFlush { guarded.connection = nil }
            case .answer(let id, let result):
                if let resume = guarded.calls.removeValue(forKey: id) { due.calls.append((resume, result)) }
            case .wake(let ids):
                due.waiters += ids.compactMap { guarded.waiters.removeValue(forKey: $0) }
            }
        }
        setTimer(&guarded)
    }

    private func connect(_ id: ConnectionID, _ guarded: inout Guarded) {
        let context: TLSContext?
        do throws(TLSSetupFailure) {
            context = try tlsContext(&guarded)
        } catch {
            let unusable = BoxOfficeError.trustUnusable(error)
            return loop.timers.async { self.connectionClosed(id, why: unusable.message, insecure: unusable) }
        }
        do throws(SystemError) {
            let connection = Connection(id, on: try loop.shard(), for: self)
            guarded.connection = connection
            let seconds = configuration.connectTimeout / .seconds(1)
            connection.open(configuration.address, tls: context, timeoutSeconds: seconds)
        } catch {
            loop.timers.async { self.connectionClosed(id, why: error.description) }
        }
    }

    private func tlsContext(_ guarded: inout Guarded) throws(TLSSetupFailure) -> TLSContext? {
        guard configuration.address.isEncrypted else { return nil }
        if let context = guarded.tls { return context }
        let context = try TLSContext.client(configuration.trust)
        guarded.tls = context
        return context
    }

    // MARK: Timers

    /// Timers cannot be taken back, so one is set only when it is earlier than the one that is set already; most
    /// events move the deadline further away and set none.
    private func setTimer(_ guarded: inout Guarded) {
        guard let wakeAt = guarded.session.wakeAt, wakeAt < guarded.timerAt ?? wakeAt + .seconds(1) else { return }
        guarded.timerAt = wakeAt
        loop.timers.after(max(.zero, wakeAt - loop.platform.now)) { [weak self] in self?.timerFired(setFor: wakeAt) }
    }

    private func timerFired(setFor moment: Moment) {
        process { guarded, now in
            if guarded.timerAt == moment { guarded.timerAt = nil }
            guarded.session.timerFired(at: now)
        }
    }

    // MARK: From the connection

    func connectionOpened(_ id: ConnectionID) {
        process { $0.session.connectionOpened(id, at: $1) }
    }

    func connectionClosed(_ id: ConnectionID, why: String, insecure: BoxOfficeError? = nil) {
        process { guarded, now in
            if guarded.connection?.id == id { guarded.connection = nil }
            guarded.session.connectionClosed(id, why: why, insecure: insecure, at: now)
        }
    }

    func received(_ frames: [InboundFrame], fault: String?, on id: ConnectionID) {
        process { guarded, now in
            guarded.session.bytesReceived(id, at: now)
            for frame in frames { guarded.session.frameReceived(frame, on: id, at: now) }
            if let fault { guarded.session.brokeProtocol(id, fault, at: now) }
        }
    }
}
