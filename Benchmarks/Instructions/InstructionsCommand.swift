import ArgumentParser
import Foundation

/// How many instructions pieces of the work take, beside how many they took when that was last written down. Unlike times,
/// these are the same on a busy machine.
struct InstructionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instructions",
        abstract: "Instructions of one decode, encode, decide, commit, map and place, beside the recorded ones.",
        discussion: "Needs valgrind (Debian: apt-get install valgrind).")

    @Option(help: ArgumentHelp("Only this piece.", valueName: "piece"))
    var only: Piece?
    @Option(help: ArgumentHelp("Where the recorded counts are.", valueName: "file"))
    var baseline = "Benchmarks/instructions.txt"
    @Flag(help: "Records the counts instead of comparing them.")
    var record = false
    /// Does the work, for valgrind to count.
    @Option(help: .hidden)
    var times: Int?

    /// What a count may differ by without a change of the code: random keys are in the trees, and sizes of texts differ.
    private static let tolerance = 1.05

    func validate() throws {
        if times != nil && only == nil { throw ValidationError("--times needs --only.") }
        if record && only != nil { throw ValidationError("All are recorded together.") }
    }

    func run() throws {
        if let times, let only {
            print(try only.run(times))
            return
        }
        let counter = try InstructionCounter()
        var baseline = try Baseline(path: baseline)
        var report = Report(peer: "recorded")
        for piece in Piece.allCases where only == nil || piece == only {
            let count = try counter.count(piece)
            let recorded = record ? nil : baseline.counts[piece]
            report.add(
                "\(piece.rawValue): \(piece.what)", ours: Double(count), peer: recorded.map(Double.init), unit: .count,
                recorded == nil ? .nothing : .timesAtMost(Self.tolerance))
            if record { baseline.counts[piece] = count }
        }
        if record { try baseline.write() }
        try report.finish()
    }
}

/// Counts with valgrind.
private struct InstructionCounter {
    private let directory: TemporaryDirectory
    private let program: String

    init() throws {
        directory = try TemporaryDirectory()
        program = directory.path + "/benchmark"
        // Valgrind would read all that is there for debuggers, each time.
        let itself = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        _ = try Self.run(["strip", "-g", "-o", program, itself])
    }

    /// Instructions of one operation: twice as many operations, less what comes with any number of them.
    func count(_ piece: Piece) throws -> Int {
        let few = try total(piece, times: piece.operations)
        let many = try total(piece, times: 2 * piece.operations)
        return (many - few) / piece.operations
    }

    private func total(_ piece: Piece, times: Int) throws -> Int {
        let said = try Self.run([
            "valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
            program, "instructions", "--only", piece.rawValue, "--times", "\(times)",
        ])
        for line in said.split(separator: "\n") {
            guard let place = line.range(of: "refs:") else { continue }
            if let count = Int(line[place.upperBound...].filter(\.isNumber)) { return count }
        }
        throw Failed("valgrind has not counted: \(said)")
    }

    /// What it says.
    private static func run(_ words: [String]) throws -> String {
        let (status, output) = try Program.run(words, environment: ["SWIFT_DETERMINISTIC_HASHING": "1"])
        guard status == 0 else { throw Failed("\(words[0]) failed: \(output)") }
        return output
    }
}

/// The recorded counts: a piece and its instructions on each line.
private struct Baseline {
    private let path: String
    var counts: [Piece: Int] = [:]

    init(path: String) throws {
        self.path = path
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return }
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count == 2, let piece = Piece(rawValue: String(words[0])), let count = Int(words[1]) else {
                throw Failed("\(path): what is \"\(line)\"?")
            }
            counts[piece] = count
        }
    }

    func write() throws {
        var text = "# Instructions, as `scripts/benchmark instructions --record` has counted them.\n"
        for piece in Piece.allCases { text += "\(piece.rawValue) \(counts[piece] ?? 0)\n" }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
