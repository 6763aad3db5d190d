import BoxOfficeAudit
import BoxOfficeProtocol
import BoxOfficeServer
import Dispatch
import Foundation
import PowerLoss
import SimulatedDisk
import Testing

/// A disk that fails in every single operation of every kind of change: what could not be written is refused
/// (`storageFull`), what nobody knows is said to be so (`outcomeUnknown`), the same key settles it, nothing that was
/// answered is lost, and nothing is done twice.
@Suite("Faults under the server", .serialized) struct FaultTests {
    struct Fault: CustomTestStringConvertible {
        let testDescription: String
        let kind: simulated_disk_fault
        let answer: RefusalCode
        var isOfSyncs: Bool { kind == simulated_disk_sync_fails || kind == simulated_disk_sync_loses }

        static let all = [
            Fault(testDescription: "EIO", kind: simulated_disk_io_error, answer: .outcomeUnknown),
            Fault(testDescription: "no space", kind: simulated_disk_no_space, answer: .storageFull),
            Fault(testDescription: "a short write", kind: simulated_disk_short_write, answer: .storageFull),
            Fault(testDescription: "a failed sync", kind: simulated_disk_sync_fails, answer: .outcomeUnknown),
            Fault(testDescription: "a sync that loses", kind: simulated_disk_sync_loses, answer: .outcomeUnknown),
        ]
    }

    @Test(arguments: Fault.all) func everyOperationOfEveryChange(_ fault: Fault) async throws {
        let sale = try Self.sale()
        try sale.open(members: ["ann"], rows: 100)
        var faults = 0
        for change in Change.all {
            let hit = try Self.failEverywhere(fault, in: change, of: sale)
            #expect(hit > 0, "\(change.name) writes nothing")
            faults += hit
        }
        #expect(faults >= Change.all.count * (fault.isOfSyncs || Self.operationsPerTry > 1 ? 1 : 8))
        await sale.end()
        try Self.check(sale)
        print("Faults under the server, \(fault.testDescription): \(faults); \(sale.answers)")
    }

    /// From each operation of a change on the disk fails for good: the server says goodbye, and when it is started on a disk
    /// that works, the key settles what became of the change.
    @Test func aDiskThatFailsForGoodFromAnyOperation() async throws {
        let stopped = DispatchSemaphore(value: 0)
        let sale = try Self.sale { $0.storageLost = { stopped.signal() } }
        try sale.open(members: ["ann"])
        // A member has eight sessions at most, and each of these starts takes one.
        for skipped in stride(from: UInt64(0), to: 10, by: 2) {
            let client = sale.members[0].client
            let key = client.key()
            let request = Charge(operation: key, amount: Points(3))
            sale.rest()
            let before = sale.disk.failures
            sale.disk.fail(simulated_disk_io_error, after: skipped)
            if case .failure(let refusal) = try sale.change(client, key, request) {
                #expect(refusal.code == .outcomeUnknown, "after \(skipped) operations")
            }
            sale.rest()
            guard sale.disk.failures > before else {
                sale.disk.mend()
                continue
            }
            #expect(try client.goAwayAndClose() == .storage)
            #expect(StorageTests.waited(for: stopped))
            sale.disk.mend()
            try await sale.restart()
            _ = try sale.settled(sale.members[0].client, key, request).get()
        }
        #expect(sale.answers["charge refused: outcomeUnknown", default: 0] > 2)
        await sale.end()
        try Self.check(sale)
    }

    // MARK: The machinery

    private static func sale(_ configure: @escaping (inout ServerConfiguration) -> Void = { _ in }) throws -> WireSale {
        try WireSale(seed: 1) {
            $0.holdSeconds = 3_600
            $0.storageFullSeconds = 0.02
            configure(&$0)
        }
    }

    /// Everything told is there, each key once, and the audit agrees.
    private static func check(_ sale: WireSale) throws {
        let found = try FoundOffice(directory: sale.office.directory, isAudited: true)
        for told in sale.told where !told.isKept(found) { Issue.record("\(told.text) is lost") }
    }

