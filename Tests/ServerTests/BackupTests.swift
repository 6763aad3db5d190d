import BoxOfficeAudit
import BoxOfficeProtocol
import BoxOfficeStore
import Foundation
import PowerLoss
import SimulatedDisk
import Testing

@testable import BoxOfficeServer

/// Backups of a server that sells.
@Suite struct BackupTests {
    @Test func whatWasAnsweredBeforeIsInABackupMadeWhileSelling() async throws {
        let office = try TestOffice { $0.seatsPerMemberMax = 1_000 }
        try office.operatorClient().importHall(rows: 20, seats: 50)
        let local = try office.local()
        let names = (0..<4).map { "buyer\($0)" }
        for name in names {
            let client = try office.member(name)
            _ = try client.ok(Charge(operation: client.key(), amount: Points(1_000_000)))
            _ = try client.ok(JoinQueue(operation: client.key(), concert: ConcertID(1)))
        }
        let isOver = Flag()
        let buyers = names.enumerated().map { number, name in
            Thread.running {
                let client = try office.back(name)
                var seat = UInt32(number * 250)
                while !isOver.isSet, seat < UInt32(number * 250 + 250) {
                    _ = try client.ok(
                        Hold(operation: client.key(), performance: PerformanceID(1), seats: [SeatIndex(seat)]))
                    seat += 1
                }
            }
        }
        var backups: [(path: String, made: BackedUp, answered: Int)] = []
        let ann = try office.member("ann")
        for number in 1...4 {
            for _ in 0..<5 { _ = try ann.ok(Charge(operation: ann.key(), amount: Points(1))) }
            let path = office.directory + "/backup-\(number).sqlite"
            let made = try local.ok(Backup(path: path))
            backups.append((path, made, number * 5))
        }
        isOver.set()
        for buyer in buyers { try buyer.result() }

        var commits: [UInt64] = []
        for backup in backups {
            let report = try Audit.run(file: backup.path)
            #expect(report.isSound, "\(report.findings)")
            let figures = Dictionary(uniqueKeysWithValues: report.figures.map { ($0.name, $0.value) })
            #expect(figures["commits"] == "\(backup.made.commit)")
            let size = try FileManager.default.attributesOfItem(atPath: backup.path)[.size] as? UInt64
            #expect(size == backup.made.bytes)
            commits.append(backup.made.commit)
            // A box office begins from each, with all that was answered before it was asked for.
            let directory = office.directory + "-restored"
            defer { try? FileManager.default.removeItem(atPath: directory) }
            _ = try Store.restore(backup.path, into: directory, replaces: false) { _ in }
            let restored = try TestOffice(at: directory)
            #expect(try restored.back("ann").ok(GetBalance()).balance.rawValue >= Int64(backup.answered))
            await restored.stop()
        }
        #expect(commits == commits.sorted())
        await office.stop()
    }

