// Small files for the tests, and the ways to read them.

import Testing

@testable import BoxOfficeCatalogue

/// A plan that has every member the format knows, two zones, and names in several scripts.
let smallPlan = """
    {"name": "작은 극장 🎭", "size": {"width": 400, "height": 300.5},
     "categories": [{"name": "VIP석", "color": "#ff0000"}, {"name": "Plain"}],
     "zones": [
       {"name": "Floor", "displayed": true, "position": {"x": 10, "y": 20},
        "rows": [
          {"row_number": "A", "position": {"x": 1, "y": 2}, "seats": [
            {"seat_guid": "g1", "seat_number": "1", "position": {"x": 0.5, "y": 0.25}, "category": "VIP석"},
            {"seat_guid": "g2", "seat_number": "2", "position": {"x": -3, "y": 0}, "category": "Plain"}]},
          {"row_number": "B", "seats": [
            {"seat_guid": "g3", "seat_number": "1", "position": {"x": 7, "y": 8}, "category": "Plain"}]}],
        "areas": [{"position": {"x": 1, "y": 1}, "width": 10, "height": 5, "color": "#000", "text": "Stage"}]},
       {"position": {"x": 0, "y": 100}, "rows": [
          {"row_number": "", "seats": [
            {"seat_guid": "g4", "seat_number": "7", "position": {"x": 0, "y": 0}, "category": "VIP석"},
            {"seat_guid": "g5", "seat_number": "", "position": {"x": 1, "y": 0}, "category": "VIP석"}]}]}]}
    """

/// A concert file that has every member the format knows.
let smallConcerts = """
    {"format": "boxoffice-concerts", "version": 1, "concerts": [
      {"key": "one", "title": "첫 번째 🎤", "artists": ["Ann", "밥"], "description": "line\\nline",
       "room": {"capacity": 5, "admissionsPerMinute": 120, "activeSeconds": 60, "idleSeconds": 30,
                "callWindowSeconds": 90, "opensAt": "2027-01-15T09:30:00Z"},
       "dates": [
         {"key": "d1", "plan": "작은 극장 🎭", "startsAt": "2027-03-12T20:00:00+01:00", "timeZone": "Europe/Berlin",
          "saleOpensAt": "2027-01-15T09:00:00Z", "saleClosesAt": "2027-03-12T19:00:00+01:00",
          "prices": {"VIP석": 9000, "Plain": 0}},
         {"key": "d2", "plan": "작은 극장 🎭", "startsAt": "2027-03-13T20:00:00.5+09:00", "timeZone": "Asia/Seoul",
          "prices": {"Plain": 1000000000, "VIP석": 1}}]},
      {"key": "two", "title": "Two", "dates": [
         {"key": "d1", "plan": "작은 극장 🎭", "startsAt": "2027-06-01T00:00:00Z", "timeZone": "UTC",
          "prices": {"Plain": 1, "VIP석": 2}}]}]}
    """

func plan(_ text: String) throws(CatalogueRefusal) -> SeatingPlan { try SeatingPlan.parse(Array(text.utf8)) }

func concerts(_ text: String) throws(CatalogueRefusal) -> ConcertFile { try ConcertFile.parse(Array(text.utf8)) }

/// What a reading was refused with, as shown to people; nil when it was not.
func refusal<Result>(_ read: () throws(CatalogueRefusal) -> Result) -> String? {
    do throws(CatalogueRefusal) {
        _ = try read()
        return nil
    } catch {
        return error.description
    }
}

extension String {
    /// With the only occurrence of `old` replaced. Whatever a table replaces must be there, or it tests nothing.
    func replacing(once old: String, with new: String) -> String {
        #expect(components(separatedBy: old) == 2, "\(old) occurs once")
        return replacing(old, with: new)
    }

    private func components(separatedBy separator: String) -> Int { ranges(of: separator).count + 1 }
}
