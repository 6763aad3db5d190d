import Foundation
import Testing

/// Single bits of a real file, its log and its witness, at random: each is noticed, or changes nothing.
///
///     BOXOFFICE_FLIPS=100000 BOXOFFICE_FLIPS_SEED=7 swift test --filter FlipTests
@Suite(.serialized) struct FlipTests {
    static let environment = ProcessInfo.processInfo.environment
    static let flips = environment["BOXOFFICE_FLIPS"].flatMap { Int($0) } ?? 1_200
    static let seed = environment["BOXOFFICE_FLIPS_SEED"].flatMap { UInt64($0) } ?? 1

    @Test func everyFlipIsFoundOrWithoutEffect() throws {
        let files = try DamagedFiles()
        #expect(files.verdict(files.whole) == .withoutEffect)
        // A page is mostly free space, and most of a file's first page is not: so one third of the flips each goes
        // anywhere, where something is written, and into what tells SQLite how to read the file.
        let anywhere = DamagedFiles.names.flatMap { name in files.whole[name]!.indices.map { (name, $0) } }
        let written = anywhere.filter { files.whole[$0.0]![$0.1] != 0 }
        let headers = anywhere.filter { $0.0.hasSuffix("sqlite") ? $0.1 % 8_192 < 108 : $0.1 % 8_216 < 64 }
        var random = SplitMix(state: Self.seed)
        var counts: [String: Int] = [:]
        let start = ContinuousClock.now
        for number in 0..<Self.flips {
            let (name, byte) = [anywhere, written, headers][number % 3].randomElement(using: &random)!
            let bit = byte * 8 + Int.random(in: 0..<8, using: &random)
            let verdict = files.verdict(files.flipped(bit, of: name), goesOn: number % 4 == 0)
            if case .unnoticed(let what) = verdict { Issue.record("bit \(bit) of \(name), seed \(Self.seed): \(what)") }
            counts["\(verdict)", default: 0] += 1
        }
        let seconds = (ContinuousClock.now - start).components.seconds
        print("\(Self.flips) flips, seed \(Self.seed), \(seconds) s: \(counts.sorted { $0.key < $1.key })")
        #expect(counts["found", default: 0] > Self.flips / 4, "there is something to be found")
        #expect(counts["withoutEffect", default: 0] > Self.flips / 20, "and not everything matters")
    }
}
