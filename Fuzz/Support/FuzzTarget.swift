// What the fuzzers share: how libFuzzer's calls reach a target, what a target reports at its end, and its seeds.
//
// libFuzzer (docs/fuzzing.md) calls `LLVMFuzzerInitialize` once and `LLVMFuzzerTestOneInput` for each input, always on
// one thread. A target exports both and hands them on to these functions. A trap, a leak of the address sanitizer's
// rules, a failed `require` or an input that takes too long is a finding; libFuzzer writes it to a file.

import Foundation

/// What a fuzz target does: its name and the inputs that it starts from.
public protocol FuzzTarget {
    /// What it counts, so that its end shows how deep it got.
    associatedtype Depth: RawRepresentable<Int> & CaseIterable
    /// As `scripts/fuzz` knows it.
    static var name: String { get }
    /// Inputs that reach what is to be fuzzed, by name.
    static func seeds() -> [(name: String, bytes: [UInt8])]
    /// Looks at one input.
    static func run(_ input: [UInt8], into tally: inout Tally<Depth>)
}

extension FuzzTarget {
    /// For `LLVMFuzzerInitialize`: with `BOXOFFICE_FUZZ_SEEDS` set it writes the seeds into that folder, and the process
    /// ends.
    public static func start() -> CInt {
        guard let folder = ProcessInfo.processInfo.environment["BOXOFFICE_FUZZ_SEEDS"] else { return 0 }
        let seeds = seeds()
        do {
            for seed in seeds {
                try Data(seed.bytes).write(
                    to: URL(filePath: folder, directoryHint: .isDirectory).appending(path: seed.name))
            }
        } catch {
            fatalError("the seeds of \(name) cannot be written: \(error)")
        }
        print("\(name): \(seeds.count) seeds")
        exit(0)
    }

    /// For `LLVMFuzzerTestOneInput`.
    public static func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int, _ tally: inout Tally<Depth>) -> CInt {
        // libFuzzer's bytes: valid for this call, so they are copied, and a read past their end is seen in the copy.
        run(Array(UnsafeBufferPointer(start: start, count: count)), into: &tally)
        return 0
    }
}

/// Ends the process when something does not hold: a finding.
@inline(__always)
public func require(_ holds: @autoclosure () -> Bool, _ what: @autoclosure () -> String) {
    if !holds() { fatalError("does not hold: \(what())") }
}

/// How often each depth was reached, and a digest of all results: what is told at the end, and what keeps an optimising
/// compiler from leaving the work out.
public struct Tally<Depth: RawRepresentable<Int> & CaseIterable> {
    private var counts = [Int](repeating: 0, count: Depth.allCases.count)
    private var digest: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Nothing yet.
    public init() {}

    /// A depth was reached.
    public mutating func reached(_ depth: Depth) { counts[depth.rawValue] += 1 }

    /// A number among the results.
    public mutating func consume(_ number: UInt64) { digest = (digest ^ number) &* 0x100_0000_01b3 }  // FNV-1a

    /// Bytes among the results: all of a short one, a sample of a long one.
    public mutating func consume(_ bytes: [UInt8]) {
        consume(UInt64(bytes.count))
        for index in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 32)) { consume(UInt64(bytes[index])) }
    }

    /// The counts by name, and the digest.
    public var summary: String {
        let depths = Depth.allCases.map { "\($0) \(counts[$0.rawValue])" }.joined(separator: ", ")
        return "\(depths); results \(String(digest, radix: 16))"
    }
}
