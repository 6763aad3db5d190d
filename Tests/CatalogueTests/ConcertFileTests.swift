import Testing

@testable import BoxOfficeCatalogue

@Suite("Concert file")
struct ConcertFileTests {
    @Test func reads() throws {
        let file = try concerts(smallConcerts)
        #expect(file.concerts.map(\.key) == ["one", "two"])
        let one = file.concerts[0]
        #expect(one.title == "첫 번째 🎤")
        #expect(one.artists == ["Ann", "밥"])
        #expect(one.description == "line\nline")
        let room = ConcertFile.Room(
            capacity: 5, admissionsPerMinute: 120, activeSeconds: 60, idleSeconds: 30, callWindowSeconds: 90,
            opensAt: 1_800_005_400_000_000)
        #expect(one.room == room)
        let first = one.dates[0]
        #expect(first.startsAt == 1_804_878_000_000_000)
        #expect(first.saleOpensAt == 1_800_003_600_000_000)
        #expect(first.saleClosesAt == 1_804_874_400_000_000)
        #expect(first.points(forCategory: "VIP석") == 9_000)
        #expect(first.points(forCategory: "Plain") == 0)
        #expect(first.points(forCategory: "Other") == nil)
        let second = one.dates[1]
        #expect(second.startsAt == 1_804_935_600_500_000)
        #expect(second.saleOpensAt == nil, "open from the import on")
        #expect(second.saleClosesAt == second.startsAt, "the sale closes when the concert starts")
        #expect(file.concerts[1].artists.isEmpty)
        #expect(file.concerts[1].description.isEmpty)
        #expect(file.concerts[1].room == ConcertFile.Room())
    }

    @Test func exportReadsBackEqualInTheTimeOfTheHall() throws {
        let file = try concerts(smallConcerts)
        let exported = file.export()
        #expect(try ConcertFile.parse(exported) == file)
        let text = String(decoding: exported, as: UTF8.self)
        #expect(text.contains("\"startsAt\": \"2027-03-12T20:00:00+01:00\""))
        #expect(text.contains("\"saleOpensAt\": \"2027-01-15T10:00:00+01:00\""))
        #expect(text.contains("\"opensAt\": \"2027-01-15T10:30:00+01:00\""), "in the time of its first date's hall")
        #expect(text.contains("\"startsAt\": \"2027-03-13T20:00:00.500000+09:00\""))
        #expect(text.contains("\"title\": \"첫 번째 🎤\""))
    }

    @Test(arguments: [
        ("\"admissionsPerMinute\": 120", "\"admissionsPerMinute\": 0", ConcertFile.Room(admissionsPerMinute: 0)),
        ("\"admissionsPerMinute\": 120", "\"admissionsPerMinute\": 600000", .init(admissionsPerMinute: 600_000)),
        ("\"idleSeconds\": 30", "\"idleSeconds\": 0", .init(idleSeconds: 0)),
        ("\"idleSeconds\": 30", "\"idleSeconds\": 10", .init(idleSeconds: 10)),
        ("\"idleSeconds\": 30", "\"idleSeconds\": 86400", .init(idleSeconds: 86_400)),
    ])
    func policiesAtTheirBounds(_ old: String, _ new: String, _ expected: ConcertFile.Room) throws {
        let file = try concerts(smallConcerts.replacing(once: old, with: new))
        let room = file.concerts[0].room
        #expect(room.admissionsPerMinute == expected.admissionsPerMinute ?? 120)
        #expect(room.idleSeconds == expected.idleSeconds ?? 30)
        #expect(try ConcertFile.parse(file.export()) == file)
    }

    @Test func noConcertsAreAFileToo() throws {
        #expect(try concerts(#"{"format": "boxoffice-concerts", "version": 1, "concerts": []}"#).concerts.isEmpty)
    }

