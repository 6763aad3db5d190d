import Testing

@testable import BoxOfficeCatalogue

@Suite("Seating plan refusals")
struct SeatingPlanRefusalTests {
    private static let long = String(repeating: "가", count: 67)  // 201 bytes

    @Test(arguments: [
        // what is replaced, by what, and the refusal
        ("\"name\": \"작은 극장 🎭\", ", "", "name: is missing"),
        ("\"name\": \"작은 극장 🎭\"", "\"name\": 5", "name: must be a string, not a number"),
        ("\"name\": \"작은 극장 🎭\"", "\"name\": \" \"", "name: must not be empty"),
        ("\"name\": \"작은 극장 🎭\"", "\"name\": \"\(long)\"", "name: is longer than 200 bytes of UTF-8"),
        ("\"name\": \"작은 극장 🎭\"", "\"name\": \"a\\u001b[31m\"", "name: has the control character U+001B"),
        ("\"name\": \"작은 극장 🎭\"", "\"name\": \"a\\u202eb\"", "name: has the control character U+202E"),
        ("\"name\": \"작은 극장 🎭\"", "\"name\": \"a\\nb\"", "name: has the control character U+000A"),
        ("\"name\": \"작은 극장 🎭\"", "\"name\": \"a\", \"name\": \"b\"", "name: is given twice"),
        ("{\"width\": 400, \"height\": 300.5}", "[]", "size: must be an object, not an array"),
        ("\"width\": 400, ", "", "size.width: is missing"),
        ("\"width\": 400", "\"width\": 0", "size.width: must be a number from 1 to 1000000"),
        ("\"height\": 300.5", "\"height\": 1e7", "size.height: must be a number from 1 to 1000000"),
        ("\"categories\": [", "\"categories\": 1, \"other\": [", "categories: must be an array, not a number"),
        ("{\"name\": \"Plain\"}", "\"Plain\"", "categories[1]: must be an object, not a string"),
        ("{\"name\": \"Plain\"}", "{}", "categories[1].name: is missing"),
        ("{\"name\": \"Plain\"}", "{\"name\": \"\"}", "categories[1].name: must not be empty"),
        (
            "{\"name\": \"Plain\"}", "{\"name\": \"VIP석\"}",
            "categories[1].name: \"VIP석\" is already the name of categories[0]"
        ),
        ("\"#ff0000\"", "7", "categories[0].color: must be a string, not a number"),
        ("\"zones\": [", "\"zones\": null, \"other\": [", "zones: is missing"),
        ("\"zones\": [", "\"zones\": [], \"other\": [", "zones: has no seat"),
        ("\"name\": \"Floor\"", "\"name\": []", "zones[0].name: must be a string, not an array"),
        ("\"displayed\": true", "\"displayed\": \"yes\"", "zones[0].displayed: must be true or false, not a string"),
        ("\"position\": {\"x\": 10, \"y\": 20},", "", "zones[0].position: is missing"),
        ("{\"x\": 10, \"y\": 20}", "{\"x\": 10}", "zones[0].position.y: is missing"),
        ("{\"x\": 10, \"y\": 20}", "[10, 20]", "zones[0].position: must be an object, not an array"),
        ("{\"x\": 10,", "{\"x\": \"10\",", "zones[0].position.x: must be a number, not a string"),
        ("{\"x\": 10,", "{\"x\": 1e400,", "zones[0].position.x: must be a number from -1000000 to 1000000"),
        ("{\"x\": 10,", "{\"x\": -1000000.5,", "zones[0].position.x: must be a number from -1000000 to 1000000"),
        ("{\"row_number\": \"A\",", "{", "zones[0].rows[0].row_number: is missing"),
        (
            "\"row_number\": \"A\"", "\"row_number\": true",
            "zones[0].rows[0].row_number: must be a string, not a boolean"
        ),
        (
            "\"row_number\": \"A\"", "\"row_number\": 1.5",
            "zones[0].rows[0].row_number: must be a string or a whole number"
        ),
        (
            "\"row_number\": \"B\", \"seats\": [", "\"row_number\": \"B\", \"s\": [",
            "zones[0].rows[1].seats: is missing"
        ),
        (
            "\"position\": {\"x\": 1, \"y\": 2},", "\"position\": 3,",
            "zones[0].rows[0].position: must be an object, not a number"
        ),
        ("\"seat_guid\": \"g2\", ", "", "zones[0].rows[0].seats[1].seat_guid: is missing"),
        ("\"seat_guid\": \"g2\"", "\"seat_guid\": \"\"", "zones[0].rows[0].seats[1].seat_guid: must not be empty"),
        (
            "\"seat_guid\": \"g2\"", "\"seat_guid\": \"g1\"",
            "zones[0].rows[0].seats[1].seat_guid: \"g1\" is already the guid of zones[0].rows[0].seats[0]"
        ),
        (
            "\"seat_guid\": \"g3\"", "\"seat_guid\": \"g2\"",
            "zones[0].rows[1].seats[0].seat_guid: \"g2\" is already the guid of zones[0].rows[0].seats[1]"
        ),
        (
            "\"seat_guid\": \"g5\"", "\"seat_guid\": \"g3\"",
            "zones[1].rows[0].seats[1].seat_guid: \"g3\" is already the guid of zones[0].rows[1].seats[0]"
        ),
        ("\"seat_number\": \"2\", ", "", "zones[0].rows[0].seats[1].seat_number: is missing"),
        (
            "\"seat_number\": \"2\"", "\"seat_number\": \"\(String(repeating: "1", count: 101))\"",
            "zones[0].rows[0].seats[1].seat_number: is longer than 100 bytes of UTF-8"
        ),
        ("\"position\": {\"x\": 7, \"y\": 8}, ", "", "zones[0].rows[1].seats[0].position: is missing"),
        (
            "{\"x\": 7, \"y\": 8}", "{\"x\": 999995, \"y\": 8}",
            "zones[0].rows[1].seats[0].position: adds up, with zone and row, to a place outside -1000000 to 1000000"
        ),
        (
            "{\"x\": 7, \"y\": 8}, \"category\": \"Plain\"", "{\"x\": 7, \"y\": 8}",
            "zones[0].rows[1].seats[0].category: is missing"
        ),
        (
            "{\"x\": 7, \"y\": 8}, \"category\": \"Plain\"", "{\"x\": 7, \"y\": 8}, \"category\": \"plain\"",
            "zones[0].rows[1].seats[0].category: \"plain\" is not among the plan's categories"
        ),
        (
            "{\"x\": 7, \"y\": 8}, \"category\": \"Plain\"", "{\"x\": 7, \"y\": 8}, \"category\": \"\"",
            "zones[0].rows[1].seats[0].category: \"\" is not among the plan's categories"
        ),
        ("\"areas\": [{", "\"areas\": {\"a\": 1}, \"b\": [{", "zones[0].areas: must be an array, not an object"),
        ("\"areas\": [{", "\"areas\": [1, {", "zones[0].areas[0]: must be an object, not a number"),
        ("\"width\": 10,", "\"width\": 1e9,", "zones[0].areas[0].width: must be a number from -1000000 to 1000000"),
    ])
    func isRefusedWithItsPlace(_ old: String, _ new: String, _ expected: String) {
        let text = smallPlan.replacing(once: old, with: new)
        #expect(refusal { () throws(CatalogueRefusal) in try plan(text) } == expected)
    }

