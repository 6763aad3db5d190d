// Writes a plan in the format it came in. `name`, `position` and `areas` are written even where the file that was read
// left them out: the format allows that, but not every program that reads it does.

extension SeatingPlan {
    /// The plan as a seating plan file: what `parse` reads back as an equal plan, always the same bytes, one seat a
    /// line.
    public func export() -> [UInt8] {
        var members = [JSONMember("name", .string(name))]
        if let size {
            let sides: [JSONMember] = [
                JSONMember("width", .number(size.width)), JSONMember("height", .number(size.height)),
            ]
            members.append(JSONMember("size", .object(sides)))
        }
        members.append(JSONMember("categories", .array(categories.map(json))))
        members.append(JSONMember("zones", .array(zones.map(json))))
        return JSONWriter.write(.object(members + extras))
    }

    private func json(_ category: Category) -> JSONValue {
        var members = [JSONMember("name", .string(category.name))]
        if let color = category.color { members.append(JSONMember("color", .string(color))) }
        return .object(members + category.extras)
    }

    private func json(_ zone: Zone) -> JSONValue {
        var members = [JSONMember("name", .string(zone.name)), JSONMember("position", json(zone.position))]
        if let displayed = zone.displayed { members.append(JSONMember("displayed", .bool(displayed))) }
        members.append(JSONMember("rows", .array(zone.rows.map(json))))
        members.append(JSONMember("areas", .array(zone.areas)))
        return .object(members + zone.extras)
    }

    private func json(_ row: Row) -> JSONValue {
        let members: [JSONMember] = [
            JSONMember("row_number", .string(row.number)), JSONMember("position", json(row.position)),
            JSONMember("seats", .array(seats[row.seats].map(json))),
        ]
        return .object(members + row.extras)
    }

    private func json(_ seat: Seat) -> JSONValue {
        let members: [JSONMember] = [
            JSONMember("seat_guid", .string(seat.guid)), JSONMember("seat_number", .string(seat.number)),
            JSONMember("position", json(seat.position)),
            JSONMember("category", .string(categories[seat.category].name)),
        ]
        return .object(members + seat.extras)
    }

    private func json(_ point: Point) -> JSONValue {
        .object([JSONMember("x", .number(point.x)), JSONMember("y", .number(point.y))])
    }
}
