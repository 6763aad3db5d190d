import Testing

@testable import BoxOfficeCatalogue

@Suite("Seat names")
struct SeatNamesTests {
    /// A plan of seats given as (zone, row, number, guid).
    private func names(_ seats: [(String, String, String, String)]) -> SeatNames {
        var builder = SeatingPlanBuilder()
        for (zone, row, number, guid) in seats {
            builder.zoneBegan(zone, at: .zero)
            builder.rowBegan(row, at: .zero)
            builder.seat(number, guid: guid, category: 0, at: .zero)
            builder.rowEnded()
            builder.zoneEnded()
        }
        return SeatNames(builder.plan(name: "Hall", size: nil, categories: []))
    }

    private var hall: SeatNames {
        names([
            ("Floor", "A", "1", "0e1f"),  // 0
            ("Floor", "B", "1", "0e20"),  // 1
            ("Balcony", "A", "1", "0e21"),  // 2
            ("Balcony", "C", "7", "Floor-B-1"),  // 3: its guid is another seat's label
            ("Box", "", "9", "0e23"),  // 4
            ("Box", "", "9", "0e24"),  // 5: the same label again
            ("발코니", "가", "3", "0e25"),  // 6
            ("", "D", "4", "0e26"),  // 7
            ("Box", "d", "5", "0e27"),  // 8
            ("Box", "D", "5", "0e28"),  // 9
        ])
    }

    @Test(
        arguments: [
            ("Floor-A-1", .seat(0)), ("floor-a-1", .seat(0)), ("  Floor-A-1 ", .seat(0)), ("0e1f", .seat(0)),
            ("0E1F", .seat(0)),
            ("A-1", .ambiguous), ("a-1", .ambiguous),  // on the floor and on the balcony
            ("B-1", .seat(1)), ("Floor-B-1", .seat(3)), ("0e20", .seat(1)), ("floor-b-1", .ambiguous),
            ("C-7", .seat(3)), ("Box-9", .ambiguous), ("BOX-9", .ambiguous), ("0e24", .seat(5)), ("9", .ambiguous),
            ("발코니-가-3", .seat(6)), ("가-3", .seat(6)), ("가-3".decomposed, .seat(6)),
            ("D-4", .seat(7)), ("d-4", .seat(7)),
            ("d-5", .seat(8)), ("D-5", .seat(9)), ("box-d-5", .ambiguous), ("Box-D-5", .seat(9)),
            ("E-1", .unknown), ("", .unknown), ("-", .unknown), ("Floor", .unknown), ("Floor-A-1-", .unknown),
        ] as [(String, SeatNames.Match)])
    func match(_ name: String, _ expected: SeatNames.Match) {
        #expect(hall.match(name) == expected)
    }

    @Test func everySeatHasANameThatFindsItAgain() {
        let hall = hall
        #expect(
            (0..<10).map { hall.name(of: $0) } == [
                "Floor-A-1", "0e20", "Balcony-A-1", "Balcony-C-7", "0e23", "0e24", "발코니-가-3", "D-4", "Box-d-5",
                "Box-D-5",
            ])
        for index in 0..<UInt32(10) { #expect(hall.match(hall.name(of: index) ?? "") == .seat(index)) }
        #expect(hall.name(of: 10) == nil)
    }

    @Test func seatWithoutZoneRowAndNumberIsCalledByItsGuid() {
        let names = names([("", "", "", " g ")])
        #expect(names.name(of: 0) == " g ")
        #expect(names.match(" g ") == .seat(0))
    }
}

extension String {
    /// Hangul syllables taken apart, as some systems write file names and some keyboards text.
    fileprivate var decomposed: String { self == "가-3" ? "\u{1100}\u{1161}-3" : self }
}
