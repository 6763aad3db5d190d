import BoxOfficeProtocol
import Testing

/// Bodies that a server compresses, and what must not get past a client.
@Suite struct CompressionTests {
    static let text = [UInt8](String(repeating: "one seat like another, ", count: 100).utf8)

    func inflated(_ bytes: [UInt8], bytesMax: Int = 1 << 20) throws(Compression.Failure) -> [UInt8] {
        try Compression.inflated(bytes.span, bytesMax: bytesMax)
    }

    @Test func `what was deflated comes back`() throws {
        for count in [64, 1_024, 65_536, 1 << 20] {
            let body = [UInt8](repeating: 7, count: count)
            let deflated = try #require(Compression.deflated(body))
            #expect(deflated.count < count)
            #expect(try inflated(deflated) == body)
        }
        let deflated = try #require(Compression.deflated(Self.text))
        #expect(try inflated(deflated, bytesMax: Self.text.count) == Self.text)
    }

    @Test func `what would not be smaller is left as it is`() {
        var generator = SplitMix(seed: 1)
        #expect(Compression.deflated([]) == nil)
        #expect(Compression.deflated([1, 2, 3]) == nil)
        #expect(Compression.deflated((0..<4_096).map { _ in UInt8.random(in: 0...255, using: &generator) }) == nil)
    }

    @Test func `cut anywhere it is refused`() throws {
        let deflated = try #require(Compression.deflated(Self.text))
        for size in deflated.indices {
            #expect(throws: Compression.Failure.self, "cut at \(size)") { try inflated(Array(deflated.prefix(size))) }
        }
    }

    @Test func `a wrong declared size is refused`() throws {
        let deflated = try #require(Compression.deflated(Self.text))
        for declared in [0, 1, Self.text.count - 1, Self.text.count + 1, 1 << 20, 0xFFFF_FFFF] {
            let size = (0..<4).map { UInt8(truncatingIfNeeded: declared >> (24 - 8 * $0)) }
            #expect(throws: Compression.Failure.self, "\(declared)") { try inflated(size + deflated.dropFirst(4)) }
        }
    }

    @Test func `a size above the cap is refused before anything is inflated`() throws {
        let deflated = try #require(Compression.deflated(Self.text))
        #expect(throws: Compression.Failure.badSize) { try inflated(deflated, bytesMax: Self.text.count - 1) }
    }

    @Test func `a bomb does not go off`() throws {
        var bomb = try #require(Compression.deflated([UInt8](repeating: 0, count: 1 << 24)))
        #expect(throws: Compression.Failure.badSize) { try inflated(bomb) }
        bomb.replaceSubrange(0..<4, with: [0, 0, 4, 0])  // it says 1,024 bytes
        #expect(throws: Compression.Failure.badSize) { try inflated(bomb) }
    }

    @Test func `bytes after the stream are refused`() throws {
        let deflated = try #require(Compression.deflated(Self.text))
        #expect(throws: Compression.Failure.corrupt) { try inflated(deflated + [0]) }
    }

    @Test func `any changed byte is refused or gives the declared size`() throws {
        var generator = SplitMix(seed: 2)
        let deflated = try #require(Compression.deflated(Self.text))
        for _ in 0..<5_000 {
            var mutated = deflated
            mutated[Int.random(in: 4..<mutated.count, using: &generator)] = .random(in: 0...255, using: &generator)
            if let body = try? inflated(mutated) { #expect(body.count == Self.text.count) }
        }
    }
}
