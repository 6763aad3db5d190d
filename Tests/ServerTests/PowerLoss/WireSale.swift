import BoxOfficeEngine
import BoxOfficeProtocol
import BoxOfficeServer
import Foundation
import PowerLoss
import SimulatedDisk
import Synchronization
import Testing

/// A sale over real sockets, on a server whose file is on a disk in memory, that notes what it was told: every answer to a
/// change byte for byte, every session, every notice, each with the disk's operation at which it was read.
final class WireSale {
    let office: TestOffice
    let disk: Disk
    private(set) var recording: Recording
    private(set) var told: [Told] = []
    private(set) var answers: [String: Int] = [:]
    private let gate: DiskGate
    private var random: SplitMix64
    private var noted: [ObjectIdentifier: Int] = [:]
    private var answered: Set<OperationKey> = []
    private var unsettled: Set<OperationKey> = []

    /// For tests that need a fresh seat or name each time.
    var seatsUsed: UInt32 = 0
    var namesUsed = 0

    private(set) var boss: RawClient!
    private(set) var members: [Member] = []

    struct Member {
        let name: String
        let id: MemberID
        var client: RawClient
        var held: [ReservationID] = []
        var paid: [ReservationID] = []
    }

    /// What somebody was told, and must find again after a power cut.
    struct Told {
        let text: String
        let isKept: @Sendable (FoundOffice) -> Bool
    }

    init(seed: UInt64, _ configure: @escaping (inout ServerConfiguration) -> Void = { _ in }) throws {
        let gate = DiskGate()
        office = try TestOffice { configuration in
            configuration.seatsPerMemberMax = FoundOffice.seatsPerMemberMax
            configuration.rates.joinsPerMember = nil
            // Its clients answer pings only while they wait for an answer.
            configuration.keepaliveSeconds = 3_600
            configuration.holdSeconds = 2
            configuration.holdWarningSeconds = 1
            configure(&configuration)
        } onDisk: { disk in
            simulated_disk_record(disk.pointer)
            gate.watch(disk)
        }
        disk = office.disk!
        self.gate = gate
        recording = Recording(disk: disk)
        random = SplitMix64(state: seed)
    }

    deinit { gate.unwatch(disk) }

    // MARK: Asking and noting

    private func note(_ text: String, at operation: UInt64, _ isKept: @escaping @Sendable (FoundOffice) -> Bool) {
        if told.isEmpty { recording.settled = operation }
        recording.promises.append(operation)
        told.append(Told(text: text, isKept: isKept))
    }

    /// Asks, and says at which operation the answer was there.
    private func answer(_ client: RawClient, _ message: some RequestMessage) throws -> (RawClient.Received, UInt64) {
        gate.outstanding.add(1, ordering: .sequentiallyConsistent)
        defer { gate.outstanding.subtract(1, ordering: .sequentiallyConsistent) }
        let frame = try client.answer(to: try client.request(message))
        return (frame, disk.operations)
    }

    /// Asks for a change; who is told that it is done, must find the same answer under the key for ever.
    @discardableResult
    func change<Message: RequestMessage>(
        _ client: RawClient, _ key: OperationKey, _ message: Message
    ) throws -> Result<Message.Response, Refusal> {
        let (frame, operation) = try answer(client, message)
        defer { noteNotices(client) }
        let name = Message.opcode.name
        guard frame.kind == .response else {
            let refusal = try decoded(Refusal.self, frame)
            answers["\(name) refused: \(refusal.code.name)", default: 0] += 1
            if refusal.code == .outcomeUnknown { unsettled.insert(key) }
            return .failure(refusal)
        }
        answers[name, default: 0] += 1
        let body = frame.body
        // Asked again, it may tell the same with another time.
        let isFirst = answered.insert(key).inserted && !unsettled.contains(key)
        note("the answer to \(name) \(key)", at: operation) { found in
            found.answers[key].map { !isFirst || $0 == body } ?? false
        }
        return .success(try decoded(Message.Response.self, frame))
    }

