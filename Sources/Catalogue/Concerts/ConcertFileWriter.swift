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
        // A room has no time zone of its own: its opening is told in the time of the first date's hall.
        let room = concert.room.members { instant(of: $0, in: concert.dates.first?.timeZone ?? "UTC") }
        if !room.isEmpty { members.append(JSONMember("room", .object(room))) }
        members.append(JSONMember("dates", .array(concert.dates.map(json))))
        return .object(members)
    }

    private func json(_ date: Performance) -> JSONValue {
        func instant(_ microseconds: Int64) -> JSONValue { self.instant(of: microseconds, in: date.timeZone) }
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

    private func instant(of microseconds: Int64, in timeZone: String) -> JSONValue {
        let offset = KnownTimeZones.offsetSeconds(of: timeZone, at: microseconds)
        return .string(RFC3339.text(microseconds, offsetSeconds: offset))
    }
}
