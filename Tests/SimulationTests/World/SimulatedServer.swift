// The machine with the server: the real one, over a disk in memory, with a supervisor that starts it again.
//
//     start ──▶ running ──▶ killed (everything written survives) ─────────────┐
//       ▲          │  └───▶ power lost (what was synced survives, and chance) ├──▶ start, some time later
//       │          └──────▶ stopped in good order ────────────────────────────┤
//       └── cannot start ◀── the disk fails ── gives up by itself ◀───────────┘
//
// A crash comes between two events, or in the middle of one: at an operation of the disk. Then what the program still
// does in that event is said by nobody, and its files fail.

import BoxOfficeEngine
import BoxOfficeProtocol
import Foundation
import Logging
import SimulatedDisk

@testable import BoxOfficeServer
@testable import BoxOfficeTransport

/// `@unchecked Sendable`: there is one thread.
final class SimulatedServer: @unchecked Sendable {
    unowned let world: World
    let directory: String
    private let disk: OpaquePointer
    private(set) var process: SimulatedProcess?
    private(set) var server: Server?
    /// Its parts, also while it stops, when it does not name them any more.
    private var parts: Server.Running?
    private(set) var starts = 0
    private(set) var crashes = 0
    private var dice: Dice
    private let configuration: ServerConfiguration

    /// When which clock ran: from what it showed when it started.
    struct Life {
        let from: Int
        var until = Int.max
        let clock: ServerClock
        let startedAt: Instant
    }
    private(set) var lives: [Life] = []

    /// How long an operation of the disk takes.
    var operationTime = Duration.microseconds(20)...Duration.microseconds(200)
    /// The power goes, or the process is killed, at this operation of the disk.
    private var crashAt: (operation: UInt64, survival: Survival)?
    var isShutDown = false

    enum Survival { case process, powerLost(simulated_disk_survival) }

    static let address = "10.0.0.1:7480"

