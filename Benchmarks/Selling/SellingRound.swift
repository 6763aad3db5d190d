import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore

/// Holds of one round, decided and committed without sockets: an on-sale that has just begun.
final class SellingRound {
    private let directory: TemporaryDirectory
    private let house: SellingHouse
    private let holds: Int

    /// - Parameters:
    ///   - bystanders: Members beside the 64 who buy.
    ///   - taken: How many seats of each hundred are taken, by as many reservations.
    init(holds: Int, dates: Int = 50, bystanders: Int = 0, taken: Int = 0) throws {
        self.holds = holds
        directory = try TemporaryDirectory()
        house = try SellingHouse(
            in: directory.path, members: 64, dates: dates, taken: taken, seatsPerReservation: 1, bystanders: bystanders)
    }

    /// - Returns: Seconds a hold.
    func sell(batch: Int) throws -> Double {
        let store = try Store.open(directory: directory.path)
        defer { store.close() }
        var engine = Engine(configuration: SellingHouse.configuration)
        let now = Wall.now
        try store.commit(SellingHouse.load(store, into: &engine, at: now), at: now)
        var commands: [Command] = []
        var number = 0
        while commands.count < holds {
            if !house.isTaken(number: number) { commands.append(house.holdCommand(number: number, at: now)) }
            number += 1
        }
        return try secondsTaken {
            var next = 0
            while next < holds {
                var effects = Effects()
                for command in commands[next..<min(next + batch, holds)] {
                    if case .refused(let refusal) = engine.decide(command, at: now, into: &effects) {
                        throw Failed("a hold was refused: \(refusal)")
                    }
                }
                try store.commit(effects.facts, at: now)
                try store.checkpointIfDue(isIdle: false)
                next += batch
            }
        } / Double(holds)
    }

    /// What it has written.
    func rows() throws -> BareRows { try BareRows(of: directory.path, holds: holds) }
}
