import Foundation
import PowerLoss
import SimulatedDisk
import Testing

/// A whole server sells over real sockets, and the power goes off after every operation of its disk, in every way: whoever
/// was told something by then finds it in the file, nothing half done is there, and the invariants hold.
///
/// The script starts on an empty directory, imports a hall, sells, lets holds run out, copies the log into the file, has
/// two syncs fail (the server reads its file anew), shuts down and starts again.
@Suite("Power loss under the server", .serialized) struct ServerPowerLossTests {
    /// `BOXOFFICE_POINTS` asks for another number, with ever new sales (`scripts/soak power-loss`).
    static let soak = ProcessInfo.processInfo.environment["BOXOFFICE_POINTS"].flatMap { Int($0) }
    static let pointsWanted = soak ?? 15_500

    @Test func everyOperationOfASale() async throws {
        var report = CrashReport()
        var seed: UInt64 = 1
        repeat {
            let sale = try await Self.sale(seed: seed, steps: 220)
            let points = try CrashPoints(sale)
            points.visit(
                rounds: Self.soak == nil ? 1 : 8, seed: seed, pointsMax: Self.pointsWanted - report.points)
            report = report + points.report
            #expect(points.report.problems.isEmpty, "seed \(seed)")
            print("Power loss under the server: \(report); \(Self.exactness(of: sale)); \(sale.answers)")
            seed += 1
        } while report.problems.isEmpty && report.points < Self.pointsWanted
        #expect(report.points >= Self.pointsWanted)
        if Self.soak == nil { #expect(report.states > 200 && report.recoveries > 1_000, "\(report)") }
    }

    /// The self-test: with a disk that lies about its syncs, points are found at which what was told is gone.
    @Test func aDiskThatLiesIsNoticed() async throws {
        let sale = try await Self.sale(seed: 1, steps: 12)
        for file in ["-wal", ""] {
            let points = try CrashPoints(sale)
            points.lie(about: file)
            // A page of the file that was torn while the log was copied into it comes first, and more than once.
            points.problemsMax = 100
            points.visit()
            #expect(!points.report.problems.isEmpty, "syncs of \(file) that do nothing were not noticed")
            // Of a log that is never synced, what was told is lost: by the promises, or because the witness has seen it.
            let lost = points.report.problems.filter { $0.contains("promises") || $0.contains("missing") }
            if file == "-wal" { #expect(!lost.isEmpty, "\(points.report.problems)") }
        }
    }

    private static func sale(seed: UInt64, steps: Int) async throws -> WireSale {
        let sale = try WireSale(seed: seed)
        try sale.open()
        for number in 1...steps {
            try sale.step()
            if number == steps / 4 { try sale.stepWithAFailedSync(simulated_disk_sync_fails) }
            if number == steps / 2 { try await sale.restart() }
            if number == steps * 3 / 4 { try sale.stepWithAFailedSync(simulated_disk_sync_loses) }
        }
        await sale.end()
        return sale
    }

    /// How closely it is known when somebody was told: best is directly after a sync, while at most the operation after it
    /// had begun and was held still.
    private static func exactness(of sale: WireSale) -> String {
        func isSync(_ number: UInt64) -> Bool {
            var operation = simulated_disk_operation()
            return simulated_disk_recorded(sale.disk.pointer, number, &operation)
                && operation.kind == simulated_disk_sync
        }
        let exact = sale.recording.promises.count { isSync($0) || isSync($0 - 1) }
        return "\(exact) of \(sale.told.count) promises were read before anything else was written"
    }
}
