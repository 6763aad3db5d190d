import BoxOfficeClient
import Foundation
import Synchronization

/// Members who buy one seat after the other, and note how long each answer took.
final class HonestMembers: Sendable {
    enum Phase: Sendable { case starting, calm, abused }

    static let count = 6
    /// Between one seat and the next. Three requests in this time are fewer than the 50 a second that a connection has, or
    /// what is measured is the wait for that limit.
    static let pause = Duration.milliseconds(70)
    private let now = Mutex(Phase.starting)
    private let samples = Mutex<[Phase: [Double]]>([:])
    private let isStopping = Atomic<Bool>(false)

    func enter(_ phase: Phase) { now.withLock { $0 = phase } }
    func forget() { samples.withLock { $0 = [:] } }
    func stop() { isStopping.store(true, ordering: .relaxed) }

    /// The time that 99 of 100 answers of a phase took at most, milliseconds, and how many there were.
    func p99(_ phase: Phase) -> (milliseconds: Double, count: Int) {
        let sorted = samples.withLock { $0[phase] ?? [] }.sorted()
        return (sorted.isEmpty ? 0 : sorted[sorted.count * 99 / 100], sorted.count)
    }

    /// Joins, holds and pays until `stop`. Returns how many seats were bought, all of them different.
    func buy(_ concert: ConcertID, on server: ServerProcess) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<Self.count {
                group.addTask {
                    try await office(server, as: "member\(number)").running { office in
                        try await self.buy(number, concert, office)
                    }
                }
            }
            return try await group.reduce(0, +)
        }
    }

    private func buy(_ number: Int, _ concert: ConcertID, _ office: BoxOffice) async throws -> Int {
        try await office.charge(Points(100_000))
        let date = try await office.performances(of: concert)[0].performance
        var bought = 0
        while !isStopping.load(ordering: .relaxed) {
            let seat = SeatIndex(UInt32(number + bought * Self.count))
            let key = try await office.newOperationKey()
            try await timed { _ = try await office.perform(JoinQueue(operation: key, concert: concert)) }
            let held = try await timed { try await office.hold(.indices([seat]), at: date) }
            try await timed { _ = try await office.pay(held) }
            bought += 1
            try await Task.sleep(for: Self.pause)
        }
        return bought
    }

    private func timed<Value>(_ body: () async throws -> Value) async throws -> Value {
        let phase = now.withLock { $0 }
        let started = ContinuousClock.now
        let value = try await body()
        let took = (ContinuousClock.now - started) / .milliseconds(1)
        samples.withLock { $0[phase, default: []].append(took) }
        return value
    }
}
