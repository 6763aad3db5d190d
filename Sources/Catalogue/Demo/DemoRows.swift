// The shapes of rows in the demo halls. Coordinates are whole numbers, as in the first version of the format; so the
// last digit of a sine, which differs between machines, is not seen.

import Foundation

/// A piece of a ring, seen from its centre; angles in radians, 0 straight away from the stage, growing to the
/// right of the map.
struct Sector {
    let middle: Double
    let width: Double
}

extension SeatingPlanBuilder {
    /// A straight row, numbered from the left.
    mutating func line(row: String, seats: Int, y: Double, spacing: Double, category: Int, guidPrefix: String) {
        rowBegan(row, at: SeatingPlan.Point(x: 0, y: y))
        for index in 0..<seats {
            seat(
                String(index + 1), guid: "\(guidPrefix)-\(row)-\(index + 1)", category: category,
                at: SeatingPlan.Point(x: spacing * Double(index), y: 0))
        }
        rowEnded()
    }

    /// A row bent around the zone's position, with `spacing` from seat to seat.
    mutating func arc(
        row: String, seats: Int, radius: Double, spacing: Double, category: Int, guidPrefix: String
    ) {
        let sector = Sector(middle: 0, width: spacing * Double(seats - 1) / radius)
        self.row(row, seats: seats, radius: radius, in: sector, category: category, guidPrefix: guidPrefix)
    }

    /// A row along a sector of a ring around the zone's position, numbered from the left as seen from the seats.
    mutating func row(
        _ row: String, seats: Int, radius: Double, in sector: Sector, category: Int, guidPrefix: String
    ) {
        func point(_ angle: Double) -> SeatingPlan.Point {
            SeatingPlan.Point(x: (radius * sin(angle)).rounded(), y: (radius * cos(angle)).rounded())
        }
        let middle = point(sector.middle)
        rowBegan(row, at: middle)
        for index in 0..<seats {
            let angle = sector.middle + sector.width * (Double(index) / Double(seats - 1) - 0.5)
            let place = point(angle)
            seat(
                String(index + 1), guid: "\(guidPrefix)-\(row)-\(index + 1)", category: category,
                at: SeatingPlan.Point(x: place.x - middle.x, y: place.y - middle.y))
        }
        rowEnded()
    }
}