    @Test func whatCannotBeBackedUpIsRefused() async throws {
        let office = try TestOffice()
        let local = try office.local()
        let taken = office.directory + "/taken.sqlite"
        try Data("mine".utf8).write(to: URL(fileURLWithPath: taken))
        let table: [(path: String, code: RefusalCode)] = [
            ("", .badRequest), ("relative.sqlite", .badRequest),
            ("/" + String(repeating: "x", count: 4_000), .badRequest),
            (taken, .backupFailed), (office.directory + "/nowhere/x.sqlite", .backupFailed),
        ]
        for row in table { #expect(try local.refused(Backup(path: row.path)) == row.code, "\(row.path.prefix(50))") }
        #expect(try office.operatorClient().refused(Backup(path: office.directory + "/x.sqlite")) == .notAllowed)
        let full = try Disk()
        full.fail(simulated_disk_short_write, after: 3, only: ".partial")
        #expect(try local.refused(Backup(path: full.directory + "/full.sqlite")) == .backupFailed)
        #expect(full.failures > 0)
        _ = try local.ok(Backup(path: office.directory + "/whole.sqlite"))
        #expect(FileManager.default.contents(atPath: taken) == Data("mine".utf8))
        for directory in [office.directory, full.directory] {
            let left = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(!left.contains { $0.hasSuffix(".partial") })
        }
        await office.stop()
    }

    @Test func backupsAreMadeByTheClockAndTheNewestAreKept() async throws {
        let directory = NSTemporaryDirectory() + "boxoffice-backups-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try Data().write(to: URL(fileURLWithPath: directory + "/boxoffice-20010203T040506Z.sqlite.partial"))
        try Data("mine".utf8).write(to: URL(fileURLWithPath: directory + "/notes.txt"))
        let office = try TestOffice {
            $0.backups = BackupSchedule(everySeconds: 1, directory: directory, kept: 2)
        }
        func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory).sorted() }
        var seen: Set<String> = []
        for _ in 0..<600 where seen.count < 4 {
            seen.formUnion(try names().filter { BackupSchedule.instant(of: $0) != nil })
            usleep(100_000)
        }
        #expect(seen.count >= 4)
        await office.stop()
        let left = try names()
        #expect(left.last == "notes.txt" && left.count <= 4, "\(left)")
        #expect(!left.contains("boxoffice-20010203T040506Z.sqlite.partial"))
        for name in left where name.hasSuffix(".sqlite") {
            #expect(try Audit.run(file: directory + "/" + name).isSound)
        }
        #expect(office.log.all.contains { $0.contains("backed up") })
    }

    /// A directory that is not there is logged, again and again, and the sale goes on.
    @Test func aBackupThatFailsIsLogged() async throws {
        let office = try TestOffice {
            $0.backups = BackupSchedule(everySeconds: 1, directory: "/nowhere/backups")
        }
        let ann = try office.member("ann")
        for _ in 0..<300 where !office.log.all.contains(where: { $0.hasPrefix("error a backup failed") }) {
            usleep(100_000)
        }
        #expect(office.log.all.contains { $0.hasPrefix("error a backup failed, and the sale goes on: ") })
        #expect(try ann.ok(Charge(operation: ann.key(), amount: Points(5))).balance == Points(5))
        await office.stop()
    }

    @Test func aScheduleIsFollowed() {
        let schedule = BackupSchedule(everySeconds: 3_600, directory: "x", kept: 2)
        let now = Instant(seconds: 1_800_000_000)
        func name(_ secondsAgo: Int64) -> String { BackupSchedule.name(at: now + -.seconds(secondsAgo)) }
        #expect(name(0) == "boxoffice-20270115T080000Z.sqlite")
        let table: [(names: [String], lastTrySecondsAgo: Int64?, isDue: Bool)] = [
            ([], nil, true), ([], 299, false), ([], 300, true), ([name(3_599)], nil, false), ([name(3_600)], nil, true),
            ([name(9_000), name(10)], nil, false), (["boxoffice.sqlite", "other"], nil, true), ([name(-60)], nil, true),
            ([name(3_600)], 10, false),
        ]
        for row in table {
            let lastTry = row.lastTrySecondsAgo.map { now + -.seconds($0) }
            #expect(schedule.isDue(row.names, lastTry: lastTry, at: now) == row.isDue, "\(row)")
        }
        let names = [
            name(50), name(10), "notes.txt", name(90), name(70) + ".partial", "boxoffice-x.sqlite", "boxoffice.sqlite",
        ]
        #expect(schedule.superfluous(names) == [name(90), name(70) + ".partial"])
        for other in [
            "boxoffice-20270115T080000.sqlite", "boxoffice-20271315T080000Z.sqlite", "boxoffice-Z.sqlite", "",
        ] {
            #expect(BackupSchedule.instant(of: other) == nil, "\(other)")
        }
        let limits: [(seconds: UInt32, kept: Int, isGood: Bool)] = [
            (0, 1, false), (1, 1, true), (2_678_400, 1, true), (2_678_401, 1, false), (60, 0, false),
            (60, 10_000, true),
            (60, 10_001, false),
        ]
        for limit in limits {
            let schedule = BackupSchedule(everySeconds: limit.seconds, directory: "x", kept: limit.kept)
            #expect((schedule.refusal == nil) == limit.isGood, "\(limit)")
        }
        #expect(BackupSchedule(everySeconds: 60, directory: "").refusal != nil)
    }
}

/// Something that has happened, seen from any thread.
private final class Flag: @unchecked Sendable {
    // `lock` is held for every access.
    private let lock = NSLock()
    private var value = false
    var isSet: Bool { lock.withLock { value } }
    func set() { lock.withLock { value = true } }
}

/// What a thread came to.
private final class Outcome: @unchecked Sendable {
    // Written before the semaphore is signalled, read after it was waited for.
    private var failure: (any Error)?
    private let done = DispatchSemaphore(value: 0)
    func ended(_ failure: (any Error)?) {
        self.failure = failure
        done.signal()
    }
    func result() throws {
        done.wait()
        if let failure { throw failure }
    }
}

extension Thread {
    fileprivate static func running(_ body: @escaping () throws -> Void) -> Outcome {
        let outcome = Outcome()
        // The tests' clients block; each is used by its own thread only.
        nonisolated(unsafe) let body = body
        detachNewThread {
            do {
                try body()
                outcome.ended(nil)
            } catch {
                outcome.ended(error)
            }
        }
        return outcome
    }
}
