import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeStore
import PowerLoss
import Testing

/// Facts at random, in batches at random, with restarts and crashes between: the file holds what they add up to.
@Suite struct RandomTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func theFileHoldsWhatFactsAddUpTo(_ seed: UInt64) throws {
        var world = RandomWorld(seed: seed)
        var directory = try TemporaryDirectory()
        var store = try directory.store()
        var model = FactModel()
        var now: Int64 = 0
        for _ in 0..<60 {
            var batch: [Fact] = []
            for _ in 0..<Int.random(in: 1...60, using: &world.random) { batch += world.facts() }
            now += 1
            try store.commit(batch, at: .at(now))
            for fact in batch { model.apply(fact) }
            switch Int.random(in: 0..<10, using: &world.random) {
            case 0:
                store.close()
                store = try directory.store()
            case 1:
                directory = try directory.crashed()
                store.close()
                store = try directory.store()
            case 2: try store.checkpoint(truncate: Bool.random(using: &world.random))
            default: break
            }
            var loaded = FactModel()
            #expect(try store.load { loaded.apply($0) } == .at(now))
            guard loaded == model else {
                Issue.record("seed \(seed), batch \(now)")
                return
            }
        }
        #expect(try shell(directory.file, "PRAGMA integrity_check; PRAGMA foreign_key_check") == "ok")
    }
}

/// Facts that fit each other: a row names rows that are there.
struct RandomWorld {
    var random: SplitMix64
    private var members: [UInt64] = []
    private var sessions: [UInt64] = []
    private var reservations: [ReservationRow] = []
    private var notices: [UInt64: [UInt64]] = [:]
    private var ids: [String: UInt64] = [:]
    private var hasWorld = false

    init(seed: UInt64) { random = SplitMix64(state: seed) }

    private mutating func next(_ table: String) -> UInt64 {
        ids[table, default: 0] += UInt64.random(in: 1...2, using: &random)
        return ids[table]!
    }

    mutating func facts() -> [Fact] {
        guard hasWorld, let member = members.randomElement(using: &random) else {
            hasWorld = true
            members = [1, 2]
            ids["member"] = 2
            return Sample.world
        }
        switch Int.random(in: 0..<16, using: &random) {
        case 0:
            members.append(next("member"))
            return [.member(Sample.member(members.last!, "n\(members.count)"))]
        case 1:
            let id = next("session")
            sessions.append(id)
            return [.session(Sample.session(id, of: member, acknowledged: Bool.random(using: &random) ? id : nil))]
        case 2:
            guard let index = sessions.indices.randomElement(using: &random) else { return [] }
            return [.sessionEnded(SessionID(sessions.remove(at: index)))]
        case 3:
            return [.token(Sample.token(next("token"), of: member, TokenStatus.known.randomElement(using: &random)!))]
        case 4, 5, 6:
            let seats = (0..<Int.random(in: 1...4, using: &random)).map { _ in UInt32.random(in: 0...9, using: &random)
            }
            let row = Sample.reservation(next("reservation"), of: member, seats)
            reservations.append(row)
            return [.reservation(row)]
        case 7, 8: return pay()
        case 9: return [.ledger(Sample.charge(next("ledger"), to: member, .random(in: 0...9_999, using: &random)))]
        case 10: return [.noticesPruned(MemberID(member), through: 0, rows: prune(member))]
        case 11:
            let floor = ids["operation", default: 0]
            return [.operationsPruned(floor: .at(Int64(floor)), throughRow: floor / 2)]
        case 12:
            let id = nextNotice(to: member)
            return [.notice(Sample.notice(id, to: member, UInt64(notices[member]!.count)))]
        case 13, 14:
            let facts = Sample.hold(
                next("reservation"), of: member, [UInt32.random(in: 0...9, using: &random)],
                notice: nextNotice(to: member), UInt64(notices[member]!.count), operation: next("operation"))
            if case .reservation(let row) = facts[0] { reservations.append(row) }
            return facts
        default: return [.operation(Sample.operation(next("operation"), .member(MemberID(member))))]
        }
    }

    private mutating func nextNotice(to member: UInt64) -> UInt64 {
        let id = next("notice")
        notices[member, default: []].append(id)
        return id
    }

    private mutating func prune(_ member: UInt64) -> [UInt64] {
        let kept = notices[member, default: []]
        let pruned = kept.prefix(kept.count / 2)
        notices[member] = Array(kept.dropFirst(pruned.count))
        return Array(pruned)
    }

    private mutating func pay() -> [Fact] {
        guard let index = reservations.indices.randomElement(using: &random) else { return [] }
        var row = reservations.remove(at: index)
        let (entry, payment) = (next("ledger"), next("payment"))
        row.status = .confirmed
        row.payment = PaymentID(payment)
        row.endedAt = .at(9)
        return [
            .ledger(Sample.sale(entry, of: row.id.rawValue, by: row.member.rawValue)),
            .payment(Sample.payment(payment, of: row.id.rawValue, by: row.member.rawValue, entry: entry)),
            .reservation(row),
        ]
    }
}

typealias SplitMix = SplitMix64
