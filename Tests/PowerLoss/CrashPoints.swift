// A script that ran once is stopped at every operation of its disk, in every way that a power cut may leave it.
//
//     the script's disk ──tape──▶ replica, brought to operation 0, 1, 2 …
//                                    │ cut: nothing, everything, coin, torn
//                                    ▼
//                                 target ──▶ SQLite recovers it ──▶ opened, loaded, closed as a server does it
//
// After recovery the data file is a function of the commits alone, byte for byte: SQLite has copied the log into it, and
// the log is gone. So contents that were met before need not be started from again (one in so many is, to be sure), and
// a state, known by the data file's fingerprint after a start, is read and checked in depth once.
//
// What must hold at a point after operation k:
// - the start succeeds, and the state is one that the script went through (nothing half done): one that is seen when
//   everything survives, at k or before;
// - the state keeps every promise that somebody had been given by then.

import SimulatedDisk

/// A script that was run, with what it told.
package struct Recording {
    /// With its tape, from its beginning.
    package var disk: Disk
    /// A disk as the script found it; nil for an empty one.
    package var beginning: Disk?
    /// For each promise, in order: how many operations had begun when it was given. It was due by the next one.
    package var promises: [UInt64] = []
    /// Before this many operations the file makes up things at random, which nobody was told yet: there a state is
    /// judged by `read` alone.
    package var settled: UInt64 = 0

    package init(disk: Disk, beginning: Disk? = nil) {
        self.disk = disk
        self.beginning = beginning
    }

    /// Notes a promise at the moment it was given.
    package mutating func promised() { promises.append(disk.operations) }
}

/// Where the power went off.
package struct CrashPoint: Sendable, CustomStringConvertible {
    package var operation: UInt64
    package var cut: Cut
    package var description: String { "after operation \(operation), \(cut)" }
}

/// What came of all the points.
package struct CrashReport: Sendable, CustomStringConvertible {
    package var points = 0
    package var images = 0
    package var starts = 0
    package var states = 0
    package var operations: UInt64 = 0
    /// Of the points: those within a start after a cut.
    package var recoveries = 0
    package var problems: [String] = []
    package var seconds = 0.0

    package init() {}

    package var description: String {
        "\(points) points (\(recoveries) of them while starting after a cut) at \(operations) operations, \(images) different "
            + "disks, \(starts) starts, \(states) states, \(Int(Double(points) / max(seconds, 0.001))) points a second, \(problems.count) problems"
    }

    package static func + (one: Self, other: Self) -> Self {
        var sum = one
        sum.points += other.points
        sum.images += other.images
        sum.starts += other.starts
        sum.states += other.states
        sum.operations += other.operations
        sum.recoveries += other.recoveries
        sum.problems += other.problems
        sum.seconds += other.seconds
        return sum
    }
}

