// Files as no program writes them. All that is asserted is that they are answered: by a plan, or by a refusal.

import Testing

@testable import BoxOfficeCatalogue

@Suite("Hostile files")
struct HostileFileTests {
    @Test func cutAtEveryByte() {
        for (text, read) in readers {
            let bytes = Array(text.utf8)
            for length in bytes.indices {
                #expect(read(Array(bytes[..<length])) != nil, "a file without its end is refused")
            }
            #expect(read(bytes) == nil)
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func bytesFlippedAtRandom(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        for round in 0..<5_000 {
            let (text, read) = readers[round % readers.count]
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes.insert(contentsOf: tokens.randomElement(using: &random)!.utf8, at: at)
                default:
                    let end = min(bytes.count, at + Int.random(in: 1...20, using: &random))
                    if end - at < bytes.count { bytes.removeSubrange(at..<end) }
                }
            }
            _ = read(bytes)
        }
    }

    @Test func tokensInAnyOrder() {
        var random = SplitMix(state: 5)
        for _ in 0..<5_000 {
            let count = Int.random(in: 1...40, using: &random)
            let text = (0..<count).map { _ in tokens.randomElement(using: &random)! }.joined()
            for (_, read) in readers { _ = read(Array(text.utf8)) }
        }
    }

    /// Each format with a file of it and a reader that also writes what it took, and reads that again.
    private let readers: [(String, ([UInt8]) -> CatalogueRefusal?)] = [
        (
            smallPlan,
            { bytes in
                do throws(CatalogueRefusal) {
                    let plan = try SeatingPlan.parse(bytes)
                    #expect(try SeatingPlan.parse(plan.export()) == plan)
                    _ = SeatNames(plan)
                    return nil
                } catch { return error }
            }
        ),
        (
            smallConcerts,
            { bytes in
                do throws(CatalogueRefusal) {
                    let file = try ConcertFile.parse(bytes)
                    #expect(try ConcertFile.parse(file.export()) == file)
                    return nil
                } catch { return error }
            }
        ),
    ]

    private let tokens = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "null", "true", "-", "0", "1e999", "-1e999",
        "1e-999",
        "9223372036854775808", "0.1", "\"name\":", "\"zones\":[", "\"seats\":[", "\"position\":{\"x\":1,\"y\":1}",
        "\u{0}",
        "\u{7F}", "한", "🎭", "e\u{301}", "\"key\":\"a\",", "\"prices\":{\"a\":1}", "9999-99-99T99:99:99Z", " ", "\n",
    ]
}

/// A small generator with a seed, so that what fails, fails again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
