import Synchronization

/// Figures that several queues count.
final class Counters: Sendable {
    let connections = Atomic<Int>(0)
    let requests = Atomic<UInt64>(0)
    let refusals = Atomic<UInt64>(0)

    func requestTaken() { requests.wrappingAdd(1, ordering: .relaxed) }
    func requestRefused() { refusals.wrappingAdd(1, ordering: .relaxed) }
}
