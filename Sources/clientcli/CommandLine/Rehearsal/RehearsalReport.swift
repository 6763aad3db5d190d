// What a rehearsal has shown, for people and for programs.

import BoxOfficeClient
import BoxOfficeTerminal
import Foundation
import Histogram

/// The times of one step, microseconds.
struct StepFigures: Hashable, Sendable {
    let step: RehearsalStep
    let count: Int
    /// The time that so many of a hundred took at most, for each of `shares`.
    let percentiles: [UInt64]
    let max: UInt64
    /// For the chart: share of a hundred, and the time.
    let curve: [CurvePoint]

    struct CurvePoint: Hashable, Sendable {
        var share: Double
        var microseconds: UInt64
    }

    static let shares = [50.0, 90, 99, 99.9]
    static let curveShares = [
        0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99, 99.999,
    ]

    init(_ step: RehearsalStep, _ histogram: Histogram<UInt32>) {
        self.step = step
        let count = Int(histogram.totalCount)
        self.count = count
        percentiles = Self.shares.map { histogram.valueAtPercentile($0) }
        max = histogram.maxRecorded
        // As far as there are that many.
        curve = Self.curveShares.filter { Double(count) * (1 - $0 / 100) >= 1 }
            .map { CurvePoint(share: $0, microseconds: histogram.valueAtPercentile($0)) }
    }
}

struct RehearsalReport: Sendable {
    /// What an audit of a copy of the data file said.
    enum AuditResult: Hashable, Sendable {
        case notAsked
        case sound(commit: UInt64)
        case unsound(String)
        /// There was nobody to ask, or no space.
        case notMade(String)
    }

    let concert: ConcertID
    let performance: PerformanceID
    let settings: RehearsalSettings
    let seconds: Double
    let steps: [StepFigures]
    let moments: [RehearsalMoment]
    let ends: [RehearsalEnd: Int]
    let refusals: [String: Int]
    let failures: [String: Int]
    let arrived: Int
    let joined: Int
    let admitted: Int
    let notices: Int
    let held: Int
    let holdsPerSecondMax: Int
    let unanswered: Int
    let seatsSold: Int
    let doubleSales: Int
    let waits: WaitFigures
    private(set) var audit = AuditResult.notAsked

    init(
        of concert: ConcertID, _ performance: PerformanceID, _ settings: RehearsalSettings, _ tally: RehearsalTally,
        moments: [RehearsalMoment], took: Duration
    ) async {
        self.concert = concert
        self.performance = performance
        self.settings = settings
        seconds = took / .seconds(1)
        self.moments = moments
        let histograms = await tally.steps
        steps = RehearsalStep.allCases.compactMap { step in histograms[step].map { StepFigures(step, $0) } }
        ends = await tally.ends
        refusals = await tally.refusals
        failures = await tally.failures
        arrived = await tally.arrived
        joined = await tally.joined
        admitted = await tally.admitted
        notices = await tally.notices
        held = await tally.held
        holdsPerSecondMax = await tally.heldInSecond.values.max() ?? 0
        unanswered = await tally.unanswered
        seatsSold = await tally.seatsSold
        doubleSales = await tally.doubleSales
        waits = await tally.waits
    }

    var holdsPerSecond: Int { Int(Double(held) / Swift.max(0.001, seconds)) }

    /// With what an audit said.
    func audited(_ result: AuditResult) -> RehearsalReport {
        var report = self
        report.audit = result
        return report
    }

    /// Whether nothing happened that must not: no seat sold twice, nothing but refusals and not everybody refused, an
    /// audit that found nothing.
    var isGood: Bool {
        switch audit {
        case .unsound, .notMade: return false
        case .notAsked, .sound: break
        }
        let isRefusedAltogether = admitted == 0 && !refusals.isEmpty
        return doubleSales == 0 && failures.isEmpty && !isRefusedAltogether
    }
}

