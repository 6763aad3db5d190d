import Testing

@testable import BoxOfficeCatalogue

@Suite("Instants and time zones")
struct RFC3339Tests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T09:00:00+09:00", 0), ("1969-12-31T19:00:00-05:00", 0),
            ("2000-02-29T12:34:56Z", 951_827_696_000_000), ("2027-03-12T20:00:00+01:00", 1_804_878_000_000_000),
            ("2024-12-31t23:59:59.999999z", 1_735_689_599_999_999),
            ("2024-12-31T23:59:59.9999999Z", 1_735_689_599_999_999),
            ("2024-01-01T00:00:00.5Z", 1_704_067_200_500_000), ("2024-01-01T05:45:00+05:45", 1_704_067_200_000_000),
            ("2024-01-01T00:00:00-00:00", 1_704_067_200_000_000), ("2999-12-31T23:59:59Z", 32_503_679_999_000_000),
        ] as [(String, Int64)])
    func reads(_ text: String, _ microseconds: Int64) {
        #expect(RFC3339.microseconds(text) == microseconds)
    }

    @Test(arguments: [
        "", "2027", "2027-03-12", "2027-03-12T20:00", "2027-03-12T20:00:00", "2027-03-12 20:00:00Z",
        "2027-3-12T20:00:00Z",
        "2027-13-01T00:00:00Z", "2027-00-01T00:00:00Z", "2027-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
        "2027-04-31T00:00:00Z", "2027-01-00T00:00:00Z", "2027-01-01T24:00:00Z", "2027-01-01T00:60:00Z",
        "2027-01-01T00:00:60Z", "2027-01-01T00:00:00.Z", "2027-01-01T00:00:00+9:00", "2027-01-01T00:00:00+0900",
        "2027-01-01T00:00:00+24:00", "2027-01-01T00:00:00+09:60", "2027-01-01T00:00:00Zx", "2027-01-01T00:00:00ZZ",
        "1969-12-31T23:59:59Z", "3000-01-01T00:00:00Z", "９027-01-01T00:00:00Z", "+2027-01-01T00:00:00Z",
    ])
    func refuses(_ text: String) {
        #expect(RFC3339.microseconds(text) == nil)
    }

    @Test func everyInstantReadsBackAsItWasWritten() {
        var random = SplitMix(state: 1)
        for _ in 0..<20_000 {
            let instant = Int64.random(in: 0..<32_503_680_000_000_000, using: &random)
            let offset = Int.random(in: -14 * 60...14 * 60, using: &random) * 60
            #expect(RFC3339.microseconds(RFC3339.text(instant, offsetSeconds: offset)) == instant)
        }
        #expect(RFC3339.text(951_827_696_000_000, offsetSeconds: 0) == "2000-02-29T12:34:56+00:00")
        #expect(RFC3339.text(0, offsetSeconds: -12_600) == "1969-12-31T20:30:00-03:30")
    }

    @Test(arguments: [
        ("Asia/Seoul", true), ("Europe/Berlin", true), ("America/New_York", true), ("UTC", true),
        ("America/Argentina/Buenos_Aires", true), ("Asia/Kolkata", true), ("Asia/Calcutta", true), ("Etc/GMT+5", true),
        ("Asia/Soul", false), ("", false), ("Asia", false), ("GMT+3", false), ("KST", false), ("+09:00", false),
        ("../../etc/passwd", false), ("/etc/localtime", false), ("Asia/../Asia/Seoul", false), ("Asia/", false),
        ("Asia/Seoul/", false), ("Asia/Seoul\0", false), ("Asia//Seoul", false), ("아시아/서울", false),
        (String(repeating: "A", count: 5_000) + "/B", false),
    ])
    func timeZones(_ name: String, _ known: Bool) {
        var zones = KnownTimeZones()
        #expect(zones.isKnown(name) == known)
        #expect(zones.isKnown(name) == known, "also when asked again")
    }

    @Test(
        arguments: [
            ("Asia/Seoul", 1_804_878_000_000_000, 9 * 3_600), ("Europe/Berlin", 1_804_878_000_000_000, 3_600),
            ("Europe/Berlin", 1_815_000_000_000_000, 7_200), ("America/New_York", 1_804_878_000_000_000, -5 * 3_600),
            ("UTC", 0, 0), ("No/Where", 0, 0),
        ] as [(String, Int64, Int)])
    func offsets(_ name: String, _ instant: Int64, _ seconds: Int) {
        #expect(KnownTimeZones.offsetSeconds(of: name, at: instant) == seconds)
    }
}
