import Foundation
import Testing

/// Whole sales in simulated worlds (docs/simulation.md).
@Suite(.serialized)
struct SimulationTests {
    /// Seeds from here on; so many. `scripts/soak simulation` asks for more.
    private static let first = ProcessInfo.processInfo.environment["BOXOFFICE_SIMULATION_FIRST"].flatMap(UInt64.init)
    private static let count = ProcessInfo.processInfo.environment["BOXOFFICE_SIMULATION_COUNT"].flatMap(UInt64.init)

    @Test func salesHaveAnExplanation() {
        let first = Self.first ?? 1
        let count = Self.count ?? 100
        let began = ContinuousClock.now
        var (operations, events, crashes) = (0, 0, 0)
        for seed in first..<(first + count) {
            let outcome = Sale(seed: seed, keepsTrail: count == 1).run()
            operations += outcome.operations
            events += outcome.events
            crashes += outcome.crashes
            if count == 1 {
                for line in outcome.story { print(line) }
                print("seed \(seed): digest \(String(outcome.digest, radix: 16)), \(outcome.events) events")
            }
            for finding in outcome.findings {
                Issue.record("seed \(seed): \(finding)\nagain: scripts/soak simulation --seed \(seed)")
            }
        }
        print(
            "\(count) sales, \(operations) operations, \(events) events, \(crashes) crashes, "
                + "in \(ContinuousClock.now - began)")
    }

    /// Its self-test: what a lying disk loses in a power cut was answered, and has no explanation.
    @Test func aLyingDiskIsNoticed() {
        #expect((1...6).contains { !Sale(seed: $0, lies: true).run().findings.isEmpty })
    }

    @Test func aSeedReplaysToTheByte() {
        for seed in UInt64(1)...2 {
            let first = Sale(seed: seed).run()
            let second = Sale(seed: seed).run()
            #expect(first.digest == second.digest, "seed \(seed)")
            #expect(first.events == second.events, "seed \(seed)")
        }
    }
}
