import SimulatedDisk

/// What goes wrong in one sale, and how often.
final class Trouble {
    private let network: NetworkFaults
    private let secondsBetweenCrashes: Int?
    private let secondsBetweenDiskFaults: Int?
    private let secondsBetweenJumps: Int?
    private let isSlow: Bool
    var isOver = false

    /// A third of all kinds is left out of each sale.
    init(using dice: inout Dice) {
        var network = NetworkFaults()
        network.latencyMax = dice.pick([.milliseconds(2), .milliseconds(40), .milliseconds(300)])
        if dice.happens(0.66) { network.cut = dice.pick([0.1, 0.4, 0.8]) }
        if dice.happens(0.66) { network.refused = dice.pick([0.1, 0.5]) }
        if dice.happens(0.66) { network.stalled = dice.pick([0.001, 0.01]) }
        self.network = network
        secondsBetweenCrashes = dice.happens(0.66) ? dice.pick([40, 90, 200]) : nil
        secondsBetweenDiskFaults = dice.happens(0.66) ? dice.pick([20, 60, 150]) : nil
        secondsBetweenJumps = dice.happens(0.66) ? dice.pick([30, 120]) : nil
        isSlow = dice.happens(0.4)
    }

    func begin(in sale: Sale, using dice: inout Dice) {
        sale.world.network.faults = network
        var (crashes, faults, jumps, slow) = (dice.split(), dice.split(), dice.split(), dice.split())
        _ = (crashes.next(), faults.next(), jumps.next(), slow.next())
        if let secondsBetweenCrashes { repeats(every: secondsBetweenCrashes, sale, crashes) { self.crash(sale, &$0) } }
        if let secondsBetweenDiskFaults {
            repeats(every: secondsBetweenDiskFaults, sale, faults) { self.failDisk(sale, &$0) }
        }
        if let secondsBetweenJumps {
            repeats(every: secondsBetweenJumps, sale, jumps) {
                sale.world.wallShift += $0.happens(0.5) ? .seconds(3_600) : .seconds(-3_600)
            }
        }
        if isSlow {
            repeats(every: 30, sale, slow) {
                let longest = $0.pick([Duration.microseconds(300), .milliseconds(30), .milliseconds(400)])
                sale.server.operationTime = .microseconds(20)...longest
            }
        }
    }

    private func repeats(every seconds: Int, _ sale: Sale, _ dice: Dice, _ body: @escaping (inout Dice) -> Void) {
        var dice = dice
        sale.world.timeline.after(.seconds(dice.number(1...(2 * seconds)))) { [dice] in
            guard !self.isOver else { return }
            var dice = dice
            body(&dice)
            self.repeats(every: seconds, sale, dice, body)
        }
    }

    private func crash(_ sale: Sale, _ dice: inout Dice) {
        let pause = dice.duration(.milliseconds(200)...(.seconds(20)))
        let survivals: [simulated_disk_survival] = [
            simulated_disk_nothing, simulated_disk_everything, simulated_disk_coin, simulated_disk_torn,
        ]
        switch dice.number(0...4) {
        case 0: sale.server.crash(.process, comesBackAfter: pause)
        case 1: sale.server.crash(.powerLost(dice.pick(survivals)), comesBackAfter: pause)
        case 2: sale.server.crashSoon(.process, within: 60)
        case 3: sale.server.crashSoon(.powerLost(dice.pick(survivals)), within: 60)
        default: sale.server.restart()
        }
    }

    private func failDisk(_ sale: Sale, _ dice: inout Dice) {
        let faults: [simulated_disk_fault] = [
            simulated_disk_io_error, simulated_disk_no_space, simulated_disk_short_write, simulated_disk_sync_fails,
            simulated_disk_sync_loses,
        ]
        sale.server.failDisk(dice.pick(faults), after: dice.number(1...40), count: dice.pick([1, 1, 3, 20]))
    }
}