/// Visits the points of a recording.
package final class CrashPoints {
    private static let file = "boxoffice.sqlite"
    /// Problems that are told in words; the search ends with the last of them.
    package var problemsMax = 8
    /// One of so many different disks is also stopped while it starts.
    package var recoveriesEvery = 300
    /// One of so many different disks is started from although SQLite finds on it what was there before.
    package var startsEvery = 64

    private let recording: Recording
    /// Opens and closes the data file in a directory as a server's start and end do.
    private let start: (String) throws -> Void
    /// Reads the data file in depth, finds nothing wrong with it, and says how many promises it keeps, from the first.
    private let read: (String, _ isSettled: Bool) throws -> Int
    private let replica: Disk
    private let target: Disk
    private var states: [Fingerprint: Int] = [:]
    /// Whole disks, as they were left: which state they are in.
    private var images: [Fingerprint: Fingerprint] = [:]
    /// Whole disks, when SQLite has recovered them: the same.
    private var recovered: [Fingerprint: Fingerprint] = [:]
    private(set) package var report = CrashReport()

    package init(
        _ recording: Recording, start: @escaping (String) throws -> Void,
        read: @escaping (String, _ isSettled: Bool) throws -> Int
    ) throws {
        self.recording = recording
        self.start = start
        self.read = read
        replica = try Disk()
        target = try Disk()
        recording.beginning?.cut(to: replica, .everything)
        report.operations = recording.disk.operations
    }

    /// The replica's syncs of such files do nothing from now on: the self-test.
    package func lie(about suffix: String) { simulated_disk_lie(replica.pointer, suffix) }

    /// Visits every operation: in all four ways, and then with `rounds - 1` more seeds for the coin and the tear.
    package func visit(rounds: Int = 1, seed: UInt64 = 1, pointsMax: Int = .max) {
        let clock = ContinuousClock()
        let began = clock.now
        defer { report.seconds = Double((clock.now - began) / .milliseconds(1)) / 1_000 }
        for operation in 0...recording.disk.operations {
            simulated_disk_replay(replica.pointer, recording.disk.pointer, operation)
            let promised = recording.promises.partitioningIndex { $0 > operation }
            for cut in Self.cuts(at: operation, rounds: rounds, seed: seed) {
                guard report.points < pointsMax, report.problems.count < problemsMax else { return }
                visit(CrashPoint(operation: operation, cut: cut), promised)
            }
        }
    }

    private static func cuts(at operation: UInt64, rounds: Int, seed: UInt64) -> [Cut] {
        var cuts = [Cut.everything, .nothing]
        for round in 0..<UInt64(rounds) {
            let seed = (seed &* 1_000_003 &+ round) &* 1_000_003 &+ operation
            let sector: UInt32 = (operation + round) % 2 == 0 ? 512 : 4096
            cuts.append(Cut(survival: simulated_disk_coin, sectorBytes: sector, seed: seed))
            cuts.append(Cut(survival: simulated_disk_torn, seed: seed))
        }
        return cuts
    }

    private func visit(_ point: CrashPoint, _ promised: Int) {
        report.points += 1
        replica.cut(to: target, point.cut)
        let image = target.contents
        let isNew = images[image] == nil
        let isSettled = point.operation >= recording.settled
        do {
            let state: Fingerprint
            if let known = images[image] {
                state = known
            } else {
                report.images += 1
                state = try stateReached(on: target, isSettled) { self.replica.cut(to: self.target, point.cut) }
                images[image] = state
            }
            var kept = states[state]
            if kept == nil {
                guard !isSettled || point.cut == .everything else { throw Problem("half of something is done") }
                report.states += 1
                kept = try read(target.directory, isSettled)
                states[state] = kept
            }
            guard kept! >= promised else {
                throw Problem("\(kept!) of \(promised) promises are kept")
            }
            if isNew, report.images % recoveriesEvery == 0 { try visitRecovery(point, state, isSettled) }
        } catch {
            report.problems.append("\(point): \(error)")
        }
    }

    /// Which state a disk is in that was just cut; `again` cuts it once more.
    private func stateReached(on disk: Disk, _ isSettled: Bool, again: () -> Void) throws -> Fingerprint {
        let code = simulated_disk_recover(disk.pointer, Self.file)
        let contents = disk.contents
        let known = code == 0 ? recovered[contents] : nil
        if let known, report.images % startsEvery != 0 { return known }
        again()
        report.starts += 1
        try start(disk.directory)
        guard let state = disk.contents(of: Self.file) else { throw Problem("there is no data file") }
        guard known == nil || known == state || !isSettled else {
            throw Problem("a start made something else of the same contents")
        }
        recovered[contents] = state
        return state
    }

    /// The power goes off again at every operation of the start that follows: the state is the same in the end.
    private func visitRecovery(_ point: CrashPoint, _ state: Fingerprint, _ isSettled: Bool) throws {
        let (starting, second, third) = (try Disk(), try Disk(), try Disk())
        replica.cut(to: starting, point.cut)
        replica.cut(to: second, point.cut)
        simulated_disk_record(starting.pointer)
        try start(starting.directory)
        for operation in 0...starting.operations {
            simulated_disk_replay(second.pointer, starting.pointer, operation)
            for cut in Self.cuts(at: operation, rounds: 1, seed: point.operation) {
                report.points += 1
                report.recoveries += 1
                second.cut(to: third, cut)
                let found = try stateReached(on: third, isSettled) { second.cut(to: third, cut) }
                guard found == state || !isSettled else {
                    throw Problem(
                        "starting, operation \(operation), \(cut): it is another state than without a second cut")
                }
            }
        }
    }
}

/// What is wrong, in words.
package struct Problem: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

extension Array {
    /// The first index whose element is like this, when all after it are as well.
    fileprivate func partitioningIndex(where isAfter: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