    init(in world: World, directory: String, _ configure: (inout ServerConfiguration) -> Void) {
        self.world = world
        self.directory = directory
        dice = world.dice.split()
        disk = simulated_disk_make(directory)
        simulated_disk_seed(world.seed)
        var configuration = ServerConfiguration(
            dataDirectory: directory, logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
        configuration.listen = [Self.address]
        configuration.allowsPlaintext = true
        configuration.passwordCost = Sodium.PasswordCost(passes: 1, memoryBytes: 8_192)
        configure(&configuration)
        self.configuration = configuration
        simulated_disk_watch(
            disk,
            { context, operation in
                guard let context, let operation else { return }
                Unmanaged<SimulatedServer>.fromOpaque(context).takeUnretainedValue()
                    .diskOperation(operation.pointee.number)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Nothing is left of the machine.
    func dismantle() {
        if process?.isAlive == true { crash(.process, comesBackAfter: nil) }
        simulated_disk_watch(disk, nil, nil)
        simulated_disk_free(disk)
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func diskOperation(_ number: UInt64) {
        world.timeline.spend(dice.duration(operationTime))
        guard let crashAt, number >= crashAt.operation, let process, process.isAlive else { return }
        // What other queues did before this moment has happened, and the bytes that they sent are on their way.
        process.stun()
        self.crashAt = nil
        world.timeline.at(world.timeline.now, first: true) { [weak process] in
            guard let process, self.process === process, process.isAlive else { return }
            self.crash(crashAt.survival, comesBackAfter: self.pause())
        }
    }

    private func pause() -> Duration { dice.duration(.milliseconds(200)...(.seconds(8))) }

    // MARK: Life

    func start() {
        guard !isShutDown, process?.isAlive != true else { return }
        world.hasPower = true
        starts += 1
        world.note("start")
        simulated_disk_set_time(world.wallMicroseconds)
        let process = SimulatedProcess(in: world, host: 0x0A00_0001)
        var configuration = configuration
        configuration.storageLost = { [weak self, weak process] in
            guard let self, let process, self.process === process, process.isAlive else { return }
            self.world.say("the server gives up")
            process.die()
            self.world.timeline.after(.zero) { self.crash(.process, comesBackAfter: self.pause()) }
        }
        let server = Server(configuration: configuration, on: process)
        self.process = process
        self.server = server
        do {
            _ = try server.start()
            parts = server.running
            guard process.acts, let loop = server.running?.services.loop else { return }
            lives.append(Life(from: world.timeline.now, clock: loop.clock, startedAt: loop.clock.now))
            check()
        } catch {
            world.say("cannot start: \(error)")
            if process.isAlive {
                process.die()
                crash(.process, comesBackAfter: pause())
            }
        }
    }

    /// The process is killed, or the machine loses its power, now.
    func crash(_ survival: Survival, comesBackAfter pause: Duration?) {
        guard let process else { return }
        process.die()
        crashes += 1
        crashAt = nil
        var mode = simulated_disk_everything
        var inSilence = false
        if case .powerLost(let what) = survival {
            mode = what
            inSilence = true
            world.hasPower = false
        }
        world.note("crash \(mode.rawValue)")
        world.network.processEnded(process, inSilence: inSilence)
        simulated_disk_cut(disk, disk, mode, dice.pick([512, 4096]), dice.next())
        bury()
        if let pause { world.timeline.after(pause) { self.start() } }
    }

    /// A crash at one of the next operations of the disk.
    func crashSoon(_ survival: Survival, within operations: Int) {
        let operation = simulated_disk_operations(disk) + UInt64(dice.number(1...operations))
        crashAt = (operation, survival)
        simulated_disk_fail(disk, simulated_disk_power_off, operation, 1)
    }

    /// Asks it to stop, and starts it again when it has.
    func restart() {
        guard let process, process.isAlive, let server else { return }
        world.note("stop")
        server.shutDown(within: 5) {
            guard self.process === process, process.isAlive else { return }
            process.die()
            self.world.timeline.after(.zero) { self.crash(.process, comesBackAfter: self.pause()) }
        }
    }

    /// Takes a dead process apart: its parts know each other, and its files and its lock are let go.
    private func bury() {
        guard let process else { return }
        if !lives.isEmpty, lives[lives.count - 1].until == .max { lives[lives.count - 1].until = world.timeline.now }
        if let running = parts {
            for shard in running.hosts.map(\.shard) + [running.accepting] {
                (shard.queue as? SimulatedQueue)?.autopsy {
                    shard.stop()
                    shard.drainInbox()
                    shard.drainInbox()
                }
            }
            let loop = running.services.loop
            (loop.queue as? SimulatedQueue)?.autopsy {
                loop.isStopped = true
                loop.store.close()
                loop.hosts = []
                loop.router = Router()
                loop.backlog = []
                loop.deferred = []
            }
        }
        process.bury()
        self.process = nil
        server = nil
        parts = nil
    }

    // MARK: The disk

    func failDisk(_ fault: simulated_disk_fault, after operations: Int, count: Int) {
        guard crashAt == nil else { return }
        simulated_disk_fail(disk, fault, simulated_disk_operations(disk) + UInt64(operations), UInt64(count))
    }

    func letDiskLie() { simulated_disk_lie(disk, "") }

    func mendDisk() {
        crashAt = nil
        simulated_disk_mend(disk)
        operationTime = .microseconds(20)...(.microseconds(200))
    }

    // MARK: Looking

    /// I1 to I7 in the engine's memory.
    func check() {
        guard process?.isAlive == true, let loop = server?.running?.services.loop, !loop.isStopped else { return }
        if let broken = loop.engine.brokenInvariant() { world.found(broken) }
    }

    /// When a clock of the server first showed this instant, or later, for good.
    ///
    /// A server that cannot store anything, and starts anew with another wall clock, goes on from what it stored last: the
    /// time after that was never told to anybody.
    func time(of instant: Instant) -> Int {
        for (index, life) in lives.enumerated() {
            if lives[index...].dropFirst().contains(where: { $0.startedAt < instant }) { continue }
            if life.startedAt >= instant { return life.from }
            let time = life.from + Int((instant - life.startedAt).count) * 1_000
            if time <= life.until { return time }
        }
        return .max
    }

    /// Whether somebody who looked between these may have seen that this instant has passed, though it has not for good.
    func passedForAWhile(_ instant: Instant, _ from: Int, _ until: Int) -> Bool {
        guard time(of: instant) > until else { return false }
        return lives.contains {
            $0.from <= until && $0.until >= from
                && $0.startedAt + Microseconds(Int64(min(until, $0.until) - $0.from) / 1_000) >= instant
        }
    }

    /// Whether one server ran all the time between these.
    func ranThrough(_ from: Int, _ until: Int) -> Bool {
        lives.contains { $0.from <= from && $0.until >= until }
    }

    /// Whether what was heard at `time` with this instant of the server's in it can be from an earlier life: the network
    /// may have kept it, and across a start the server's time may go back to what was stored last.
    func mayBeFromBefore(_ instant: Instant, heardAt time: Int) -> Bool {
        lives.contains { life in
            life.until < time && life.startedAt <= instant
                && Int((instant - life.startedAt).count) * 1_000 <= life.until - life.from
        }
    }
}
