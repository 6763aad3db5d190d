import Dispatch

/// A serial queue of Dispatch.
final class DispatchWorkQueue: WorkQueue {
    private let queue: DispatchQueue

    private static let current = DispatchSpecificKey<ObjectIdentifier>()

    /// A queue that debuggers show as `label`.
    init(_ label: String, isUrgent: Bool = true) {
        // On Linux that is niced by 2, so it has less than the others where there is not enough. Background, niced by 10,
        // is starved by any neighbour: under load logins took longer than clients wait.
        queue = DispatchQueue(label: label, qos: isUrgent ? .unspecified : .utility)
        queue.setSpecific(key: Self.current, value: ObjectIdentifier(self))
        // libdispatch opens the descriptor behind its timers when the first one is set, and a process that is out of
        // descriptors by then never sees a timer fire: a listener's pause would not end. So one is set now.
        queue.asyncAfter(deadline: .now() + .milliseconds(1)) {}
    }

    func async(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

    func sync(_ body: () -> Void) { queue.sync(execute: body) }

    func after(_ span: Duration, _ work: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + span.dispatchInterval, execute: work)
    }

    func makeTimer() -> any WorkTimer { DispatchWorkTimer(on: queue) }

    func whenReadable(
        _ descriptor: Int32, _ body: @escaping @Sendable () -> Void, cancelled: @escaping @Sendable () -> Void
    ) -> any WorkSource {
        DispatchReadSource(descriptor, on: queue, body, cancelled: cancelled)
    }

    var isCurrent: Bool { DispatchQueue.getSpecific(key: Self.current) == ObjectIdentifier(self) }

    func assertCurrent() { dispatchPrecondition(condition: .onQueue(queue)) }
}

/// `@unchecked Sendable`: a dispatch source may be used from any thread.
private final class DispatchWorkTimer: WorkTimer, @unchecked Sendable {
    private let source: any DispatchSourceTimer

    init(on queue: DispatchQueue) {
        source = DispatchSource.makeTimerSource(queue: queue)
        // Activated at once, because releasing an inactive source traps (docs/architecture.md, Dispatch 6).
        source.schedule(deadline: .distantFuture)
        source.activate()
    }

    func whenFired(_ body: @escaping @Sendable () -> Void) { source.setEventHandler(handler: body) }

    func fire(after span: Duration, leeway: Duration) {
        source.schedule(deadline: .now() + span.dispatchInterval, leeway: leeway.dispatchInterval)
    }

    func cancel() { source.cancel() }
}

/// `@unchecked Sendable`: a dispatch source may be used from any thread.
private final class DispatchReadSource: WorkSource, @unchecked Sendable {
    private let source: any DispatchSourceRead

    init(
        _ descriptor: Int32, on queue: DispatchQueue, _ body: @escaping @Sendable () -> Void,
        cancelled: @escaping @Sendable () -> Void
    ) {
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler(handler: body)
        source.setCancelHandler(handler: cancelled)
        source.activate()
    }

    func cancel() { source.cancel() }
}

extension Duration {
    /// For Dispatch, to the nanosecond; what is longer than a century is a century.
    fileprivate var dispatchInterval: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        guard seconds < 3_000_000_000 else { return .seconds(3_000_000_000) }
        return .nanoseconds(Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
    }
}
