// Backups while selling. The copy is made on the engine's queue, a mebibyte at a time, each step behind whatever came
// before it, so that a batch waits for one step at most; the copy is verified on a queue of its own.
//
//     asked ──▶ step ──▶ (a batch) ──▶ step ──▶ … ──▶ complete ──▶ audit ──▶ renamed ──▶ told
//                 └─ the file is opened anew, or the server stops: the backup ends, and is told so

import BoxOfficeAudit
import BoxOfficeProtocol
import BoxOfficeStore
import BoxOfficeTransport
import Foundation

/// A backup that is being copied.
struct BackupUnderWay {
    let copy: BackupCopy
    let then: @Sendable (Result<BackupCopy.Summary, BackupRefusal>) -> Void
}

/// Why a backup was not made.
struct BackupRefusal: Error {
    var code: RefusalCode
    var text: String

    init(_ code: RefusalCode, _ text: String) {
        self.code = code
        self.text = text
    }

    init(_ error: any Error) {
        switch error {
        case let refusal as BackupRefusal: self = refusal
        case StoreFailure.full: self.init(.backupFailed, "There is no space for it.")
        default: self.init(.backupFailed, "\(error)")
        }
    }
}

extension EngineLoop {
    /// From any thread: makes a backup, and tells on some queue how it went.
    func backUp(
        to path: String, _ then: @escaping @Sendable (Result<BackupCopy.Summary, BackupRefusal>) -> Void
    ) {
        queue.async { self.beginBackup(to: path, then) }
    }

    private func beginBackup(
        to path: String, _ then: @escaping @Sendable (Result<BackupCopy.Summary, BackupRefusal>) -> Void
    ) {
        guard !isStopped else { return then(.failure(BackupRefusal(.shuttingDown, "The server is stopping."))) }
        guard !isBackingUp else { return then(.failure(BackupRefusal(.busy, "Another backup is under way."))) }
        guard path.hasPrefix("/"), path.utf8.count <= 4_000 else {
            return then(.failure(BackupRefusal(.badRequest, "A backup's path begins at the root.")))
        }
        do {
            backup = BackupUnderWay(copy: try store.backup(to: path), then: then)
            isBackingUp = true
            stepBackup()
        } catch {
            then(.failure(BackupRefusal(error)))
        }
    }

    private func stepBackup() {
        guard let backup else { return }
        do {
            guard try backup.copy.step() else { return queue.async { self.stepBackup() } }
        } catch {
            return endBackup(BackupRefusal(error))
        }
        self.backup = nil
        backupQueue.async {
            let result = Result {
                try backup.copy.finish { path in
                    let report = try Audit.run(file: path)
                    guard report.isSound else {
                        let findings = report.findings.filter { !$0.isRemark }.map(\.description)
                        throw BackupRefusal(.backupFailed, "The copy is not sound: \(findings.joined(separator: "; "))")
                    }
                }
            }
            self.queue.async { self.isBackingUp = false }
            backup.then(result.map { backup.copy.summary! }.mapError { BackupRefusal($0) })
        }
    }

    /// A backup that is being copied cannot go on.
    func endBackup(_ refusal: BackupRefusal) {
        guard let backup else { return }
        backup.copy.abandon()
        self.backup = nil
        isBackingUp = false
        backup.then(.failure(refusal))
    }

    // MARK: By the clock

    /// Looks each minute whether a backup is due.
    func scheduleBackups() {
        guard let schedule = configuration.backups, !isStopped else { return }
        queue.after(.seconds(min(60, Int64(schedule.everySeconds)))) { [weak self] in
            guard let self, !self.isStopped else { return }
            self.backupIfDue(schedule)
            self.scheduleBackups()
        }
    }

    private func backupIfDue(_ schedule: BackupSchedule) {
        guard !isBackingUp else { return }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: schedule.directory)) ?? []
        let now = clock.now
        guard schedule.isDue(names, lastTry: backupTriedAt, at: now) else { return }
        backupTriedAt = now
        for name in schedule.superfluous(names) where name.hasSuffix(".partial") {
            unlink(schedule.directory + "/" + name)
        }
        let path = URL(fileURLWithPath: schedule.directory).appendingPathComponent(BackupSchedule.name(at: now)).path
        beginBackup(to: path) { [logger] result in
            switch result {
            case .success(let summary):
                logger.notice("backed up", metadata: ["file": "\(path)", "what": "\(summary)"])
                let names = (try? FileManager.default.contentsOfDirectory(atPath: schedule.directory)) ?? []
                for name in schedule.superfluous(names) { unlink(schedule.directory + "/" + name) }
            case .failure(let refusal):
                logger.error("a backup failed, and the sale goes on: \(refusal.text)", metadata: ["file": "\(path)"])
            }
        }
    }
}
