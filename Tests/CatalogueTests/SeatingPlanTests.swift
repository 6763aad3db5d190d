import Testing

@testable import BoxOfficeCatalogue

@Suite("Seating plan")
struct SeatingPlanTests {
    @Test func seatsAreFlatInFileOrderWithLabelsAndPlaces() throws {
        let plan = try plan(smallPlan)
        #expect(plan.name == "작은 극장 🎭")
        #expect(plan.size == SeatingPlan.Size(width: 400, height: 300.5))
        #expect(plan.categories.map(\.name) == ["VIP석", "Plain"])
        #expect(plan.categories.map(\.color) == ["#ff0000", nil])
        let seats = plan.seats.map { "\($0.index) \($0.guid) \($0.label) \($0.category) \($0.x) \($0.y)" }
        #expect(
            seats == [
                "0 g1 Floor-A-1 0 11.5 22.25", "1 g2 Floor-A-2 1 8.0 22.0", "2 g3 Floor-B-1 1 17.0 28.0",
                "3 g4 7 0 0.0 100.0", "4 g5 g5 0 1.0 100.0",
            ])
        #expect(plan.zones.map(\.name) == ["Floor", ""])
        #expect(plan.zones.map(\.displayed) == [true, nil])
        #expect(plan.zones.map { $0.rows.map(\.seats) } == [[0..<2, 2..<3], [3..<5]])
        #expect(plan.zones[0].rows.map(\.number) == ["A", "B"])
    }

    @Test func exportReadsBackEqualAndStaysTheSameBytes() throws {
        let plan = try plan(smallPlan)
        let exported = plan.export()
        let again = try SeatingPlan.parse(exported)
        #expect(again == plan)
        #expect(again.export() == exported)
        let text = String(decoding: exported, as: UTF8.self)
        #expect(text.contains("\"name\": \"작은 극장 🎭\""), "Korean and emoji stay as they are")
        #expect(text.contains("\"position\": {\"x\": 0.5, \"y\": 0.25}"))
        #expect(text.contains("\"areas\": [\n"))
        #expect(text.contains("\"text\": \"Stage\""))
    }

    @Test(arguments: [
        // what is replaced, by what
        ("\"name\": \"Floor\", ", ""),
        ("\"name\": \"Floor\"", "\"name\": null"),
        (", \"size\": {\"width\": 400, \"height\": 300.5}", ""),
        ("\"displayed\": true, ", ""),
        ("\"displayed\": true", "\"displayed\": false"),
        ("\"position\": {\"x\": 1, \"y\": 2}, ", ""),
        (", \"color\": \"#ff0000\"", ""),
        ("\"row_number\": \"A\"", "\"row_number\": 12"),
        ("\"seat_number\": \"2\"", "\"seat_number\": 2"),
        ("\"seat_guid\": \"g2\"", "\"seat_guid\": 77"),
        ("\"x\": 0.5", "\"x\": 5e-1"),
        ("\"x\": -3", "\"x\": -1000000"),
        ("\"name\": \"작은 극장 🎭\"", "\"name\": \"\\uc791\\uc740 \\ud83c\\udfad\""),
        ("\"name\": \"작은 극장 🎭\"", "\"name\": \"\\\"quoted\\\" \\\\ and / \\/\""),
        // what newer editors add
        ("\"displayed\": true", "\"displayed\": true, \"zone_id\": \"z\", \"uuid\": \"1\", \"lot\": [[], {}, null]"),
        ("\"row_number\": \"A\"", "\"row_number\": \"A\", \"row_label\": \"Row A\", \"row_number_position\": \"both\""),
        ("\"seat_guid\": \"g2\"", "\"seat_guid\": \"g2\", \"radius\": 12.75, \"uuid\": 12345678901234567890"),
        (
            "\"text\": \"Stage\"",
            "\"shape\": \"ellipse\", \"rotation\": 45, \"ellipse\": {\"radius\": {\"x\": 1, \"y\": 2}}"
        ),
        ("\"areas\": [{\"position\"", "\"areas\": [{\"text\": {\"text\": \"a\\tb\", \"size\": 1.50}}, {\"position\""),
        ("{\"name\": \"Plain\"}", "{\"name\": \"Plain\", \"id\": 3}"),
    ])
    func variantsAreTakenAndSurviveExport(_ old: String, _ new: String) throws {
        let plan = try plan(smallPlan.replacing(once: old, with: new))
        #expect(plan.seats.count == 5)
        #expect(try SeatingPlan.parse(plan.export()) == plan)
    }

    @Test func numbersForNamesBecomeText() throws {
        let text = smallPlan.replacing(once: "\"row_number\": \"A\"", with: "\"row_number\": 12")
            .replacing(once: "\"seat_number\": \"2\"", with: "\"seat_number\": 34")
        #expect(try plan(text).seats[1].label == "Floor-12-34")
    }

    @Test func membersWeDoNotKnowComeBackAsTheyWere() throws {
        let extra = "\"x-id\": 12345678901234567890, \"x-scale\": 1.50, \"x-note\": \"\\u0007 bell\""
        let plan = try plan(smallPlan.replacing(once: "\"seat_guid\": \"g2\"", with: "\"seat_guid\": \"g2\", " + extra))
        let exported = String(decoding: plan.export(), as: UTF8.self)
        #expect(exported.contains(extra))
    }

    @Test func byteOrderMarkIsSkipped() throws {
        #expect(try SeatingPlan.parse([0xEF, 0xBB, 0xBF] + Array(smallPlan.utf8)) == plan(smallPlan))
    }

    @Test func hundredThousandSeatsAreTakenAndOneMoreIsNot() throws {
        func hall(of seats: Int) -> String {
            let list = (0..<seats).map { number in
                "{\"seat_guid\":\"\(number)\",\"seat_number\":\"\(number)\",\"position\":{\"x\":0,\"y\":0},\"category\":\"c\"}"
            }
            return "{\"name\":\"n\",\"categories\":[{\"name\":\"c\"}],\"zones\":[{\"position\":{\"x\":0,\"y\":0},"
                + "\"rows\":[{\"row_number\":\"1\",\"seats\":[\(list.joined(separator: ","))]}]}]}"
        }
        #expect(try plan(hall(of: SeatingPlan.seatsMax)).seats.count == SeatingPlan.seatsMax)
        #expect(
            refusal { () throws(CatalogueRefusal) in try plan(hall(of: SeatingPlan.seatsMax + 1)) }
                == "zones[0].rows[0].seats[100000]: is one seat more than the 100000 a plan may have")
    }
}
