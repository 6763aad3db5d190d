import Testing

@testable import BoxOfficeCatalogue

@Suite("JSON")
struct JSONReaderTests {
    private func read(_ text: String) throws(CatalogueRefusal) -> JSONValue { try JSONReader.read(Array(text.utf8)) }

    @Test(arguments: [
        ("null", JSONValue.null), (" true\r\n", .bool(true)), ("false", .bool(false)),
        ("0", .integer(0)), ("-7", .integer(-7)), ("9223372036854775807", .integer(.max)),
        ("9223372036854775808", .number(literal: "9223372036854775808")), ("-0", .number(literal: "-0")),
        ("1.50", .number(literal: "1.50")), ("1E+2", .number(literal: "1E+2")), ("0e-0", .number(literal: "0e-0")),
        ("\"\"", .string("")), ("\"한\\u0041\\n\\\\\\ud83d\\ude00\"", .string("한A\n\\😀")),
        ("[]", .array([])), ("[1,[ ]]", .array([.integer(1), .array([])])), ("{}", .object([])),
        ("{\"a\":1,\"a\":2}", .object([JSONMember("a", .integer(1)), JSONMember("a", .integer(2))])),
    ])
    func reads(_ text: String, _ value: JSONValue) throws {
        #expect(try read(text) == value)
        #expect(try JSONReader.read(JSONWriter.write(value)) == value)
    }

    @Test(arguments: [
        ("", "1:1: expected a value, but the file ends here"),
        ("  \n ", "2:2: expected a value, but the file ends here"),
        ("{\n  \"이름\": 1,\n  \"b\" 2}", "3:7: expected ':'"),
        ("{\"이름\" 1}", "1:7: expected ':'"),
        ("[1,]", "1:4: expected a value"), ("[1 2]", "1:4: expected ',' or ']'"),
        ("{\"a\":1,}", "1:8: expected the name of a member, in quotes"),
        ("{a:1}", "1:2: expected the name of a member, in quotes"),
        ("{\"a\":1", "1:7: expected ',' or '}', but the file ends here"),
        ("[1] x", "1:5: expected the end of the file"), ("[1]]", "1:4: expected the end of the file"),
        ("// comment", "1:1: expected a value"), ("NaN", "1:1: expected a value"),
        ("-Infinity", "1:2: expected a digit"),
        ("01", "1:2: expected the end of the file"), ("+1", "1:1: expected a value"),
        ("1.", "1:3: expected a digit, but the file ends here"),
        (".5", "1:1: expected a value"), ("1e", "1:3: expected a digit, but the file ends here"),
        ("tru", "1:4: expected true, but the file ends here"),
        ("\"abc", "1:1: a string without its closing quote"),
        ("\"a\\", "1:4: expected an escape, but the file ends here"),
        ("\"\\x\"", "1:2: an unknown escape in a string"), ("\"\\u12g4\"", "1:6: expected four hexadecimal digits"),
        ("\"\\ud83d\"", "1:2: half of a surrogate pair in a string"),
        ("\"\\ude00\"", "1:2: half of a surrogate pair in a string"),
        ("\"\\ud83d\\u0041\"", "1:2: half of a surrogate pair in a string"),
        ("\"a\tb\"", "1:3: a control character inside a string"),
        (String(repeating: "1", count: 65), "1:1: a number of too many digits"),
    ])
    func refusesWithLineAndColumn(_ text: String, _ expected: String) {
        #expect(refusal { () throws(CatalogueRefusal) in try read(text) } == expected)
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
            [0x22, 0xE2, 0x82, 0x22], [0x22, 0x5C, 0x6E, 0xFF, 0x22],
        ] as [[UInt8]])
    func stringsMustBeUTF8(_ bytes: [UInt8]) {
        #expect(
            refusal { () throws(CatalogueRefusal) in try JSONReader.read(bytes) } == "1:1: a string that is not UTF-8")
    }

    @Test func nestingHasABottom() throws {
        func nested(_ depth: Int, _ opening: String, _ closing: String) -> String {
            String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth)
        }
        #expect(throws: Never.self) { try read(nested(JSONReader.depthMax, "[", "]")) }
        #expect(throws: Never.self) { try read(nested(JSONReader.depthMax, "{\"a\":", "}")) }
        #expect(
            refusal { () throws(CatalogueRefusal) in try read(nested(33, "[", "]")) } == "1:33: nested deeper than 32")
        for bomb in ["[", "{\"a\":", "[{\"a\":"] {
            let problem = refusal { () throws(CatalogueRefusal) in try read(String(repeating: bomb, count: 1_000_000)) }
            #expect(problem?.hasSuffix("nested deeper than 32") == true)
        }
    }

    @Test func valuesAndBytesAreBounded() {
        let many = "[" + String(repeating: "[],", count: JSONReader.valuesMax) + "[]]"
        #expect(
            refusal { () throws(CatalogueRefusal) in try read(many) }?.hasSuffix("more than 2000000 values in one file")
                == true)
        let long = [UInt8](repeating: 0x20, count: JSONReader.bytesMax + 1)
        #expect(
            refusal { () throws(CatalogueRefusal) in try JSONReader.read(long) }
                == "file: is longer than 33554432 bytes")
    }
}
