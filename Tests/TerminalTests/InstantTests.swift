import Foundation
import Testing

@testable import BoxOfficeTerminal

@Suite struct InstantTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1_797_069_600_000_000, "2026-12-12T10:00:00Z"),
            (1_797_069_600_250_000, "2026-12-12T10:00:00.25Z"), (1, "1970-01-01T00:00:00.000001Z"),
            (-1, "1969-12-31T23:59:59.999999Z"), (951_782_400_000_000, "2000-02-29T00:00:00Z"),
            (-62_167_219_200_000_000, "0000-01-01T00:00:00Z"),
            (-62_167_219_200_000_001, "-000001-12-31T23:59:59.999999Z"),
            (253_402_300_800_000_000, "+010000-01-01T00:00:00Z"),
            (.max, "+294247-01-10T04:00:54.775807Z"), (.min, "-290308-12-21T19:59:05.224192Z"),
        ] as [(Int64, String)])
    func forPrograms(microseconds: Int64, expected: String) { #expect(rfc3339(microseconds: microseconds) == expected) }

    @Test(
        arguments: [
            ("2026-12-12T10:00:00Z", 1_797_069_600_000_000), ("2026-12-12T19:00:00+09:00", 1_797_069_600_000_000),
            ("2026-12-12t10:00:00.25z", 1_797_069_600_250_000), ("1969-12-31T23:59:59.999999Z", -1),
            ("2026-12-12T10:00:00.1234567-00:00", 1_797_069_600_123_456), ("2026-12-12T10:00:00", nil),
            ("2026-12-12", nil), ("2026-02-30T10:00:00Z", nil), ("2026-12-12T25:00:00Z", nil), ("sale", nil), ("", nil),
        ] as [(String, Int64?)])
    func fromPeople(text: String, expected: Int64?) { #expect(microseconds(rfc3339: text) == expected) }

    @Test func everyDayAgreesWithFoundation() {
        let formatter = ISO8601DateFormatter()
        for day in stride(from: -150_000, through: 150_000, by: 97) {
            let seconds = Int64(day) * 86_400 + Int64(abs(day) % 86_400)
            let expected = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            // Foundation's calendar is Julian before October 1582.
            if day > -141_427 { #expect(rfc3339(microseconds: seconds * 1_000_000) == expected) }
        }
    }

    @Test(
        arguments: [
            ("Asia/Seoul", 1_797_069_600, "Sat 12 Dec 2026 19:00 KST"),
            ("Europe/Lisbon", 1_797_069_600, "Sat 12 Dec 2026 10:00 WET"),
            ("Europe/Lisbon", 1_783_000_000, "Thu 2 Jul 2026 14:46 WEST"),
            ("America/New_York", 1_797_069_600, "Sat 12 Dec 2026 05:00 EST"),
            ("America/New_York", 1_783_000_000, "Thu 2 Jul 2026 09:46 EDT"),
            ("Asia/Kathmandu", 1_797_069_600, "Sat 12 Dec 2026 15:45 UTC+5:45"),
            ("Asia/Tokyo", 4_102_444_800, "Fri 1 Jan 2100 09:00 JST"),
            ("UTC", 1_797_069_600, "Sat 12 Dec 2026 10:00 UTC"),
            ("Mars/Olympus", 1_797_069_600, "Sat 12 Dec 2026 10:00 UTC"),
            ("../../etc/passwd", 0, "Thu 1 Jan 1970 00:00 UTC"), ("", 0, "Thu 1 Jan 1970 00:00 UTC"),
        ] as [(String, Int64, String)])
    func forPeople(zone: String, seconds: Int64, expected: String) {
        #expect(localTime(microseconds: seconds * 1_000_000, zone: zone) == expected)
    }

    @Test func secondsAndExtremes() {
        #expect(localTime(microseconds: 7_000_000, zone: "UTC", showsSeconds: true) == "Thu 1 Jan 1970 00:00:07 UTC")
        for microseconds in [Int64.min, .max] {
            #expect(!localTime(microseconds: microseconds, zone: "Asia/Seoul").isEmpty)
        }
    }

    @Test func withoutTheDatabaseTheOffsetIsTheName() {
        let zone = NamedTimeZone("Asia/Seoul", databaseFolders: ["/nowhere"])
        #expect(zone.offset(atMicroseconds: 0).abbreviation == "UTC+9")
    }

    @Test func anyBytesMakeNoZone() throws {
        let whole = try Array(#require(FileManager.default.contents(atPath: "/usr/share/zoneinfo/Asia/Seoul")))
        #expect(ZoneAbbreviation.read(whole)?.first == .init(offsetSeconds: 32_400, isDaylight: false, text: "KST"))
        for count in 0..<whole.count { _ = ZoneAbbreviation.read(Array(whole[..<count])) }
        for index in whole.indices {
            var changed = whole
            changed[index] = 0xFF
            _ = ZoneAbbreviation.read(changed)
        }
    }
}
