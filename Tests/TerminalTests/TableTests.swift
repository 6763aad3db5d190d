import Testing

@testable import BoxOfficeTerminal

@Suite struct TableTests {
    private let columns: [Table.Column] = [.init("ID", .right), .init("TITLE", shrinks: true), .init("FREE", .right)]

    private func table() -> Table {
        var table = Table(columns)
        table.add(["1", "겨울 콘서트", "300"])
        table.add(["12", "Lisbon Nights 🎸", "7"])
        table.add(["3", "👨‍👩‍👧 & 🇰🇷", "12000"])
        return table
    }

    @Test func koreanAndEmojiLineUp() {
        let lines = table().lines(columnsMax: nil, style: Style(isOn: false))
        #expect(
            lines == [
                "ID  TITLE              FREE",
                " 1  겨울 콘서트         300",
                "12  Lisbon Nights 🎸      7",
                " 3  👨‍👩‍👧 & 🇰🇷           12000",
            ])
        #expect(Set(lines.map { displayWidth(of: $0) }) == [27])
    }

    @Test func aNarrowTerminalCutsOnlyWhatMayShrink() {
        let lines = table().lines(columnsMax: 22, style: Style(isOn: false))
        #expect(
            lines == [
                "ID  TITLE         FREE",
                " 1  겨울 콘서트    300",
                "12  Lisbon Nig…      7",
                " 3  👨‍👩‍👧 & 🇰🇷      12000",
            ])
        // Below the least width the line is too long rather than unreadable.
        #expect(table().lines(columnsMax: 5, style: Style(isOn: false))[2] == "12  Lisbon …      7")
    }

    @Test func cellsAreSanitisedAndPaintedWithoutMovingTheColumns() {
        var table = Table(columns)
        table.add([Cell("1"), Cell("evil\u{1B}[2J", paint: Style(isOn: true).red)])
        let lines = table.lines(columnsMax: nil, style: Style(isOn: true))
        #expect(withoutStyle(lines[1]) == " 1  evil\\u{1B}[2J")
        #expect(lines[1].contains("\u{1B}[31mevil\\u{1B}[2J\u{1B}[39m"))
        #expect(withoutStyle(lines[0]) == "ID  TITLE          FREE")
    }

    private typealias Cell = Table.Cell

    @Test func rowsOfAnyLength() {
        var table = Table([.init("A"), .init("B")])
        table.add([])
        table.add(["1", "2", "3"])
        #expect(table.lines(columnsMax: 80, style: Style(isOn: false)) == ["A  B", "", "1  2"])
        #expect(Table([]).lines(columnsMax: 80, style: Style(isOn: false)) == [""])
    }
}
