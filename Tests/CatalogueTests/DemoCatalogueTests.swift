import Foundation
import Testing

@testable import BoxOfficeCatalogue

@Suite("Demo catalogue")
struct DemoCatalogueTests {
    private static let day: Int64 = 86_400_000_000

    @Test(arguments: [DemoCatalogue.clubPlan, DemoCatalogue.arenaPlan])
    func hallsAreSound(_ plan: SeatingPlan) throws {
        #expect(try SeatingPlan.parse(plan.export()) == plan)
        let seats = plan.seats
        #expect(Set(seats.map(\.label)).count == seats.count)
        let names = SeatNames(plan)
        for seat in seats { #expect(names.match(seat.label) == .seat(seat.index)) }
        #expect(Set(seats.map(\.category)) == Set(plan.categories.indices), "every category has seats")

        let size = try #require(plan.size)
        let inside = seats.allSatisfy { 0...size.width ~= $0.x && 0...size.height ~= $0.y }
        #expect(inside, "every seat is on the map")
        // No two seats closer than a seat is wide, looked up in squares of that width.
        let width = 9.0
        var squares: [SIMD2<Int32>: [SeatingPlan.Seat]] = [:]
        for seat in seats {
            let square = SIMD2(Int32(seat.x / width), Int32(seat.y / width))
            for dx in Int32(-1)...1 {
                for dy in Int32(-1)...1 {
                    for other in squares[square &+ SIMD2(dx, dy)] ?? [] {
                        let distance =
                            ((seat.x - other.x) * (seat.x - other.x) + (seat.y - other.y) * (seat.y - other.y))
                            .squareRoot()
                        #expect(distance >= width, "\(seat.label) and \(other.label)")
                    }
                }
            }
            squares[square, default: []].append(seat)
        }
    }

    @Test func sizes() {
        #expect(DemoCatalogue.clubPlan.seats.count == 303)
        #expect(DemoCatalogue.arenaPlan.seats.count == 12_000)
        #expect(DemoCatalogue.arenaPlan.zones.count == 36)
        #expect(SeatNames(DemoCatalogue.clubPlan).match("c-12") != .unknown)
        #expect(SeatNames(DemoCatalogue.clubPlan).match("A-1") == .seat(0), "row and number are enough in the club")
    }

    @Test(arguments: [0, 1_735_689_600_000_000, 1_774_000_000_000_000, 1_790_000_000_000_000])
    func concertsFitTheHallsAndLieAhead(_ now: Int64) throws {
        let file = try ConcertFile.parse(DemoCatalogue.concerts(startingAfter: now))
        try file.check(against: [
            DemoCatalogue.clubPlan.name: DemoCatalogue.clubPlan, DemoCatalogue.arenaPlan.name: DemoCatalogue.arenaPlan,
        ])
        let dates = file.concerts.flatMap(\.dates)
        #expect(file.concerts.count == 5)
        #expect(dates.count == 10)
        #expect(Set(dates.map(\.timeZone)) == ["Asia/Seoul", "Europe/Berlin", "America/New_York"])
        #expect(Set(file.concerts.compactMap(\.title.first)).count == 5, "one letter of a title names a concert")
        #expect(file.concerts.contains { $0.title.hasPrefix("하늘빛") })
        for date in dates {
            #expect(date.startsAt > now + 13 * Self.day)
            #expect(date.startsAt < now + 37 * Self.day)
            #expect(date.saleOpensAt == nil, "its sale is open")
            #expect(date.saleClosesAt == date.startsAt)
        }
    }

    @Test func eveningsAreEveningsWhenTheClocksChangeInBetween() throws {
        // From winter time to summer time in Berlin and New York, 2027.
        let now = try #require(RFC3339.microseconds("2027-03-10T12:00:00Z"))
        let text = String(decoding: DemoCatalogue.concerts(startingAfter: now), as: UTF8.self)
        #expect(text.contains("\"startsAt\": \"2027-03-24T20:00:00+01:00\""))
        #expect(text.contains("\"startsAt\": \"2027-03-28T19:30:00+02:00\""))
        #expect(text.contains("\"startsAt\": \"2027-04-09T20:30:00-04:00\""))
        #expect(text.contains("\"startsAt\": \"2027-03-31T19:30:00+09:00\""))
    }

    @Test func filesAreWhatAnImportReads() throws {
        let files = DemoCatalogue.files(now: 1_774_000_000_000_000)
        #expect(files.map(\.name) == ["club.json", "arena.json", "concerts.json"])
        for file in files {
            switch file.kind {
            case .seatingPlan: #expect(throws: Never.self) { try SeatingPlan.parse(file.bytes) }
            case .concerts: #expect(throws: Never.self) { try ConcertFile.parse(file.bytes) }
            }
        }
    }

    /// The files under docs/examples are the demo's; with BOXOFFICE_WRITE_EXAMPLES set they are written anew.
    @Test func examplesInTheDocumentationAreTheDemos() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/examples")
        let now = try #require(RFC3339.microseconds("2027-01-04T12:00:00Z"))
        for file in DemoCatalogue.files(now: now) where file.name != "arena.json" {
            let place = folder.appending(path: file.name)
            if ProcessInfo.processInfo.environment["BOXOFFICE_WRITE_EXAMPLES"] != nil {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try Data(file.bytes).write(to: place)
            }
            #expect(try Data(contentsOf: place) == Data(file.bytes), "\(file.name)")
        }
    }
}