extension RehearsalReport: Shown {
    var json: JSON {
        [
            "concert": JSON(concert), "date": JSON(performance), "profile": JSON(settings.profile.rawValue),
            "seed": JSON(settings.seed), "members": JSON(settings.members),
            "milliseconds": JSON(Int(seconds * 1_000)),
            "arrived": JSON(arrived), "joined": JSON(joined), "admitted": JSON(admitted), "notices": JSON(notices),
            "ends": .counts(RehearsalEnd.allCases.map { ($0.rawValue, ends[$0] ?? 0) }),
            "holds": JSON(held), "holdsPerSecond": JSON(holdsPerSecond), "holdsPerSecondMax": JSON(holdsPerSecondMax),
            "seatsSold": JSON(seatsSold),
            "doubleSales": JSON(doubleSales), "audit": auditJSON,
            "steps": .list(steps.map(\.json)), "waits": waits.json,
            "refusals": .counts(refusals.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }),
            "unanswered": JSON(unanswered),
            "failures": .counts(failures.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }),
        ]
    }

    private var auditJSON: JSON {
        switch audit {
        case .notAsked: .null
        case .sound(let commit): ["sound": true, "commit": JSON(commit)]
        case .unsound(let why): ["sound": false, "message": JSON(why)]
        case .notMade(let why): ["sound": .null, "message": JSON(why)]
        }
    }

    func lines(_ look: Look) -> [String] {
        var lines = [
            look.style.bold(
                "\(settings.members) members, \(settings.profile.rawValue), \(Int(seconds.rounded())) s, seed \(settings.seed)"
            ),
            "Came \(arrived), joined \(joined), let in \(admitted), notices \(notices)",
            "Held \(held) times: \(holdsPerSecond) a second, \(holdsPerSecondMax) in the best one",
            "Seats sold: \(seatsSold); twice: "
                + (doubleSales == 0 ? look.style.green("none") : look.style.red("\(doubleSales)")),
            "How it ended: "
                + RehearsalEnd.allCases.compactMap { end in ends[end].map { "\($0) \(end.words)" } }
                .joined(separator: ", "),
        ]
        lines += waits.lines
        lines.append("")
        lines += table.lines(columnsMax: look.columns, style: look.style)
        lines.append("")
        lines.append("Refused: " + Self.listed(refusals))
        if unanswered > 0 { lines.append("\(counted(unanswered, "question")) had no answer when it ended") }
        lines.append("Failed:  " + (failures.isEmpty ? "nothing" : look.style.red(Self.listed(failures))))
        switch audit {
        case .notAsked: lines.append("Audit:   not asked for (--data DIRECTORY), or “boxofficed audit”")
        case .sound(let commit):
            lines.append("Audit:   " + look.style.green("sound") + ", a copy as of commit \(commit)")
        case .unsound(let why): lines.append("Audit:   " + look.style.red(sanitize(why)))
        case .notMade(let why): lines.append("Audit:   " + look.style.red("not made: " + sanitize(why)))
        }
        return lines
    }

    private var table: Table {
        var table = Table(
            [Table.Column("STEP"), Table.Column("COUNT", .right)]
                + StepFigures.shares.map { Table.Column("P\(shown($0)) MS", .right) }
                + [Table.Column("MAX MS", .right)])
        for figures in steps {
            table.add(
                [Table.Cell(figures.step.words), Table.Cell("\(figures.count)")]
                    + (figures.percentiles + [figures.max]).map {
                        Table.Cell(String(format: "%.1f", Double($0) / 1_000))
                    })
        }
        return table
    }

    private static func listed(_ counts: [String: Int]) -> String {
        counts.isEmpty
            ? "nothing"
            : counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
                .joined(separator: ", ")
    }
}

extension RehearsalEnd {
    fileprivate var words: String {
        switch self {
        case .bought: "bought"
        case .released: "gave seats back"
        case .abandoned: "left without paying"
        case .withoutSeats: "found no seats"
        case .refused: "refused"
        case .failed: "failed"
        case .cut: "were still there at the end"
        }
    }
}

extension StepFigures {
    var json: JSON {
        [
            "step": JSON(step.rawValue), "count": JSON(count),
            "microseconds": .object(
                zip(Self.shares, percentiles).map { JSON.Member(name: "p\(shown($0))", value: JSON($1)) }
                    + [JSON.Member(name: "max", value: JSON(max))]),
        ]
    }
}

extension WaitFigures {
    private func seconds(_ share: Double) -> Double { Double(histogram.valueAtPercentile(share)) / 1_000 }

    var json: JSON {
        [
            "count": JSON(count), "p50Milliseconds": JSON(histogram.valueAtPercentile(50)),
            "p99Milliseconds": JSON(histogram.valueAtPercentile(99)),
            "stillInLine": JSON(unfinished), "announced": JSON(announced), "withinAnnounced": JSON(withinAnnounced),
            "noLaterThanAnnounced": JSON(noLaterThanAnnounced),
        ]
    }

    var lines: [String] {
        var lines: [String] = []
        if count > 0 {
            lines.append(String(format: "Waited: half of them %.1f s at most, 99 %% %.1f s", seconds(50), seconds(99)))
        }
        if unfinished > 0 {
            let longest = unfinishedMax / .seconds(1)
            lines.append("Still in line at the end: \(unfinished), for \(Int(longest)) s at most")
        }
        if announced > 0 {
            let (within, late) = (100 * withinAnnounced / announced, 100 * noLaterThanAnnounced / announced)
            lines.append(
                "As announced halfway through: \(within) % within the range, \(late) % no later (of \(announced))")
        }
        return lines
    }
}

/// `99`, `99.9`: the same in every language.
private func shown(_ share: Double) -> String { share == share.rounded() ? "\(Int(share))" : "\(share)" }

extension JSON {
    fileprivate static func counts(_ counts: [(String, Int)]) -> JSON {
        .object(counts.map { Member(name: $0.0, value: JSON($0.1)) })
    }
}
