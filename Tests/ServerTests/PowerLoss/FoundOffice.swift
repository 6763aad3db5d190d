import BoxOfficeAudit
import BoxOfficeProtocol
import BoxOfficeServer
import BoxOfficeStore
import PowerLoss

@testable import BoxOfficeEngine

/// What a start finds in a file, checked: every row fits, every invariant holds, and now and then the audit agrees.
struct FoundOffice {
    static let seatsPerMemberMax: UInt32 = 1_000

    struct NoticeName: Hashable {
        let member: MemberID
        let sequence: UInt64
        let opcode: UInt16
    }

    private(set) var deployment: DeploymentID
    /// What each operation was first answered.
    private(set) var answers: [OperationKey: [UInt8]] = [:]
    private(set) var sessions: Set<Digest> = []
    private(set) var notices: Set<NoticeName> = []

    init(directory: String, isAudited: Bool) throws {
        let store = try Store.open(directory: directory)
        defer { store.close() }
        deployment = store.deployment
        var configuration = EngineConfiguration()
        configuration.seatsPerMemberMax = Self.seatsPerMemberMax
        var engine = Engine(configuration: configuration)
        let committed = try store.load(into: &engine)
        engine.loaded(at: committed)
        if let broken = engine.brokenInvariant() { throw Problem(broken) }
        var keys = 0
        try store.load { fact in
            switch fact {
            case .operation(let row):
                guard let response = engine.firstResponse(row.opcode, row.result, at: row.at) else {
                    throw Problem("the result of operation \(row.id) cannot be read")
                }
                var writer = WireWriter()
                response.encode(into: &writer)
                answers[row.key] = writer.bytes
                keys += 1
            case .session(let row): sessions.insert(row.tokenDigest)
            case .notice(let row):
                notices.insert(NoticeName(member: row.member, sequence: row.sequence, opcode: row.opcode.rawValue))
            default: break
            }
        }
        guard keys == answers.count else { throw Problem("an operation was carried out twice") }
        guard isAudited else { return }
        store.close()
        // Without the witness, which the audit reads by itself from a real file: the load above has looked at it.
        let report = try Audit.run(file: directory + "/boxoffice.sqlite")
        if !report.isSound { throw Problem("the audit finds \(report.findings)") }
    }
}

extension CrashPoints {
    /// The points of a sale over the wire.
    convenience init(_ sale: WireSale) throws {
        let told = sale.told
        var reads = 0
        try self.init(sale.recording) { directory in
            let store = try Store.open(directory: directory)
            defer { store.close() }
            try store.load { _ in }
            try store.checkpoint(truncate: true)
            try store.updateWitness()
        } read: { directory, _ in
            reads += 1
            let found = try FoundOffice(directory: directory, isAudited: reads % 5 == 0)
            return told.firstIndex { !$0.isKept(found) } ?? told.count
        }
    }
}
