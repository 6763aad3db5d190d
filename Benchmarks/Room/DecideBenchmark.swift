import BoxOfficeEngine
import BoxOfficeProtocol

/// Whole decisions in a full house: operation keys, presence, deadlines, facts and notices included.
struct DecideBenchmark {
    let house: CrowdedHouse
    let rounds: Int

    private static let joinsPerRound = 10_000
    /// As many are let in in one turn (`Engine.turnsMax`).
    private static let admissionsPerRound = 1_000

    func run(into report: inout Report) {
        var engine = Engine(configuration: EngineConfiguration())
        let members = 1...house.waiting + rounds * Self.joinsPerRound
        for member in members { engine.apply(CrowdedHouse.member(member)) }
        for member in members.dropFirst(house.waiting) { engine.apply(CrowdedHouse.session(member)) }
        for fact in house.world { engine.apply(fact) }
        for member in members.prefix(house.waiting) { engine.apply(CrowdedHouse.token(member)) }
        // From here on everybody counts as present for a minute, which does not pass.
        var now = CrowdedHouse.openedAt + .seconds(60)
        var effects = Effects()
        engine.loaded(at: now)
        engine.wake(at: now, into: &effects)

        var join = Rounds()
        var admission = Rounds()
        var newcomer = house.waiting + 1
        for round in 1...rounds {
            // One instant admits one turn's worth.
            now = now + .milliseconds(1)
            join.ours(operations: Self.joinsPerRound) {
                for _ in 0..<Self.joinsPerRound {
                    Self.join(newcomer, &engine, at: now)
                    newcomer += 1
                }
            }
            admission.ours(operations: 1) {
                Self.setCapacity(UInt32(round * Self.admissionsPerRound), &engine, at: now)
            }
        }
        let left = house.waiting + rounds * (Self.joinsPerRound - Self.admissionsPerRound)
        precondition(engine.roomFigures(of: CrowdedHouse.concert, at: now)?.waiting == UInt32(left))
        report.add("whole decide of a join", ours: join.oursMedian, peer: nil, unit: .seconds, .nothing)
        report.add(
            "whole decide of \(Self.admissionsPerRound) admissions", ours: admission.oursMedian, peer: nil,
            unit: .seconds, .nothing)
    }

    private static func key(_ number: UInt64, at now: Instant) -> OperationKey {
        OperationKey(at: now, random: Bytes16(high: number, low: number))
    }

    private static func join(_ member: Int, _ engine: inout Engine, at now: Instant) {
        let number = UInt64(member)
        decide(
            .member(MemberID(number), session: SessionID(number)),
            .joinQueue(JoinQueue(operation: key(number, at: now), concert: CrowdedHouse.concert)), &engine, at: now)
    }

    private static func setCapacity(_ capacity: UInt32, _ engine: inout Engine, at now: Instant) {
        let key = key(UInt64(capacity) << 32, at: now)
        let change = SetRoom(operation: key, concert: CrowdedHouse.concert, capacity: capacity)
        decide(.local, .setRoom(change), &engine, at: now)
    }

    private static func decide(_ actor: Actor, _ request: Request, _ engine: inout Engine, at now: Instant) {
        var effects = Effects()
        let command = Command(actor: actor, action: .request(request), digest: Bytes16(high: 0, low: 1))
        guard case .response = engine.decide(command, at: now, into: &effects) else {
            preconditionFailure("\(request.opcode) was refused")
        }
    }
}
