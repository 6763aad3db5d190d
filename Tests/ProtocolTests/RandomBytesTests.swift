import BoxOfficeProtocol
import Testing

/// Nothing that comes from the network reaches a trap: this suite ends the process if anything does.
@Suite struct RandomBytesTests {
    static let kinds: [(FrameKind, UInt16)] =
        [(.hello, 0), (.welcome, 0), (.error, 0), (.goAway, 0)]
        + Opcode.allCases.flatMap { opcode in
            [FrameKind.request, .response, .notice, .update].map { ($0, opcode.rawValue) }
        }

    /// Decodes; what decodes must encode, and decode to the same again.
    func check(_ kind: FrameKind, _ opcode: UInt16, _ body: [UInt8]) throws -> Bool {
        guard let message = try? decoded(kind, opcode: opcode, body: body) else { return false }
        let again = try decoded(kind, opcode: opcode, body: message.encoded)
        #expect(again?.encoded == message.encoded, "\(kind) \(opcode) \(hexadecimal(body))")
        return true
    }

    @Test func `random bytes never trap`() throws {
        var generator = SplitMix(seed: 0xB0C5)
        for round in 0..<120_000 {
            let (kind, opcode) = Self.kinds[round % Self.kinds.count]
            let count = Int.random(in: 0...(round.isMultiple(of: 10) ? 300 : 40), using: &generator)
            // Small values make counts, lengths and tags that nearly fit.
            let most: UInt8 = round.isMultiple(of: 3) ? 255 : 7
            let body = (0..<count).map { _ in UInt8.random(in: 0...most, using: &generator) }
            _ = try check(kind, opcode, body)
        }
    }

    @Test func `mutated messages never trap`() throws {
        var generator = SplitMix(seed: 0x5EA7)
        let samples = Vector.all.compactMap { vector -> (FrameKind, UInt16, [UInt8])? in
            guard vector.expected["value"] != nil, vector.body.count < 1_000,
                case .frame(let header, let kind) = FrameParser(from: vector.sender, bodyBytesMax: vector.cap).step(
                    over: vector.bytes.span, at: 0), !header.flags.contains(.compressed), header.bodyBytes > 0
            else { return nil }
            return (kind, header.opcode, vector.body)
        }
        try #require(samples.count > 100)
        var accepted = 0
        for round in 0..<120_000 {
            let (kind, opcode, original) = samples[round % samples.count]
            var body = original
            for _ in 0..<Int.random(in: 1...3, using: &generator) { mutate(&body, using: &generator) }
            if try check(kind, opcode, body) { accepted += 1 }
        }
        #expect(accepted > 10_000, "mutations that still decode reach the code behind the checks")
    }

    func mutate(_ body: inout [UInt8], using generator: inout SplitMix) {
        let at = Int.random(in: 0...body.count, using: &generator)
        let byte = UInt8.random(in: 0...255, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: body.insert(byte, at: at)
        case 1: body.removeSubrange(at..<min(body.count, at + Int(byte & 7)))
        case 2 where at < body.count: body[at] ^= 1 << (byte & 7)
        case 3 where at < body.count: body[at] = [0, 1, 0x7F, 0x80, 0xFF][Int(byte) % 5]
        case 4 where at < body.count: body[at] = byte
        default: body.append(contentsOf: body.prefix(Int(byte & 15)))
        }
    }

    @Test func `random frames never trap`() {
        var generator = SplitMix(seed: 0xF4A3)
        for _ in 0..<50_000 {
            var bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) { bytes.replaceSubrange(0..<min(3, bytes.count), with: [0, 0, 0]) }
            for sender in [FrameParser.Sender.client, .server] {
                let offset = Int.random(in: 0...bytes.count, using: &generator)
                switch FrameParser(from: sender, bodyBytesMax: 64).step(over: bytes.span, at: offset) {
                case .needs(let needed): #expect(needed > bytes.count - offset && needed <= 16 + 64)
                case .frame(let header, _), .skip(let header):
                    #expect(offset + FrameHeader.bytes + Int(header.bodyBytes) <= bytes.count)
                case .violation: break
                }
            }
        }
    }
}
