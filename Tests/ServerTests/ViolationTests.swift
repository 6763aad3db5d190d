import BoxOfficeProtocol
import Foundation
import Testing

/// What may not be sent (spec/session.md, Violations): the connection ends, the server does not.
@Suite struct ViolationTests {
    /// A frame that ends a connection, and what is said before.
    struct Violation: Sendable, CustomTestStringConvertible {
        var name: String
        var afterHello = true
        var bytes: [UInt8]
        var testDescription: String { name }
    }

    static func header(_ kind: UInt8, length: UInt32 = 0, flags: UInt8 = 0, opcode: UInt16 = 0, id: UInt64 = 0)
        -> [UInt8]
    {
        var writer = WireWriter()
        writer.write(length)
        writer.write(kind)
        writer.write(flags)
        writer.write(opcode)
        writer.write(id)
        return writer.bytes
    }

    static func hello(magic: UInt32 = WireLimits.magic) -> [UInt8] {
        Frame.hello(Hello(magic: magic, major: 1, minor: 0, features: 0, instance: 1, client: "test"))
    }

    static let request = FrameKind.request.rawValue
    static let violations: [Violation] = [
        .init(name: "a request before hello", afterHello: false, bytes: header(request, opcode: 259, id: 1)),
        .init(name: "a ping before hello", afterHello: false, bytes: Frame.bare(.ping)),
        .init(name: "an ack before hello", afterHello: false, bytes: Frame.bare(.ack, id: 1)),
        .init(name: "a cancel before hello", afterHello: false, bytes: Frame.bare(.cancel, id: 1)),
        .init(name: "a wrong magic", afterHello: false, bytes: hello(magic: 0x4745_5420)),
        .init(name: "a hello that does not decode", afterHello: false, bytes: header(1, length: 6) + hello()[16..<22]),
        .init(name: "HTTP", afterHello: false, bytes: Array("GET / HTTP/1.1\r\nHost: tickets\r\n\r\n".utf8)),
        .init(name: "a second hello", bytes: hello()),
        .init(name: "a length above the cap before login", bytes: header(request, length: 1_025, opcode: 257, id: 1)),
        .init(name: "the greatest length", bytes: header(request, length: .max, opcode: 257, id: 1)),
        .init(name: "an unknown flag", bytes: header(12, flags: 4)),
        .init(name: "a client that compresses", bytes: header(12, flags: 1)),
        .init(name: "a client that replays", bytes: header(12, flags: 2)),
        .init(name: "an unknown kind at 0x80", bytes: header(0x80)),
        .init(name: "an unknown kind at 0xFF", bytes: header(0xFF)),
        .init(name: "a welcome from a client", bytes: header(2)),
        .init(name: "a response from a client", bytes: header(4, id: 1)),
        .init(name: "a notice from a client", bytes: header(7, id: 1)),
        .init(name: "a goAway from a client", bytes: header(14)),
        .init(name: "a body on a ping", bytes: header(12, length: 1) + [0]),
        .init(name: "a body on a cancel", bytes: header(6, length: 1) + [0]),
        .init(name: "a body on an ack", bytes: header(9, length: 1) + [0]),
        .init(name: "request number 0", bytes: header(request, opcode: 259, id: 0)),
        .init(
            name: "a request number twice",
            bytes: header(request, opcode: 9_999, id: 7) + header(request, opcode: 9_999, id: 7)),
        .init(
            name: "a request number that falls",
            bytes: header(request, opcode: 9_999, id: 7) + header(request, opcode: 9_999, id: 6)),
    ]

    @Test func everyViolationEndsTheConnectionAndNothingElse() async throws {
        let office = try TestOffice()
        let witness = try office.member("witness")
        for violation in Self.violations {
            let client = try RawClient(office.address)
            if violation.afterHello { try client.hello() }
            try client.send(violation.bytes)
            var codes: [RefusalCode] = []
            var reason: GoAwayReason?
            while let frame = try client.receive() {
                if frame.kind == .error, frame.header.id == 0 { codes.append(try decoded(Refusal.self, frame).code) }
                if frame.kind == .goAway { reason = try decoded(GoAway.self, frame).reason }
            }
            #expect(codes == [.protocolViolation], "\(violation.name)")
            #expect(reason == .protocolViolation, "\(violation.name)")
        }
        #expect(try witness.ok(WhoAmI()).name == "witness")
        await office.stop()
    }

