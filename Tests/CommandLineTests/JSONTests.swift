import BoxOfficeClient
import Testing

@testable import BoxOfficeCommandLine

@Suite struct JSONTests {
    @Test func membersKeepTheirOrder() {
        let json: JSON = ["b": 1, "a": [true, JSON.null, "x"], "c": ["d": -5]]
        #expect(json.line == #"{"b":1,"a":[true,null,"x"],"c":{"d":-5}}"#)
    }

    @Test(arguments: [
        ("겨울 🎸", "\"겨울 🎸\""),
        ("a\"b\\c", #""a\"b\\c""#),
        ("one\ntwo\t", #""one\ntwo\t""#),
        ("\u{1B}[31m", #""\u001b[31m""#),
        ("\u{9B}2J", #""\u009b2J""#),
        ("\u{202E}abc", #""\u202eabc""#),
    ])
    func textIsEscapedWhereItActs(text: String, line: String) { #expect(JSON(text).line == line) }

    @Test func numbersKeepTheirDigits() {
        #expect(JSON(UInt64.max).line == "18446744073709551615")
        #expect(JSON(Points(.min)).line == "-9223372036854775808")
    }

    @Test func instantsAreRFC3339AndAlwaysIsNull() {
        #expect(JSON(Instant(seconds: 1_797_069_600)).line == "\"2026-12-12T10:00:00Z\"")
        #expect(JSON(Instant.distantPast) == .null)
    }

    @Test func ownMembersWinOverThoseOfAnother() {
        let own: JSON = ["status": "confirmed"]
        #expect(own.with(["status": "held", "total": 5]).line == #"{"status":"confirmed","total":5}"#)
    }
}