    /// The same, asked with the same key until it is known what became of it.
    func settled<Message: RequestMessage>(
        _ client: RawClient, _ key: OperationKey, _ message: Message
    ) throws -> Result<Message.Response, Refusal> {
        for _ in 0..<2_000 {
            let result = try change(client, key, message)
            guard case .failure(let refusal) = result,
                [.outcomeUnknown, .storageFull, .busy].contains(refusal.code)
            else { return result }
            usleep(5_000)
        }
        throw RawClient.Failed(description: "it was never settled")
    }

    private func noteNotices(_ client: RawClient) {
        guard let member = members.first(where: { $0.client === client })?.id else { return }
        let operation = disk.operations
        let seen = noted[ObjectIdentifier(client), default: 0]
        for push in client.pushes.dropFirst(seen) where push.kind == .notice {
            let notice = FoundOffice.NoticeName(
                member: member, sequence: push.header.id, opcode: push.header.opcode)
            note("notice \(notice.sequence) of member \(member)", at: operation) { $0.notices.contains(notice) }
        }
        noted[ObjectIdentifier(client)] = client.pushes.count
    }

    private func logIn(_ client: RawClient, _ name: String) throws -> LoggedIn {
        let (frame, operation) = try answer(
            client, LogIn(name: name, password: Secret("correct horse"), device: "wire"))
        let loggedIn = try decoded(LoggedIn.self, frame)
        let digest = Digest(hashing: loggedIn.session.rawValue.bytes)
        note("the session of \(name)", at: operation) { $0.sessions.contains(digest) }
        return loggedIn
    }

    private func connection() throws -> RawClient {
        let client = try office.guest()
        let deployment = client.welcome!.deployment
        note("the deployment", at: disk.operations) { $0.deployment == deployment }
        return client
    }

    // MARK: The script

    /// An operator, a hall of 60 seats with a concert, and members who are let in.
    func open(members names: [String] = ["ann", "bob"], rows: Int = 6) throws {
        let local = try office.local()
        let key = local.key()
        _ = try change(
            local, key, MakeOperator(operation: key, name: "boss", password: Secret("correct horse"))
        ).get()
        boss = try connection()
        _ = try logIn(boss, "boss")
        let plan = try boss.uploadParts(.plan, TestFiles.plan(rows: rows, seats: 10))
        let concerts = try boss.uploadParts(
            .concerts, TestFiles.concerts(title: "Concert", price: 10, capacity: 100))
        for upload in [plan, concerts] {
            let key = boss.key()
            _ = try change(boss, key, CommitUpload(operation: key, upload: upload)).get()
        }
        for name in names {
            let client = try connection()
            let (signing, joining) = (client.key(), client.key())
            _ = try change(
                client, signing, SignUp(operation: signing, name: name, password: Secret("correct horse"))
            ).get()
            members.append(Member(name: name, id: try logIn(client, name).account.member, client: client))
            _ = try client.ok(SubscribeNotices())
            _ = try change(client, joining, JoinQueue(operation: joining, concert: ConcertID(1))).get()
            let charging = client.key()
            _ = try change(client, charging, Charge(operation: charging, amount: Points(100_000))).get()
        }
    }

    /// Somebody does something, mostly something that is possible.
    func step() throws {
        let index = Int.random(in: 0..<members.count, using: &random)
        let client = members[index].client
        let key = client.key()
        switch Int.random(in: 0..<12, using: &random) {
        case 0: _ = try settled(client, key, Charge(operation: key, amount: Points(5)))
        case 1..<5: try hold(index, seats: Int.random(in: 1...2, using: &random))
        case 5..<8:
            guard let reservation = members[index].held.popLast() else { return try hold(index, seats: 1) }
            if case .success = try settled(client, key, Pay(operation: key, reservation: reservation)) {
                members[index].paid.append(reservation)
            }
        case 8:
            guard let reservation = members[index].held.popLast() else { return }
            _ = try settled(client, key, Release(operation: key, reservation: reservation))
        case 9:
            guard let reservation = members[index].paid.popLast() else { return }
            _ = try settled(boss, key, Refund(operation: key, reservation: reservation))
        case 10:
            var room = SetRoom(operation: key, concert: ConcertID(1))
            room.capacity = UInt32.random(in: 50...200, using: &random)
            _ = try settled(boss, key, room)
        default:
            let seat = SeatIndex(UInt32.random(in: 50..<60, using: &random))
            if Bool.random(using: &random) {
                _ = try settled(
                    boss, key, BlockSeats(operation: key, performance: PerformanceID(1), seats: [seat]))
            } else {
                _ = try settled(
                    boss, key, UnblockSeats(operation: key, performance: PerformanceID(1), seats: [seat]))
            }
        }
    }