    @Test(arguments: [
        // what is replaced, by what, and the refusal
        ("\"format\": \"boxoffice-concerts\", ", "", "format: is missing"),
        ("\"boxoffice-concerts\"", "\"x\"", "format: must be \"boxoffice-concerts\", not \"x\""),
        ("\"version\": 1", "\"version\": 2", "version: version 2 is not known here, only 1"),
        ("\"version\": 1", "\"version\": 1.0", "version: must be a whole number"),
        ("\"version\": 1", "\"version\": 1, \"note\": 1", "note: is not a member of this format"),
        ("\"concerts\": [", "\"concerts\": {}, \"x\": [", "concerts: must be an array, not an object"),
        ("\"key\": \"one\", ", "", "concerts[0].key: is missing"),
        (
            "\"key\": \"one\"", "\"key\": \"One\"",
            "concerts[0].key: may have the letters a to z, digits, '-', '_' and '.', nothing else"
        ),
        ("\"key\": \"two\"", "\"key\": \"one\"", "concerts[1].key: \"one\" is already the key of concerts[0]"),
        ("\"title\": \"Two\", ", "", "concerts[1].title: is missing"),
        ("\"title\": \"Two\"", "\"title\": \"\"", "concerts[1].title: must not be empty"),
        (
            "\"title\": \"Two\"", "\"title\": \"\(String(repeating: "t", count: 201))\"",
            "concerts[1].title: is longer than 200 bytes of UTF-8"
        ),
        ("\"title\": \"Two\"", "\"title\": \"T\\u0000\"", "concerts[1].title: has the control character U+0000"),
        ("[\"Ann\", \"밥\"]", "\"Ann\"", "concerts[0].artists: must be an array, not a string"),
        ("[\"Ann\", \"밥\"]", "[\"Ann\", 5]", "concerts[0].artists[1]: must be a string, not a number"),
        ("line\\nline", "line\\u001b", "concerts[0].description: has the control character U+001B"),
        (
            "\"capacity\": 5", "\"capacity\": 1000001",
            "concerts[0].room.capacity: must be from 0 to 1000000, not 1000001"
        ),
        (
            "\"admissionsPerMinute\": 120", "\"admissionsPerMinute\": 600001",
            "concerts[0].room.admissionsPerMinute: must be from 0 to 600000, not 600001"
        ),
        (
            "\"idleSeconds\": 30", "\"idleSeconds\": 9",
            "concerts[0].room.idleSeconds: must be 0 or from 10 to 86400, not 9"
        ),
        (
            "\"idleSeconds\": 30", "\"idleSeconds\": 86401",
            "concerts[0].room.idleSeconds: must be from 0 to 86400, not 86401"
        ),
        (
            "\"2027-01-15T09:30:00Z\"", "\"half past nine\"",
            "concerts[0].room.opensAt: must be an instant with its offset, like 2027-03-12T20:00:00+01:00"
        ),
        ("\"capacity\": 5", "\"places\": 5", "concerts[0].room.places: is not a member of this format"),
        (
            "\"title\": \"Two\", \"dates\": [", "\"title\": \"Two\", \"dates\": [], \"x\": [",
            "concerts[1].dates: has no date"
        ),
        ("\"key\": \"d2\"", "\"key\": \"d1\"", "concerts[0].dates[1].key: \"d1\" is already the key of dates[0]"),
        (
            "\"2027-03-13T20:00:00.5+09:00\"", "\"2027-03-13 20:00\"",
            "concerts[0].dates[1].startsAt: must be an instant with its offset, like 2027-03-12T20:00:00+01:00"
        ),
        (
            "\"2027-03-13T20:00:00.5+09:00\"", "1804935600",
            "concerts[0].dates[1].startsAt: must be a string, not a number"
        ),
        ("\"Asia/Seoul\"", "\"Asia/Soul\"", "concerts[0].dates[1].timeZone: \"Asia/Soul\" is not an IANA time zone"),
        (
            "\"2027-01-15T09:00:00Z\"", "\"2027-03-12T19:00:00+01:00\"",
            "concerts[0].dates[0].saleOpensAt: must be before saleClosesAt"
        ),
        (
            "\"timeZone\": \"UTC\"", "\"timeZone\": \"UTC\", \"saleOpensAt\": \"2027-06-01T00:00:00Z\"",
            "concerts[1].dates[0].saleOpensAt: must be before startsAt, when the sale closes unless told otherwise"
        ),
        ("\"saleOpensAt\"", "\"saleOpenAt\"", "concerts[0].dates[0].saleOpenAt: is not a member of this format"),
        ("{\"VIP석\": 9000, \"Plain\": 0}", "{}", "concerts[0].dates[0].prices: has no price"),
        ("{\"VIP석\": 9000, \"Plain\": 0}", "[]", "concerts[0].dates[0].prices: must be an object, not an array"),
        (
            "\"VIP석\": 9000", "\"VIP석\": -1",
            "concerts[0].dates[0].prices[\"VIP석\"]: must be from 0 to 1000000000, not -1"
        ),
        (
            "\"Plain\": 0}", "\"Plain\": 1000000001}",
            "concerts[0].dates[0].prices.Plain: must be from 0 to 1000000000, not 1000000001"
        ),
        ("\"Plain\": 0}", "\"Plain\": 1.5}", "concerts[0].dates[0].prices.Plain: must be a whole number"),
        ("\"Plain\": 0}", "\"Plain\": 1, \"Plain\": 2}", "concerts[0].dates[0].prices.Plain: is given twice"),
        ("\"Plain\": 0}", "\"\": 0}", "concerts[0].dates[0].prices[\"\"]: must not be empty"),
    ])
    func isRefusedWithItsPlace(_ old: String, _ new: String, _ expected: String) {
        let text = smallConcerts.replacing(once: old, with: new)
        #expect(refusal { () throws(CatalogueRefusal) in try concerts(text) } == expected)
    }

