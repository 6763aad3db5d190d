// Puts a plan together zone by zone, row by row, seat by seat. The reader and the demo halls build in the same way, so
// that labels, indexes and absolute positions are made in one place.

struct SeatingPlanBuilder {
    private(set) var zones: [SeatingPlan.Zone] = []
    private(set) var rows: [SeatingPlan.Row] = []
    private(set) var seats: [SeatingPlan.Seat] = []
    private(set) var rowCount = 0
    private var zoneName = ""
    private var zonePosition = SeatingPlan.Point.zero
    private var rowNumber = ""
    private var rowPosition = SeatingPlan.Point.zero
    private(set) var rowStart = 0

    mutating func zoneBegan(_ name: String, at position: SeatingPlan.Point) {
        zoneName = name
        zonePosition = position
        rows = []
    }

    mutating func rowBegan(_ number: String, at position: SeatingPlan.Point) {
        rowNumber = number
        rowPosition = position
        rowStart = seats.count
    }

    mutating func seat(
        _ number: String, guid: String, category: Int, at position: SeatingPlan.Point, extras: [JSONMember] = []
    ) {
        let absolute = absolute(position)
        let label = SeatingPlan.Seat.label(zoneName, rowNumber, number)
        seats.append(
            SeatingPlan.Seat(
                index: UInt32(seats.count), guid: guid, zone: zoneName, row: rowNumber, number: number,
                label: label.isEmpty ? guid : label, category: category, x: absolute.x, y: absolute.y,
                position: position, extras: extras))
    }

    /// Where on the map a seat at `position` in the current row is.
    func absolute(_ position: SeatingPlan.Point) -> SeatingPlan.Point {
        zonePosition + rowPosition + position
    }

    mutating func rowEnded(extras: [JSONMember] = []) {
        rowCount += 1
        rows.append(
            SeatingPlan.Row(
                number: rowNumber, position: rowPosition, seats: rowStart..<seats.count, extras: extras))
    }

    mutating func zoneEnded(displayed: Bool? = nil, areas: [JSONValue] = [], extras: [JSONMember] = []) {
        zones.append(
            SeatingPlan.Zone(
                name: zoneName, position: zonePosition, displayed: displayed, rows: rows, areas: areas,
                extras: extras))
    }

    func plan(
        name: String, size: SeatingPlan.Size?, categories: [SeatingPlan.Category], extras: [JSONMember] = []
    ) -> SeatingPlan {
        SeatingPlan(name: name, size: size, categories: categories, zones: zones, seats: seats, extras: extras)
    }
}

extension SeatingPlan.Point {
    static let zero = SeatingPlan.Point(x: 0, y: 0)

    static func + (left: Self, right: Self) -> Self { Self(x: left.x + right.x, y: left.y + right.y) }
}
