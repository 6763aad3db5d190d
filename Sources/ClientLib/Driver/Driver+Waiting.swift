// How tasks wait. A task that is cancelled is woken by its cancellation handler, which may run before the task is
// asleep: so whoever goes to sleep looks, with the lock held, whether it has been cancelled already. One of the two
// always sees the other.

extension Driver {
    /// Makes a request and waits for its end. Cancelling the task ends this call and touches no other.
    func call(
        _ opcode: Opcode, body: [UInt8], owner: Call.Owner = .caller, timeout: Duration? = nil,
        bindsToConnection: Bool = false
    ) async -> CallResult {
        let id = process { guarded, _ in CallID(number: guarded.session.makeID()) }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                process { guarded, now in
                    guarded.calls[id] = { continuation.resume(returning: $0) }
                    guarded.session.callMade(
                        Call(
                            id: id, owner: owner, opcode: opcode, body: body,
                            deadline: now + (timeout ?? configuration.requestTimeout),
                            bindsToConnection: bindsToConnection), at: now)
                    if Task.isCancelled { guarded.session.callCancelled(id, at: now) }
                }
            }
        } onCancel: {
            process { $0.session.callCancelled(id, at: $1) }
        }
    }

    /// Looks again and again, each time there is news about `subject`, until there is something to return; nil when
    /// the task is cancelled.
    func wait<R: Sendable>(
        for subject: Subject, heedingCancellation: Bool = true, _ look: (inout ClientSession, Moment) -> R?
    ) async -> R? {
        while true {
            let waiter = process { guarded, _ in WaiterID(number: guarded.session.makeID()) }
            var found: R?
            await withTaskCancellationHandler {
                await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                    process { guarded, now in
                        found = look(&guarded.session, now)
                        guarded.waiters[waiter] = { continuation.resume() }
                        guarded.session.waits(waiter, for: subject)
                        if found != nil || (heedingCancellation && Task.isCancelled) {
                            guarded.session.wake(waiter, from: subject)
                        }
                    }
                }
            } onCancel: {
                if heedingCancellation { process { guarded, _ in guarded.session.wake(waiter, from: subject) } }
            }
            if let found { return found }
            if heedingCancellation, Task.isCancelled { return nil }
        }
    }

    /// An iterator's `next`.
    func next<Element>(
        about subject: Subject, _ look: (inout ClientSession, Moment) -> Look<Element>
    ) async -> Look<Element> {
        let found: Look<Element>? = await wait(for: subject) { session, now in
            let found = look(&session, now)
            if case .nothing = found { return nil }
            return found
        }
        return found ?? .finished
    }
}