    @Test(arguments: [
        (
            "\"plan\": \"작은 극장 🎭\", \"startsAt\": \"2027-06", "\"plan\": \"Elsewhere\", \"startsAt\": \"2027-06",
            "concerts[1].dates[0].plan: no seating plan \"Elsewhere\" was imported"
        ),
        (", \"Plain\": 0}", "}", "concerts[0].dates[0].prices: has no price for the category \"Plain\" of \"작은 극장 🎭\""),
        (
            "\"Plain\": 0}", "\"Plain\": 0, \"plain\": 1}",
            "concerts[0].dates[0].prices.plain: \"작은 극장 🎭\" has no such category"
        ),
    ])
    func checkAgainstTheHalls(_ old: String, _ new: String, _ expected: String) throws {
        let hall = try plan(smallPlan)
        let halls = [hall.name: hall]
        #expect(throws: Never.self) { try concerts(smallConcerts).check(against: halls) }
        let file = try concerts(smallConcerts.replacing(once: old, with: new))
        #expect(refusal { () throws(CatalogueRefusal) in try file.check(against: halls) } == expected)
    }

    @Test func categoryWithoutSeatsNeedsNoPrice() throws {
        let hall = try plan(
            smallPlan.replacing(once: "{\"name\": \"Plain\"}", with: "{\"name\": \"Plain\"}, {\"name\": \"Spare\"}"))
        #expect(throws: Never.self) { try concerts(smallConcerts).check(against: [hall.name: hall]) }
    }

    @Test func thousandConcertsAreTakenAndOneMoreIsNot() throws {
        func file(of count: Int) -> String {
            let list = (0..<count).map {
                #"{"key":"k\#($0)","title":"t","dates":[{"key":"d","plan":"p","startsAt":"2027-01-01T00:00:00Z","#
                    + #""timeZone":"Asia/Seoul","prices":{"a":1}}]}"#
            }
            return #"{"format":"boxoffice-concerts","version":1,"concerts":[\#(list.joined(separator: ","))]}"#
        }
        #expect(try concerts(file(of: 1_000)).concerts.count == 1_000)
        #expect(
            refusal { () throws(CatalogueRefusal) in try concerts(file(of: 1_001)) }
                == "concerts: has 1001 items, at most 1000 may be")
    }
}