    @Test(arguments: ["[]", "3", "\"plan\"", "null"])
    func whatIsNotAnObjectIsRefusedAsAFile(_ text: String) {
        #expect(refusal { () throws(CatalogueRefusal) in try plan(text) }?.hasPrefix("file: must be an object") == true)
    }

    @Test func seatNumbersAreRefusedWhereverTheyAreSoManyRowsOrZones() {
        let zone = "{\"position\":{\"x\":0,\"y\":0},\"rows\":[]}"
        let zones = Array(repeating: zone, count: SeatingPlan.zonesMax + 1).joined(separator: ",")
        let text = "{\"name\":\"n\",\"categories\":[],\"zones\":[\(zones)]}"
        #expect(
            refusal { () throws(CatalogueRefusal) in try plan(text) } == "zones: has 10001 items, at most 10000 may be")

        let row = "{\"row_number\":\"1\",\"seats\":[]}"
        let half = Array(repeating: row, count: SeatingPlan.rowsMax / 2 + 1).joined(separator: ",")
        let full = "{\"position\":{\"x\":0,\"y\":0},\"rows\":[\(half)]}"
        #expect(
            refusal { () throws(CatalogueRefusal) in
                try plan("{\"name\":\"n\",\"categories\":[],\"zones\":[\(full),\(full)]}")
            } == "zones[1].rows[49999]: is one row more than the 100000 a plan may have")
    }

    @Test func whatARefusalQuotesIsShortAndHarmless() {
        let name = "\\u001b[2J" + String(repeating: "x", count: 150)
        let text = smallPlan.replacing(
            once: "{\"x\": 7, \"y\": 8}, \"category\": \"Plain\"",
            with: "{\"x\": 7, \"y\": 8}, \"category\": \"\(name)\"")
        #expect(
            refusal { () throws(CatalogueRefusal) in try plan(text) }
                == "zones[0].rows[1].seats[0].category: has the control character U+001B")
        #expect(quoted("\u{1B}[2J" + String(repeating: "x", count: 150)).unicodeScalars.count < 75)
        #expect(quoted("\u{1B}[2J") == "\"\\u{1b}[2J\"")
    }
}