    /// Lets the first operation fail, then the second, and so on, each time in a change of its own, until the change has no
    /// more operations than that. Returns how many faults there were.
    private static func failEverywhere(_ fault: Fault, in change: Change, of sale: WireSale) throws -> Int {
        var faults = 0
        // A change has one sync or two, so that not every operation before them is worth a try.
        for skipped in stride(from: UInt64(0), to: 400, by: fault.isOfSyncs ? 5 : operationsPerTry) {
            let attempt = try change.prepare(sale)
            sale.rest()
            let before = sale.disk.failures
            sale.disk.fail(fault.kind, after: skipped, count: 1)
            let first = try attempt()
            let isHit = sale.disk.failures > before
            sale.disk.mend()
            // A success is one whose commit was over: the fault was in copying the log into the file.
            if let code = first {
                #expect(isHit && code == fault.answer, "\(change.name), operation \(skipped): \(code)")
                #expect(try settled(attempt) == nil)
            }
            // Whoever asks again is told the same.
            if change.hasKey { #expect(try attempt() == nil) }
            guard isHit else { return faults }
            faults += 1
        }
        Issue.record("\(change.name) does not end")
        return 0
    }

    /// Every operation; under a sanitizer, where each takes ten times as long, some.
    private static let operationsPerTry = ProcessInfo.processInfo.environment["BOXOFFICE_SANITIZER"] == nil ? 1 : 5

    private static func settled(_ attempt: () throws -> RefusalCode?) throws -> RefusalCode? {
        for _ in 0..<2_000 {
            guard let code = try attempt(), [.outcomeUnknown, .storageFull, .busy].contains(code) else { return nil }
            usleep(5_000)
        }
        return .outcomeUnknown
    }
}

/// A change that somebody asks for: `prepare` does what comes before it and gives a request that may be made again and
/// again, nil for done.
private struct Change {
    let name: String
    var hasKey = true
    let prepare: (WireSale) throws -> () throws -> RefusalCode?

    init(_ name: String, hasKey: Bool = true, _ prepare: @escaping (WireSale) throws -> () throws -> RefusalCode?) {
        (self.name, self.hasKey, self.prepare) = (name, hasKey, prepare)
    }

    private static func asking<Message: RequestMessage>(
        _ sale: WireSale, _ client: RawClient, _ message: (OperationKey) -> Message
    ) -> () throws -> RefusalCode? {
        let key = client.key()
        let message = message(key)
        return {
            if case .failure(let refusal) = try sale.change(client, key, message) { refusal.code } else { nil }
        }
    }

    /// A place is used up by a payment.
    private static func joined(_ sale: WireSale) throws {
        let client = sale.members[0].client
        let key = client.key()
        _ = try sale.settled(client, key, JoinQueue(operation: key, concert: ConcertID(1))).get()
    }

    private static func held(_ sale: WireSale) throws -> ReservationID {
        let client = sale.members[0].client
        let key = client.key()
        sale.seatsUsed += 1
        try joined(sale)
        let request = Hold(operation: key, performance: PerformanceID(1), seats: [SeatIndex(sale.seatsUsed)])
        return try sale.settled(client, key, request).get().reservation.reservation
    }

    private static func paid(_ sale: WireSale) throws -> ReservationID {
        let client = sale.members[0].client
        let reservation = try held(sale)
        let key = client.key()
        _ = try sale.settled(client, key, Pay(operation: key, reservation: reservation)).get()
        return reservation
    }

    static var all: [Change] {
        [
            Change("charge") { sale in
                asking(sale, sale.members[0].client) { Charge(operation: $0, amount: Points(20)) }
            },
            Change("hold") { sale in
                try joined(sale)
                sale.seatsUsed += 1
                let seat = SeatIndex(sale.seatsUsed)
                return asking(sale, sale.members[0].client) {
                    Hold(operation: $0, performance: PerformanceID(1), seats: [seat])
                }
            },
            Change("release") { sale in
                let reservation = try held(sale)
                return asking(sale, sale.members[0].client) { Release(operation: $0, reservation: reservation) }
            },
            Change("pay") { sale in
                let reservation = try held(sale)
                return asking(sale, sale.members[0].client) { Pay(operation: $0, reservation: reservation) }
            },
            Change("refund") { sale in
                let reservation = try paid(sale)
                return asking(sale, sale.boss) { Refund(operation: $0, reservation: reservation) }
            },
            Change("sign up") { sale in
                sale.namesUsed += 1
                let name = "member\(sale.namesUsed)"
                return asking(sale, sale.boss) {
                    SignUp(operation: $0, name: name, password: Secret("correct horse"))
                }
            },
            Change("set the room") { sale in
                asking(sale, sale.boss) { key in
                    var room = SetRoom(operation: key, concert: ConcertID(1))
                    room.capacity = UInt32.random(in: 50...200)
                    return room
                }
            },
            // The upload is used up by it; whoever missed the answer looks at the plans.
            Change("import a plan", hasKey: false) { sale in
                sale.namesUsed += 1
                let plan = TestFiles.plan(name: "Plan \(sale.namesUsed)", rows: 3, seats: 10)
                let upload = try sale.boss.uploadParts(.plan, plan)
                return asking(sale, sale.boss) { CommitUpload(operation: $0, upload: upload) }
            },
            Change("log in", hasKey: false) { sale in
                sale.namesUsed += 1
                let (client, name) = (try sale.office.guest(), "member\(sale.namesUsed)")
                let key = client.key()
                let signUp = SignUp(operation: key, name: name, password: Secret("correct horse"))
                _ = try sale.settled(client, key, signUp).get()
                return {
                    let request = LogIn(name: name, password: Secret("correct horse"), device: "")
                    if case .failure(let refusal) = try client.call(request) { return refusal.code }
                    return nil
                }
            },
        ]
    }
}
