// Aligned columns for people. Widths are counted as a terminal shows them, so that Korean titles and emoji line up.
//
//     CONCERT  TITLE                DATES
//           1  겨울 콘서트              3
//           2  Lisbon Nights 🎸         1
//
// On a terminal a line never wraps: the widest column that may shrink gives way, its texts ending in `…`. In a pipe
// nothing is cut.

/// A table that is filled row by row and then rendered.
public struct Table: Sendable {
    /// One column: its heading and how it is laid out.
    public struct Column: Sendable {
        let title: String
        let alignment: Alignment
        let shrinks: Bool

        /// - Parameters:
        ///   - title: the heading, shown as it is.
        ///   - alignment: left for text, right for numbers.
        ///   - shrinks: whether its texts may be cut when the terminal is narrow. Identifiers and amounts must not.
        public init(_ title: String, _ alignment: Alignment = .left, shrinks: Bool = false) {
            self.title = title
            self.alignment = alignment
            self.shrinks = shrinks
        }
    }

    /// A cell: the text, and how to colour it once it has been cut and filled.
    public struct Cell: Sendable, ExpressibleByStringInterpolation {
        let text: String
        let paint: (@Sendable (String) -> String)?

        /// - Parameters:
        ///   - text: plain text; it is sanitised here, so texts of other people may be given as they are.
        ///   - paint: a style's method, for example `style.red`.
        public init(_ text: String, paint: (@Sendable (String) -> String)? = nil) {
            self.text = sanitize(text)
            self.paint = paint
        }

        /// A plain cell.
        public init(stringLiteral text: String) { self.init(text) }
    }

    private let columns: [Column]
    private var rows: [[Cell]] = []

    private static let gap = "  "
    /// A column is not cut to less than this: beside an ellipsis something should be left to recognise.
    private static let shrunkColumnsMin = 8

    /// An empty table.
    public init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row. Missing cells are empty, cells beyond the last column are not shown.
    public mutating func add(_ cells: [Cell]) {
        rows.append(columns.indices.map { $0 < cells.count ? cells[$0] : "" })
    }

    /// How wide it is when nothing is cut.
    public var naturalColumns: Int { naturalWidths.reduce(0, +) + gaps }

    /// The lines: the heading, then the rows.
    /// - Parameters:
    ///   - columnsMax: the terminal's width; nil cuts nothing.
    ///   - style: for the heading and painted cells.
    public func lines(columnsMax: Int?, style: Style) -> [String] {
        let widths = widths(columnsMax: columnsMax)
        let heading = columns.map { Cell($0.title, paint: style.bold) }
        return ([heading] + rows).map { line(of: $0, widths: widths) }
    }

    /// The whole table as suits an output, each line ended.
    public func rendered(for terminal: Terminal) -> String {
        lines(columnsMax: terminal.columns, style: Style(for: terminal)).map { $0 + "\n" }.joined()
    }

    private func line(of cells: [Cell], widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let text = truncated(cell.text, toColumns: widths[index])
            let shown = cell.paint.map { $0(text) } ?? text
            let fill = String(repeating: " ", count: widths[index] - displayWidth(of: text))
            // Nothing follows the last text, so that lines carry no trailing spaces.
            let isLast = cells[(index + 1)...].allSatisfy { $0.text.isEmpty }
            switch columns[index].alignment {
            case .left: line += isLast ? shown : shown + fill + Self.gap
            case .right: line += fill + shown + (isLast ? "" : Self.gap)
            }
            if isLast { break }
        }
        return line
    }

    private var naturalWidths: [Int] {
        columns.indices.map { index in
            rows.reduce(displayWidth(of: columns[index].title)) { max($0, displayWidth(of: $1[index].text)) }
        }
    }

    private var gaps: Int { Self.gap.count * max(0, columns.count - 1) }

    private func widths(columnsMax: Int?) -> [Int] {
        var widths = naturalWidths
        guard let columnsMax else { return widths }
        var excess = widths.reduce(0, +) + gaps - columnsMax
        while excess > 0 {
            // One column at a time from the widest, so that two long ones share the loss.
            let candidates = columns.indices.filter { columns[$0].shrinks && widths[$0] > Self.shrunkColumnsMin }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }
}
