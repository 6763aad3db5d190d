// A small terminal in memory: enough of an xterm for what the line editor and live blocks send, so that tests assert
// what a person would see. A sequence it does not know is kept in `unknown`, and fails the test.

import BoxOfficeTerminal

struct Screen {
    let columns: Int
    private(set) var unknown: [String] = []
    private var rows: [[String]] = [[]]  // a wide character takes its cell and an empty one
    private var row = 0
    private var column = 0

    init(columns: Int) { self.columns = columns }

    /// What is shown, without trailing spaces and rows.
    var lines: [String] {
        var lines = rows.map { row in
            var text = row.joined()
            while text.hasSuffix(" ") { text.removeLast() }
            return text
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    mutating func feed(_ text: String) {
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\r": column = 0
            case "\n": moveDown()
            case "\u{8}": column = max(0, min(column, columns - 1) - 1)
            case "\u{7}": break
            case "\u{1B}": escape(&rest)
            default: print(scalar)
            }
        }
    }

    private mutating func moveDown() {
        row += 1
        if row == rows.count { rows.append([]) }
    }

    private mutating func print(_ scalar: Unicode.Scalar) {
        let width = displayWidth(of: Character(scalar))
        guard width > 0 else { return rows[row][max(0, column - 1)].unicodeScalars.append(scalar) }
        if column + width > columns {
            column = 0
            moveDown()
        }
        pad(to: column + width)
        rows[row][column] = String(scalar)
        if width == 2 { rows[row][column + 1] = "" }
        column += width
    }

    private mutating func pad(to count: Int) {
        while rows[row].count < count { rows[row].append(" ") }
    }

    private mutating func escape(_ rest: inout Substring.UnicodeScalarView) {
        guard rest.popFirst() == "[", let end = rest.firstIndex(where: { (0x40...0x7E).contains($0.value) }) else {
            return unknown.append(String(rest.prefix(10)))
        }
        let parameter = String(rest[..<end])
        let final = rest[end]
        rest = rest[rest.index(after: end)...]
        let count = max(1, Int(parameter) ?? 1)
        switch final {
        case "A": row = max(0, row - count)
        case "B": row = min(rows.count - 1, row + count)
        case "C": column = min(columns - 1, column + count)
        case "D": column = max(0, column - count)
        case "G": column = count - 1
        case "J", "K":
            guard parameter.isEmpty || parameter == "0" else { return unknown.append(parameter + String(final)) }
            rows[row] = Array(rows[row].prefix(column))
            if final == "J" { rows.removeSubrange((row + 1)...) }
        case "P":
            pad(to: column + count)
            rows[row].removeSubrange(column..<column + count)
        case "@":
            pad(to: column)
            rows[row].insert(contentsOf: [String](repeating: " ", count: count), at: column)
        case "m": break
        case "h", "l": if parameter != "4" { unknown.append(parameter + String(final)) }
        default: unknown.append(parameter + String(final))
        }
    }
}
