import BoxOfficeProtocol
import Testing

/// The rules of single values, each with the bytes that bend them.
@Suite struct CursorTests {
    func varint(_ bytes: [UInt8]) throws(DecodeFailure) -> Int {
        var cursor = Cursor(over: bytes.span)
        let value = try cursor.varint(of: bytes.span)
        try cursor.finish()
        return value
    }

    @Test func `varints in their shortest form`() throws {
        for value in [0, 1, 127, 128, 255, 300, 16_383, 16_384, 65_535, 2_097_151, 2_097_152, 1 << 28, 0xFFFF_FFFF] {
            var writer = WireWriter()
            writer.writeVarint(value)
            #expect(try varint(writer.bytes) == value)
            for size in writer.bytes.indices {
                #expect(throws: DecodeFailure(.truncated, at: size)) { try varint(Array(writer.bytes.prefix(size))) }
            }
            // The same value with a needless byte.
            var longer = writer.bytes
            longer[longer.count - 1] |= 0x80
            longer.append(0)
            let reason: DecodeFailure.Reason = longer.count > 5 ? .varintTooLarge : .varintNotMinimal
            #expect(throws: DecodeFailure(reason, at: 0), "\(value)") { try varint(longer) }
        }
    }

    @Test(
        arguments: [
            [0xFF, 0xFF, 0xFF, 0xFF, 0x1F], [0x80, 0x80, 0x80, 0x80, 0x10], [0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x01], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        ] as [[UInt8]]) func `varints of more than 32 bits are refused`(_ bytes: [UInt8])
    {
        #expect(throws: DecodeFailure(.varintTooLarge, at: 0)) { try varint(bytes) }
    }

    @Test func `numbers are big-endian and of fixed width`() throws {
        let bytes: [UInt8] = [0x80, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07]
        var cursor = Cursor(over: bytes.span)
        #expect(try cursor.integer(UInt64.self, of: bytes.span) == 0x8001_0203_0405_0607)
        cursor = Cursor(over: bytes.span)
        #expect(try cursor.integer(Int64.self, of: bytes.span) == .min + 0x0001_0203_0405_0607)
        cursor = Cursor(over: bytes.span)
        #expect(try cursor.integer(Int32.self, of: bytes.span) == .min + 0x0001_0203)
        #expect(try cursor.integer(UInt16.self, of: bytes.span) == 0x0405)
        #expect(try cursor.integer(UInt8.self, of: bytes.span) == 6)
        #expect(throws: DecodeFailure(.truncated, at: 7)) { try cursor.integer(UInt16.self, of: bytes.span) }
        #expect(cursor.remaining == 1)
    }

    @Test func `a count is compared with what remains before anything is reserved`() {
        // 2^32 − 1 reservations in nine bytes: reserving for them would be the end.
        let lie: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0, 0, 0]
        #expect(throws: DecodeFailure(.countTooLarge, at: 0)) { try ReservationPage(body: lie.span) }
        #expect(throws: DecodeFailure(.countTooLarge, at: 0)) { try SeatsFound(body: lie.span) }
        #expect(throws: DecodeFailure(.truncated, at: 5)) {
            var cursor = Cursor(over: lie.span)
            return try cursor.bytes(of: lie.span)
        }
    }

    @Test func `a tagged field longer than 127 bytes keeps its size`() throws {
        let seats = (0..<40).map { SeatIndex(UInt32($0)) }
        let refusal = Refusal(.seatTaken, seats: seats, path: String(repeating: "p", count: 20_000))
        #expect(try Refusal(body: refusal.encoded.span) == refusal)
    }

    @Test func `values of one enumeration and the ones to come`() throws {
        for raw in UInt8.min...UInt8.max {
            let status = TokenStatus(rawValue: raw)
            #expect(status.rawValue == raw)
            #expect(TokenStatus.known.contains(status) == (1...7).contains(raw))
            #expect((TokenStatus(name: status.name) == status) == (1...7).contains(raw))
        }
        for raw in UInt16.min...UInt16.max { #expect(RefusalCode(rawValue: raw).rawValue == raw) }
        #expect(RefusalCode(rawValue: 60_000).name == "unknown(60000)")
    }

    @Test func `secrets show nowhere`() {
        let login = LogIn(name: "ann", password: Secret("correct horse"), device: "")
        var dumped = ""
        dump(login, to: &dumped)
        #expect(!"\(login)\(String(reflecting: login))\(dumped)".contains("horse"))
        let token = SessionToken.random()
        let loggedIn = LoggedIn(
            account: Account(member: MemberID(1), name: "ann", isOperator: false), session: token,
            expiresAt: .distantFuture)
        dumped = ""
        dump(loggedIn, to: &dumped)
        let digits = hexadecimal(token.rawValue.bytes)
        let number = String(token.rawValue.first.high)
        for text in ["\(loggedIn)", String(reflecting: loggedIn), dumped] {
            #expect(!text.contains(digits) && !text.contains(number))
        }
    }
}
