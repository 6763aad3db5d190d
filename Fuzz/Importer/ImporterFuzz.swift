// Files that operators import: seating plans and concert files. An input is such a file, given to both readers.
//
// What holds: what is taken is written back to a file that is read as an equal one, always the same bytes; every seat of
// a plan is found again by its name; a refusal is one line.

import BoxOfficeFuzzing
import Foundation

@testable import BoxOfficeCatalogue

enum ImporterFuzz: FuzzTarget {
    enum Depth: Int, CaseIterable { case json, plans, concerts, refused }

    static let name = "importer"

    static func run(_ input: [UInt8], into tally: inout Tally<Depth>) {
        checkJSON(input, &tally)
        checkPlan(input, &tally)
        checkConcerts(input, &tally)
    }

    static func checkJSON(_ input: [UInt8], _ tally: inout Tally<Depth>) {
        guard let value = try? JSONReader.read(input) else { return }
        tally.reached(.json)
        let written = JSONWriter.write(value)
        require((try? JSONReader.read(written)) == value, "JSON that reads otherwise once it is written")
        tally.consume(written)
    }

    static func checkPlan(_ input: [UInt8], _ tally: inout Tally<Depth>) {
        do throws(CatalogueRefusal) {
            let plan = try SeatingPlan.parse(input)
            tally.reached(.plans)
            let file = plan.export()
            require((try? SeatingPlan.parse(file)) == plan, "a plan that reads otherwise once it is written")
            tally.consume(file)
            let names = SeatNames(plan)
            for seat in plan.seats {
                require(plan.categories.indices.contains(seat.category), "a seat of no category")
                require(
                    names.name(of: seat.index).map(names.match) == .seat(seat.index),
                    "a seat that its name does not find")
            }
            require(plan.zones.flatMap(\.rows).reduce(0) { $0 + $1.seats.count } == plan.seats.count, "seats in no row")
        } catch {
            check(error, &tally)
        }
    }

    static func checkConcerts(_ input: [UInt8], _ tally: inout Tally<Depth>) {
        do throws(CatalogueRefusal) {
            let concerts = try ConcertFile.parse(input)
            tally.reached(.concerts)
            let file = concerts.export()
            require((try? ConcertFile.parse(file)) == concerts, "concerts that read otherwise once they are written")
            tally.consume(file)
            try concerts.check(against: [:])
        } catch {
            check(error, &tally)
        }
    }

    static func check(_ refusal: CatalogueRefusal, _ tally: inout Tally<Depth>) {
        tally.reached(.refused)
        let text = refusal.description
        require(
            !text.unicodeScalars.contains { TextRule.isForbidden($0, linesAllowed: false) }, "a refusal of two lines")
        require(text.utf8.count <= refusalBytesMax, "a refusal of \(text.utf8.count) bytes")
        tally.consume(Array(text.utf8))
    }

    /// A path of few steps, each cut short, and a problem that quotes one or two names.
    static let refusalBytesMax = 4096

    static func seeds() -> [(name: String, bytes: [UInt8])] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let examples = ["club.json", "concerts.json"].compactMap { name in
            (try? Data(contentsOf: root.appending(path: "docs/examples/\(name)"))).map { (name, [UInt8]($0)) }
        }
        let small = #"""
            {"name": "H", "size": {"width": 10, "height": 5.5}, "categories": [{"name": "A", "color": "#fff"}],
            "zones": [{"name": "Z", "position": {"x": 1, "y": -2}, "displayed": true, "uuid": "u", "areas":
            [{"shape": "circle", "rotation": 90, "position": {"x": 0, "y": 0}}], "rows": [{"row_number": "1",
            "position": {"x": 0, "y": 1}, "seats": [{"seat_guid": "g1", "seat_number": "1", "position":
            {"x": 0.5, "y": 1e1}, "category": "A", "radius": 3}, {"seat_guid": 7, "seat_number": 2, "position":
            {"x": 1, "y": 0}, "category": "A"}]}]}]}
            """#
        let concerts = #"""
            {"format": "boxoffice-concerts", "version": 1, "concerts": [{"key": "k", "title": "T\u00e9 \ud83c\udfbb",
            "artists": ["A"], "description": "d\nd", "room": {"capacity": 5, "admissionsPerMinute": 60, "activeSeconds":
            60, "idleSeconds": 0, "callWindowSeconds": 9, "opensAt": "2027-01-01T00:00:00Z"}, "dates": [{"key": "d",
            "plan": "H", "timeZone": "Europe/Berlin", "startsAt": "2027-03-12T20:00:00.25+01:00", "saleOpensAt":
            "2027-01-15T10:00:00+01:00", "saleClosesAt": "2027-03-12T19:00:00+01:00", "prices": {"A": 9000}}]}]}
            """#
        return examples + [("small-plan.json", Array(small.utf8)), ("small-concerts.json", Array(concerts.utf8))]
    }
}

nonisolated(unsafe) private var tally = Tally<ImporterFuzz.Depth>()  // libFuzzer calls on one thread

/// libFuzzer calls this once, before the first input.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    atexit { print("\(ImporterFuzz.name): \(tally.summary)") }
    return ImporterFuzz.start()
}

/// libFuzzer calls this for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    ImporterFuzz.testOneInput(start, count, &tally)
}