    private func hold(_ index: Int, seats count: Int) throws {
        let client = members[index].client
        // A place is used up by a payment; joining again while it is not changes nothing.
        let (joining, key) = (client.key(), client.key())
        _ = try settled(client, joining, JoinQueue(operation: joining, concert: ConcertID(1)))
        let seats = (0..<count).map { _ in SeatIndex(UInt32.random(in: 0..<50, using: &random)) }
        let request = Hold(
            operation: key, performance: PerformanceID(1), seats: Set(seats).sorted { $0.rawValue < $1.rawValue })
        if case .success(let held) = try settled(client, key, request) {
            members[index].held.append(held.reservation.reservation)
        }
    }

    /// Waits until what follows the last answer, the witness above all, is written.
    func rest() {
        var last = disk.operations
        var still = 0
        while still < 5 {
            usleep(2_000)
            still = disk.operations == last ? still + 1 : 0
            last = disk.operations
        }
    }

    /// The next sync of the log fails; whoever is being answered then is told that nobody knows.
    func stepWithAFailedSync(_ fault: simulated_disk_fault) throws {
        // Armed anew each time: a checkpoint syncs the log too, and may be the one that fails.
        while answers["charge refused: outcomeUnknown"] == nil {
            disk.fail(fault, count: 1, only: "-wal")
            let client = members[0].client
            let key = client.key()
            _ = try settled(client, key, Charge(operation: key, amount: Points(7)))
        }
        disk.mend()
        answers["charge refused: outcomeUnknown"] = nil
    }

    /// The server ends and starts again; everybody comes back.
    func restart() async throws {
        try await office.restart()
        noted = [:]
        boss = try connection()
        _ = try logIn(boss, "boss")
        for index in members.indices {
            members[index].client = try connection()
            _ = try logIn(members[index].client, members[index].name)
            _ = try members[index].client.ok(SubscribeNotices())
        }
    }

    func end() async {
        for member in members { noteNotices(member.client) }
        await office.stop()
    }
}

/// Holds the disk still around each sync while an answer is awaited: an answer that leaves before its commit is read
/// before the commit's operations, and one that leaves after it, before those of the next.
///
/// `@unchecked Sendable`: what was is touched by the disk's watcher only, which is called once at a time.
final class DiskGate: @unchecked Sendable {
    let outstanding = Atomic<Int>(0)
    private var wasSync = true
    private var wasLogSync = false

    func watch(_ disk: Disk) {
        simulated_disk_watch(
            disk.pointer,
            { context, operation in
                guard let context, let operation else { return }
                Unmanaged<DiskGate>.fromOpaque(context).takeUnretainedValue().hold(operation.pointee)
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    func unwatch(_ disk: Disk) { simulated_disk_watch(disk.pointer, nil, nil) }

    private func hold(_ operation: simulated_disk_operation) {
        let isSync = operation.kind == simulated_disk_sync
        defer {
            wasSync = isSync
            wasLogSync = isSync && String(cString: operation.name).hasSuffix("-wal")
        }
        guard isSync || wasSync else { return }
        // After the log's sync the answer is on its way; otherwise none should be, and a moment shows it.
        for _ in 0..<(wasLogSync ? 1_000 : 30) where outstanding.load(ordering: .sequentiallyConsistent) > 0 {
            usleep(100)
        }
    }
}
