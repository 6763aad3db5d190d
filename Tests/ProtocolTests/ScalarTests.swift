import BoxOfficeProtocol
import Testing

/// Keys, instants and fixed bytes.
@Suite struct ScalarTests {
    @Test func `an operation key is a UUIDv7 with its stamp`() {
        let ones = Bytes16(high: .max, low: .max)
        let cases: [(Instant, String)] = [
            (Instant(0), "0000000000007fffbfffffffffffffff"),
            (Instant(1_645_557_742_000_000), "017f22e279b07fffbfffffffffffffff"),  // RFC 9562, A.6: the same stamp
            (Instant(-5), "0000000000007fffbfffffffffffffff"),
            (.distantPast, "0000000000007fffbfffffffffffffff"),
        ]
        for (instant, digits) in cases {
            #expect(OperationKey(at: instant, random: ones).description == digits, "\(instant)")
        }
        for instant in [Instant(0), Instant(999), Instant(1_790_000_000_123_456), .distantFuture, .distantPast] {
            let key = OperationKey(at: instant, random: Bytes16(high: 0, low: 0))
            #expect(key.stampedAt != nil, "\(instant)")
        }
        let key = OperationKey(at: Instant(1_790_000_000_123_456), random: DeploymentID.random().rawValue)
        #expect(key.stampedAt == Instant(1_790_000_000_123_000))
    }

    @Test func `other identifiers are not operation keys`() {
        let key = OperationKey(at: Instant(1_790_000_000_000_000), random: Bytes16(high: 0, low: 0)).rawValue
        for version in UInt64(0)..<16 where version != 7 {
            #expect(OperationKey(Bytes16(high: key.high & ~0xF000 | version << 12, low: key.low)).stampedAt == nil)
        }
        for variant in [UInt64(0b00), 0b01, 0b11] {
            #expect(OperationKey(Bytes16(high: key.high, low: key.low & (.max >> 2) | variant << 62)).stampedAt == nil)
        }
        #expect(OperationKey(Bytes16(high: .max << 16 | 0x7000, low: 1 << 63)).stampedAt != nil)
    }

    @Test func `keys sort by their stamps`() {
        let ones = Bytes16(high: .max, low: .max)
        let zero = Bytes16(high: 0, low: 0)
        let early = OperationKey(at: Instant(1_790_000_000_000_000), random: ones)
        let late = OperationKey(at: Instant(1_790_000_000_001_000), random: zero)
        #expect(early.rawValue < late.rawValue)
    }

    @Test func `instants saturate`() {
        #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
        #expect(Instant.distantPast + .seconds(-1) == .distantPast)
        #expect(Instant.distantPast + .seconds(1) > .distantPast)
        #expect(Instant.distantFuture + .seconds(-1) < .distantFuture)
        #expect(Instant(5) + Microseconds(-7) == Instant(-2))
        #expect(Instant.distantFuture - .distantPast == Microseconds(.max))
        #expect(Instant.distantPast - .distantFuture == Microseconds(.min))
        #expect(Instant(0) - .distantPast == Microseconds(.max))
        #expect(Instant(-1) - .distantPast == Microseconds(.max))
        #expect(Instant(-2) - .distantFuture == Microseconds(.min))
        #expect(Instant(9) - Instant(4) == Microseconds(5))
        #expect(Instant(seconds: 3) == Instant(3_000_000))
    }

    @Test func `spans saturate`() {
        #expect(Microseconds.seconds(Int64.max) == Microseconds(.max))
        #expect(Microseconds.seconds(Int64.min) == Microseconds(.min))
        #expect(Microseconds.seconds(UInt64.max) == Microseconds(.max))
        #expect(Microseconds.milliseconds(UInt64.max) == Microseconds(.max))
        #expect(Microseconds.seconds(300) == Microseconds(300_000_000))
        #expect(-Microseconds(.min) == Microseconds(.max))
        #expect(-Microseconds(7) == Microseconds(-7))
    }

    @Test func `what remains is rounded up and never below zero`() {
        let table: [(Int64, UInt64)] = [
            (.min, 0), (-1, 0), (0, 0), (1, 1), (999, 1), (1_000, 1), (1_001, 2), (.max, 9_223_372_036_854_776),
        ]
        for (span, milliseconds) in table { #expect(Microseconds(span).remainingMilliseconds == milliseconds) }
    }

    @Test func `fixed bytes`() throws {
        let all = (UInt8(0)..<32).map { $0 }
        let bytes = try #require(Bytes32(all))
        #expect(bytes.bytes == all)
        #expect(bytes.description == "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
        for count in [0, 15, 17, 31, 33] {
            #expect(Bytes16([UInt8](repeating: 0, count: count)) == nil)
            #expect(Bytes32([UInt8](repeating: 0, count: count)) == nil)
        }
        #expect(BoxOfficeProtocol.bytes(hexadecimal: "00fFA1") == [0, 255, 0xA1])
        for text in ["0", "0g", "é0", " 0", "0x00"] { #expect(BoxOfficeProtocol.bytes(hexadecimal: text) == nil) }
    }

    @Test func `secrets show in no text, dump or message`() throws {
        let token = SessionToken(try #require(Bytes32((0..<32).map { $0 + 100 })))
        let logIn = LogIn(name: "ann", password: Secret("open sesame"), device: "")
        let digits = "6465666768"  // how the token begins in hexadecimal
        let shown: [Any] = [
            Secret("open sesame"), token, logIn,
            Hello(
                magic: 0, major: 1, minor: 0, features: 0, instance: 0, client: "", session: token),
            RehearsalMembers(sessions: [token]),
        ]
        for value in shown {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                #expect(
                    !text.contains("sesame") && !text.contains(digits) && !text.contains("100"), "\(type(of: value))")
            }
        }
        #expect("\(logIn)".contains("(secret)") && "\(token)" == "(session token)")
    }
}