    @Test func wrongVersionsAndDeploymentsAreTold() async throws {
        let office = try TestOffice()
        var hello = Hello(magic: WireLimits.magic, major: 2, minor: 0, features: 0, instance: 1, client: "test")
        let refused = { (body: [UInt8]) in
            let client = try RawClient(office.address)
            try client.send(Frame.bytes(.hello) { $0.bytes.append(contentsOf: body) })
            guard let frame = try client.receive() else { throw RawClient.Failed(description: "nothing") }
            let refusal = try decoded(Refusal.self, frame)
            while try client.receive() != nil {}
            return refusal
        }
        var refusal = try refused(hello.encoded)
        #expect(refusal.code == .unsupportedVersion && refusal.versions == [1])
        // A hello of a later version, of which only the first six bytes are known.
        refusal = try refused(Array(hello.encoded.prefix(6)) + [1, 2, 3])
        #expect(refusal.code == .unsupportedVersion)
        hello.major = 1
        hello.deployment = DeploymentID.random()
        refusal = try refused(hello.encoded)
        #expect(refusal.code == .badRequest && refusal.path == "deployment")
        hello.deployment = nil
        hello.client = String(repeating: "x", count: 101)
        refusal = try refused(hello.encoded)
        #expect(refusal.code == .badRequest && refusal.path == "client")
        await office.stop()
    }

    @Test func whatTheSpecToleratesIsTolerated() async throws {
        let office = try TestOffice()
        let client = try RawClient(office.address)
        try client.send(Self.header(0x40, length: 3) + [1, 2, 3])  // Skipped, even before hello.
        try client.hello()
        try client.send(Self.header(0x7F, length: 3) + [1, 2, 3])
        try client.send(Frame.bare(.pong, id: 5) + Frame.bare(.ack, id: 99) + Frame.bare(.cancel, id: 99))
        try client.send(Frame.bare(.ping, id: 77))
        let pong = try client.push(.pong)
        #expect(pong.header.id == 77)
        try client.send(Self.header(Self.request, opcode: 9_999, id: 1))
        #expect(try decoded(Refusal.self, client.answer(to: 1)).code == .unsupported)
        // A notice's opcode is no request's.
        try client.send(Self.header(Self.request, opcode: 1_024, id: 2))
        #expect(try decoded(Refusal.self, client.answer(to: 2)).code == .unsupported)
        // A body that does not decode.
        try client.send(Self.header(Self.request, length: 1, opcode: 288, id: 3) + [0])
        #expect(try decoded(Refusal.self, client.answer(to: 3)).code == .badRequest)
        // Bytes left over; an unknown even tag; an unknown odd one.
        let whoAmI: (UInt64, [UInt8]) -> [UInt8] = {
            Self.header(Self.request, length: UInt32($1.count), opcode: 259, id: $0) + $1
        }
        try client.send(whoAmI(4, [0, 0]))
        #expect(try decoded(Refusal.self, client.answer(to: 4)).code == .badRequest)
        try client.send(whoAmI(5, [1, 2, 0]))
        #expect(try decoded(Refusal.self, client.answer(to: 5)).code == .badRequest)
        try client.send(whoAmI(6, [1, 3, 0]))
        #expect(try decoded(Refusal.self, client.answer(to: 6)).code == .loginRequired)
        await office.stop()
    }

    @Test func bytesMayDrip() async throws {
        let office = try TestOffice()
        let client = try RawClient(office.address)
        let bytes =
            Self.hello() + Frame.bare(.ping, id: 1)
            + Frame.request(GetConcerts(after: ConcertID(0), limit: 1), number: 1)
        for byte in bytes { try client.send([byte]) }
        #expect(try client.receive()?.kind == .welcome)
        #expect(try client.receive()?.kind == .pong)
        #expect(try client.receive()?.kind == .response)
        await office.stop()
    }

    @Test func nobodyGetsMoreThan64InFlight() async throws {
        let office = try TestOffice()
        let client = try office.member("ann")
        // All at once: the engine is at the first ones while the last ones are read.
        var bytes: [UInt8] = []
        for number in 10..<110 as Range<UInt64> {
            bytes += Frame.request(Charge(operation: client.key(), amount: Points(1)), number: number)
        }
        try client.send(bytes)
        var answered = 0
        var busy = 0
        for number in 10..<110 as Range<UInt64> {
            let frame = try client.answer(to: number)
            answered += 1
            if frame.kind == .error { busy += try decoded(Refusal.self, frame).code == .busy ? 1 : 0 }
        }
        #expect(answered == 100)
        client.number = 200
        let balance = try client.ok(GetBalance()).balance
        #expect(balance == Points(Int64(100 - busy)))
        await office.stop()
    }
}
