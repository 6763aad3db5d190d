// The report as a picture: how long each step took, and how the sale went. One SVG file without scripts, fonts or links.
//
//     left     percentiles to the right, tenfold nearer to 100 % each time; time upwards, tenfold each line
//     right    seconds to the right; who waits, what is held and what is sold, each against its own highest

import BoxOfficeTerminal
import Foundation

struct RehearsalChart {
    let report: RehearsalReport

    private static let width = 1_080.0
    private static let height = 440.0
    private static let colors = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#17becf"]

    /// Where a picture's half is drawn.
    private struct Frame {
        var left: Double
        let top = 50.0
        let width = 430.0
        let height = 300.0
        var right: Double { left + width }
        var bottom: Double { top + height }

        func x(_ share: Double) -> Double { left + share * width }
        func y(_ share: Double) -> Double { bottom - share * height }
    }

    /// The file.
    var svg: String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" \
        font-family="sans-serif" font-size="12">
        <rect width="100%" height="100%" fill="white"/>
        \((percentiles + sale).joined(separator: "\n"))
        </svg>

        """
    }

    // MARK: Percentiles

    private var percentiles: [String] {
        let frame = Frame(left: 60)
        let most = report.steps.flatMap(\.curve).map(\.microseconds).max() ?? 1
        // Whole powers of ten around everything: 0.1 ms is the least that is told apart.
        let decades = 2...max(3, Int(ceil(log10(Double(max(most, 1))))))
        var parts = heading("Time of each step", frame)
        for decade in decades {
            let y = frame.y(Double(decade - decades.lowerBound) / Double(decades.count - 1))
            parts.append(line(frame.left, y, frame.right, y, "#ddd"))
            parts.append(text(Self.milliseconds(decade), frame.left - 8, y + 4, anchor: "end"))
        }
        for (share, label) in [(0.0, "0"), (50, "50"), (90, "90"), (99, "99"), (99.9, "99.9"), (99.99, "99.99 %")] {
            let x = frame.x(Self.nines(share))
            parts.append(line(x, frame.top, x, frame.bottom, "#ddd"))
            parts.append(text(label, x, frame.bottom + 18, anchor: "middle"))
        }
        for (index, figures) in report.steps.enumerated() {
            let points = figures.curve.map { point in
                let height = (log10(Double(max(point.microseconds, 100))) - Double(decades.lowerBound))
                return (frame.x(Self.nines(point.share)), frame.y(height / Double(decades.count - 1)))
            }
            parts += curve(points, figures.step.words, index, frame)
        }
        return parts
    }

    /// 0 % is 0, 99.999 % is 1, and each nine as far from the one before.
    private static func nines(_ share: Double) -> Double { min(1, -log10(max(1e-5, 1 - share / 100)) / 5) }

    private static func milliseconds(_ decade: Int) -> String {
        let time = pow(10, Double(decade - 3))
        return time < 1 ? "\(time) ms" : time < 1_000 ? "\(Int(time)) ms" : "\(Int(time / 1_000)) s"
    }

    // MARK: The sale

    private var sale: [String] {
        let frame = Frame(left: 600)
        let seconds = max(1, report.moments.last?.seconds ?? 1)
        var parts = heading("The sale", frame)
        for tenth in stride(from: 0, through: 10, by: 2) {
            let x = frame.x(Double(tenth) / 10)
            parts.append(line(x, frame.top, x, frame.bottom, "#ddd"))
            parts.append(
                text(String(format: "%.0f s", seconds * Double(tenth) / 10), x, frame.bottom + 18, anchor: "middle"))
        }
        let curves: [(String, (RehearsalMoment) -> Int)] = [
            ("waiting", { $0.waiting }), ("held", { $0.held }), ("seats sold", { $0.seatsSold }),
        ]
        for (index, (name, value)) in curves.enumerated() {
            let most = report.moments.map(value).max() ?? 0
            let points = report.moments.map { moment in
                (frame.x(moment.seconds / seconds), frame.y(Double(value(moment)) / Double(max(1, most))))
            }
            parts += curve(points, "\(name), at most \(most)", index, frame)
        }
        return parts
    }

    // MARK: Pieces

    private func heading(_ title: String, _ frame: Frame) -> [String] {
        [
            text(title, frame.left, 24, anchor: "start", size: 16),
            """
            <rect x="\(Self.short(frame.left))" y="\(Self.short(frame.top))" width="\(Self.short(frame.width))" \
            height="\(Self.short(frame.height))" fill="none" stroke="#888"/>
            """,
        ]
    }

    private func curve(_ points: [(Double, Double)], _ name: String, _ index: Int, _ frame: Frame) -> [String] {
        let color = Self.colors[index % Self.colors.count]
        let path = points.map { "\(Self.short($0.0)),\(Self.short($0.1))" }.joined(separator: " ")
        let (x, y) = (frame.left + Double(index % 3) * 150, frame.bottom + 42 + Double(index / 3) * 18)
        return [
            "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.5\"/>",
            line(x, y - 4, x + 14, y - 4, color), text(name, x + 18, y, anchor: "start"),
        ]
    }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String) -> String {
        """
        <line x1="\(Self.short(x1))" y1="\(Self.short(y1))" x2="\(Self.short(x2))" y2="\(Self.short(y2))" \
        stroke="\(color)"/>
        """
    }

    private func text(_ text: String, _ x: Double, _ y: Double, anchor: String, size: Int = 12) -> String {
        """
        <text x="\(Self.short(x))" y="\(Self.short(y))" text-anchor="\(anchor)" font-size="\(size)">\(text)</text>
        """
    }

    private static func short(_ number: Double) -> String { String(format: "%.1f", number) }
}
