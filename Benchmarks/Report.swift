import ArgumentParser
import BoxOfficeTerminal

/// What was measured, printed as a table: ours, the peer's, their ratio, what is wanted, and whether it holds.
struct Report {
    /// What a figure is to be.
    enum Wanted {
        /// The peer takes so many times as long as ours, or more.
        case timesAsFast(Double)
        /// Ours is so many times the peer's, or less.
        case timesAtMost(Double)
        /// Ours is so much, or less, whatever the peer's.
        case atMost(Double)
        /// Told beside the others.
        case nothing
    }

    private var table: Table
    private var missed: [String] = []

    /// - Parameter peer: what is compared with, for the heading.
    init(peer: String) {
        table = Table([
            Table.Column("WHAT"), Table.Column("OURS", .right), Table.Column(peer.uppercased(), .right),
            Table.Column("RATIO", .right), Table.Column("WANTED", .right), Table.Column("HOLDS"),
        ])
    }

    /// Adds the medians of a figure's rounds.
    mutating func add(_ what: String, _ rounds: Rounds, _ wanted: Wanted) {
        add(what, ours: rounds.oursMedian, peer: rounds.peerMedian, unit: .seconds, wanted)
    }

    /// Adds a figure.
    ///
    /// - Parameter peer: nil when there is none.
    mutating func add(_ what: String, ours: Double, peer: Double?, unit: Unit, _ wanted: Wanted) {
        let ratio: Double?
        let holds: Bool?
        let wish: String
        switch wanted {
        case .timesAsFast(let times):
            ratio = peer.map { $0 / ours }
            holds = ratio.map { $0 >= times }
            wish = "≥ \(rounded(times))"
        case .timesAtMost(let times):
            ratio = peer.map { ours / $0 }
            holds = ratio.map { $0 <= times }
            wish = "≤ \(rounded(times))"
        case .atMost(let most):
            ratio = peer.map { ours / $0 }
            holds = ours <= most
            wish = "≤ \(unit.text(most))"
        case .nothing:
            ratio = peer.map { ours / $0 }
            holds = nil
            wish = ""
        }
        if holds == false { missed.append(what) }
        table.add([
            Table.Cell(what), Table.Cell(unit.text(ours)), Table.Cell(peer.map(unit.text) ?? ""),
            Table.Cell(ratio.map { rounded($0) } ?? ""), Table.Cell(wish),
            Table.Cell(holds.map { $0 ? "yes" : "NO" } ?? ""),
        ])
    }

    /// Prints it all.
    ///
    /// - Throws: exit code 1 when something that is wanted does not hold.
    func finish() throws {
        for line in table.lines(columnsMax: nil, style: Style(isOn: false)) { print(line) }
        if !missed.isEmpty {
            print("Missed: \(missed.joined(separator: "; "))")
            throw ExitCode(1)
        }
    }
}

extension Report {
    /// What a figure counts.
    enum Unit {
        case seconds
        case bytes
        case perSecond
        case count

        func text(_ value: Double) -> String {
            switch self {
            case .seconds where value < 1e-6: "\(rounded(value * 1e9)) ns"
            case .seconds where value < 1e-3: "\(rounded(value * 1e6)) µs"
            case .seconds where value < 1: "\(rounded(value * 1e3)) ms"
            case .seconds: "\(rounded(value)) s"
            case .bytes where value < 10_240: "\(rounded(value)) B"
            case .bytes where value < 10_485_760: "\(rounded(value / 1_024)) KiB"
            case .bytes: "\(rounded(value / 1_048_576)) MiB"
            case .perSecond: "\(rounded(value))/s"
            case .count: "\(Int(value))"
            }
        }
    }
}

/// Three digits say enough of a measured value.
private func rounded(_ value: Double) -> String {
    let decimals = abs(value) < 10 ? 100.0 : abs(value) < 100 ? 10 : 1
    let rounded = (value * decimals).rounded() / decimals
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
}
