// Writes concerts in our format, dates in the time of their hall.

extension ConcertFile {
    /// The concerts as a concert file: what `parse` reads back as an equal one, always the same bytes.
    public func export() -> [UInt8] {
        JSONWriter.write(
            .object([
                JSONMember("format", .string(Self.format)), JSONMember("version", .integer(Self.version)),
                JSONMember("concerts", .array(concerts.map(json))),
            ]))
    }

    private func json(_ concert: Concert) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("key", .string(concert.key)), JSONMember("title", .string(concert.title)),
            JSONMember("artists", .array(concert.artists.map(JSONValue.string))),
        ]
        if !concert.description.isEmpty { members.append(JSONMember("description", .string(concert.description))) }
        let room: [JSONMember] = [
            ("capacity", concert.room.capacity), ("activeSeconds", concert.room.activeSeconds),
            ("callWindowSeconds", concert.room.callWindowSeconds),
        ].compactMap { name, value in value.map { JSONMember(name, .integer(Int64($0))) } }
        if !room.isEmpty { members.append(JSONMember("room", .object(room))) }
        members.append(JSONMember("dates", .array(concert.dates.map(json))))
        return .object(members)
    }

    private func json(_ date: Performance) -> JSONValue {
        func instant(_ microseconds: Int64) -> JSONValue {
            let offset = KnownTimeZones.offsetSeconds(of: date.timeZone, at: microseconds)
            return .string(RFC3339.text(microseconds, offsetSeconds: offset))
        }
        var members: [JSONMember] = [
            JSONMember("key", .string(date.key)), JSONMember("plan", .string(date.plan)),
            JSONMember("startsAt", instant(date.startsAt)), JSONMember("timeZone", .string(date.timeZone)),
        ]
        if let opensAt = date.saleOpensAt { members.append(JSONMember("saleOpensAt", instant(opensAt))) }
        if date.saleClosesAt != date.startsAt { members.append(JSONMember("saleClosesAt", instant(date.saleClosesAt))) }
        let prices = date.prices.map { JSONMember($0.category, .integer($0.points)) }
        members.append(JSONMember("prices", .object(prices)))
        return .object(members)
    }
}
