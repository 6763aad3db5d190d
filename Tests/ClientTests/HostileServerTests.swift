// Servers that break the rules, over a real socket. Each is left with `protocolError`, and the client comes back.

import Foundation
import Testing

@testable import BoxOfficeClient

@Suite struct HostileServerTests {
    static func header(_ length: UInt32, kind: UInt8, flags: UInt8 = 0, id: UInt64 = 1) -> [UInt8] {
        var writer = WireWriter()
        writer.write(length)
        writer.write(kind)
        writer.write(flags)
        writer.write(Opcode.getBalance.rawValue)
        writer.write(id)
        return writer.bytes
    }

    /// A zlib stream that says it inflates to 4 GiB, and one that inflates to more than it says.
    static let bombs: [[UInt8]] = [
        [0xFF, 0xFF, 0xFF, 0xFF, 0x78, 0x9C, 1, 2, 3],
        [0, 0, 0, 4] + (Compression.deflated([UInt8](repeating: 0, count: 100_000)) ?? []).dropFirst(4),
    ]

    static let attacks: [(String, [UInt8])] = [
        ("a length beyond the cap", header(0xFFFF_FFFF, kind: 4)),
        ("an unknown kind that matters", header(0, kind: 0x99)),
        ("a kind that only clients send", header(0, kind: 3)),
        ("unknown flags", header(0, kind: 4, flags: 0x80)),
        ("a body where none is", header(4, kind: 13)),
        ("an answer to nothing", header(0, kind: 4, id: 999)),
        ("a refusal that is none", header(2, kind: 5) + [1, 2]),
        ("a second welcome", header(0, kind: 2)),
        ("an answer of another kind", Frame.response(.account(FakeServer.ann), to: .whoAmI, number: 1)),
        ("a bomb", header(UInt32(bombs[0].count), kind: 4, flags: 1) + bombs[0]),
        ("a bomb that lies", header(UInt32(bombs[1].count), kind: 4, flags: 1) + bombs[1]),
        ("an update of nonsense", Frame.bytes(.update, opcode: Opcode.seatsChanged.rawValue) { $0.write(UInt64.max) }),
        ("a goAway of nonsense", header(1, kind: 14) + [7]),
        ("random bytes", (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }),
    ]

    @Test("left, and come back to", arguments: attacks.map(\.0))
    func attacked(name: String) async throws {
        let attack = try #require(Self.attacks.first { $0.0 == name }).1
        let server = try FakeServer { connection, frame in
            guard connection.number == 0 else { return _ = connection.answersBasics(frame) }
            connection.send(attack)
        }
        var configuration = server.configuration()
        configuration.backoffMin = .milliseconds(30)
        try await withClient(configuration) { office in
            let call = Task { try await office.balance() }
            var why: BoxOfficeError?
            for await state in office.states() {
                if case .waiting(_, let error) = state {
                    why = error
                    break
                }
                // States are conflated: what was missed shows in the number of connections.
                if case .connected = state, server.now.hellos.count > 1 { break }
            }
            #expect(why == nil || why?.name == "protocolError", "\(String(describing: why))")
            let balance = try await call.value
            #expect(balance.balance == Points(1))
        }
    }

    @Test func aServerThatAlwaysBreaksTheRulesIsGivenUp() async throws {
        let server = try FakeServer { connection, _ in connection.send(Self.header(0, kind: 0x99)) }
        try await withClient(server.configuration()) { office in
            let error = await failure { try await office.balance() }
            #expect(error?.name == "protocolError")
        }
        #expect(server.now.connections.count == ClientSession.faultsMax)
    }

    @Test func anAnswerThatIsNotWhatWasAskedForFailsItsCallOnly() async throws {
        let server = try FakeServer { connection, frame in
            guard frame.opcode == Opcode.getBalance.rawValue, connection.maps == 0 else {
                return _ = connection.answersBasics(frame)
            }
            connection.maps = 1
            connection.send(Frame.bytes(.response, opcode: frame.opcode, id: frame.id) { $0.write(UInt8(1)) })
        }
        try await withClient(server.configuration()) { office in
            let error = await failure { try await office.balance() }
            #expect(error?.name == "protocolError" && error?.outcome == .executed)
            let balance = try await office.balance()
            #expect(balance.balance == Points(1))
            #expect(server.now.connections.count == 1)
        }
    }

    @Test func framesAreFoundHoweverTheyAreCut() async throws {
        let server = try FakeServer { connection, frame in
            let answer = Frame.response(
                .balance(Balance(member: MemberID(1), balance: Points(7))), to: .getBalance, number: frame.id)
            // An unknown kind that may be skipped stands before it; every byte comes alone.
            for byte in Self.header(3, kind: 0x40) + [1, 2, 3] + answer { connection.send([byte]) }
        }
        try await withClient(server.configuration()) { office in
            for _ in 0..<20 {
                let balance = try await office.balance()
                #expect(balance.balance == Points(7))
            }
        }
    }

    @Test func compressedAnswersAreInflated() async throws {
        let concerts = (1...500 as ClosedRange<UInt64>).map {
            Concert(concert: ConcertID($0), title: "공연 \($0)", artists: [], description: "", performances: 1)
        }
        let server = try FakeServer { connection, frame in
            let body = Response.concertPage(ConcertPage(concerts: concerts, more: false))
            var writer = WireWriter()
            body.encode(into: &writer)
            let deflated = Compression.deflated(writer.bytes) ?? []
            connection.send(
                Frame.bytes(.response, flags: .compressed, opcode: frame.opcode, id: frame.id) {
                    $0.bytes = $0.bytes + deflated
                })
        }
        try await withClient(server.configuration()) { office in
            let titles = try await office.concerts().map(\.title)
            #expect(titles == concerts.map(\.title))
        }
    }

    @Test("pages that promise more without end, or a hall that never ends, end")
    func endless() async throws {
        let server = try FakeServer { connection, frame in
            switch Opcode(rawValue: frame.opcode) {
            case .getConcerts: connection.answer(frame, .concertPage(ConcertPage(concerts: [], more: true)))
            case .getHall: connection.answer(frame, .hallPage(HallTests.page([], seats: 5, more: true)))
            case .exportPlan where connection.maps == 0:
                connection.maps = 1
                connection.answer(frame, .planDocument(PlanDocument(sizeBytes: 10, bytes: [])))
            case .exportPlan: connection.answer(frame, .planDocument(PlanDocument(sizeBytes: .max, bytes: [1])))
            default: break
            }
        }
        try await withClient(server.configuration()) { office in
            let concerts = try await office.concerts()
            #expect(concerts.isEmpty)
            let performance = Performance(
                performance: PerformanceID(1), concert: ConcertID(1), plan: PlanID(1), hall: "Hall",
                hallDigest: HallTests.digest, startsAt: FakeServer.now, timeZone: "Asia/Seoul",
                saleOpensAt: .distantPast, saleClosesAt: .distantFuture, available: 0, categories: [])
            let hall = await failure { try await office.hall(of: performance) }
            #expect(hall?.name == "protocolError")
            let plan = await failure { try await office.exportPlan(PlanID(1)) }
            #expect(plan?.name == "protocolError")
            let longPlan = await failure { try await office.exportPlan(PlanID(1)) }
            #expect(longPlan?.name == "protocolError", "no plan is longer than an upload may be")
        }
    }

    @Test("many small frames that inflate to a long one each: all are seen, a few at a time")
    func inflatingFlood() async throws {
        let long = String(repeating: "a", count: 900_000)
        let bomb = Frame.bytes(.update, flags: .compressed, opcode: 65_000) {
            $0.bytes += Compression.deflated(Array(long.utf8)) ?? []
        }
        let server = try FakeServer { connection, frame in
            connection.send((0..<60).flatMap { _ in bomb })
            connection.answer(frame, .balance(Balance(member: MemberID(1), balance: Points(7))))
        }
        try await withClient(server.configuration()) { office in
            for _ in 0..<3 {
                let balance = try await office.balance()
                #expect(balance.balance == Points(7))
            }
            #expect(server.now.connections.count == 1)
        }
    }
}
