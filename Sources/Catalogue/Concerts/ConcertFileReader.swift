// Reads a concert file and refuses what could not be sold from, as far as the file alone can tell; `check(against:)`
// knows the halls as well.

extension ConcertFile {
    static let format = "boxoffice-concerts"
    static let version: Int64 = 1

    /// The concerts in a concert file.
    ///
    /// - Parameter bytes: The file, UTF-8.
    /// - Throws: What is wrong with it, with the place in the file.
    public static func parse(_ bytes: [UInt8]) throws(CatalogueRefusal) -> ConcertFile {
        var reader = ConcertFileReader()
        return try reader.file(try JSONReader.read(bytes))
    }
}

private struct ConcertFileReader {
    private var zones = KnownTimeZones()

    mutating func file(_ value: JSONValue) throws(CatalogueRefusal) -> ConcertFile {
        let fields = try JSONFields(value)
        let format = try fields.required("format", .name)
        guard format == ConcertFile.format else {
            throw CatalogueRefusal("must be \(quoted(ConcertFile.format)), not \(quoted(format))")
                .within(member: "format")
        }
        let version = try fields.required("version", .integer(0...Int64.max))
        guard version == ConcertFile.version else {
            throw CatalogueRefusal("version \(version) is not known here, only \(ConcertFile.version)")
                .within(member: "version")
        }
        var concerts: [ConcertFile.Concert] = []
        var keys = KeySet(of: "concerts")
        try fields.requiredItems("concerts", max: ConcertFile.concertsMax) { _, value throws(CatalogueRefusal) in
            concerts.append(try concert(value, keys: &keys))
        }
        try fields.refuseOthers(than: ["format", "version", "concerts"])
        return ConcertFile(concerts: concerts)
    }

    private mutating func concert(
        _ value: JSONValue, keys: inout KeySet
    ) throws(CatalogueRefusal) -> ConcertFile.Concert {
        let fields = try JSONFields(value)
        let key = try keys.key(of: fields)
        let title = try fields.required("title", .name)
        var artists: [String] = []
        try fields.items("artists", max: ConcertFile.artistsMax) { _, value throws(CatalogueRefusal) in
            artists.append(try FieldRule.name.read(value))
        }
        let description = try fields.optional(
            "description", .text(bytesMax: TextRule.descriptionBytesMax, emptyAllowed: true, linesAllowed: true))
        let room = try fields.optional("room", .room)
        var dates: [ConcertFile.Performance] = []
        var dateKeys = KeySet(of: "dates")
        try fields.requiredItems("dates", max: ConcertFile.datesMax) { _, value throws(CatalogueRefusal) in
            dates.append(try date(value, keys: &dateKeys))
        }
        guard !dates.isEmpty else { throw CatalogueRefusal("has no date").within(member: "dates") }
        try fields.refuseOthers(than: ["key", "title", "artists", "description", "room", "dates"])
        return ConcertFile.Concert(
            key: key, title: title, artists: artists, description: description ?? "",
            room: room ?? ConcertFile.Room(), dates: dates)
    }

    private mutating func date(
        _ value: JSONValue, keys: inout KeySet
    ) throws(CatalogueRefusal) -> ConcertFile.Performance {
        let fields = try JSONFields(value)
        let key = try keys.key(of: fields)
        let plan = try fields.required("plan", .name)
        let startsAt = try fields.required("startsAt", .instant)
        let timeZone = try fields.required("timeZone", .text(bytesMax: KnownTimeZones.nameBytesMax))
        guard zones.isKnown(timeZone) else {
            throw CatalogueRefusal("\(quoted(timeZone)) is not an IANA time zone").within(member: "timeZone")
        }
        let opensAt = try fields.optional("saleOpensAt", .instant)
        let closesAt = try fields.optional("saleClosesAt", .instant)
        if let opensAt, opensAt >= closesAt ?? startsAt {
            let end = closesAt == nil ? "startsAt, when the sale closes unless told otherwise" : "saleClosesAt"
            throw CatalogueRefusal("must be before \(end)").within(member: "saleOpensAt")
        }
        let prices = try fields.required("prices", .prices)
        try fields.refuseOthers(
            than: ["key", "plan", "startsAt", "timeZone", "saleOpensAt", "saleClosesAt", "prices"])
        return ConcertFile.Performance(
            key: key, plan: plan, startsAt: startsAt, timeZone: timeZone, saleOpensAt: opensAt,
            saleClosesAt: closesAt, prices: prices)
    }
}

/// The keys of one list, each of which may be used once.
private struct KeySet {
    private let list: String
    private var indexes: [String: Int] = [:]

    init(of list: String) { self.list = list }

    mutating func key(of fields: JSONFields) throws(CatalogueRefusal) -> String {
        let key = try fields.required("key", .key)
        if let first = indexes.updateValue(indexes.count, forKey: key) {
            throw CatalogueRefusal("\(quoted(key)) is already the key of \(list)[\(first)]").within(member: "key")
        }
        return key
    }
}

extension FieldRule where Value == String {
    /// A key: lower case ASCII letters, digits, `-`, `_` and `.`, so that it looks the same everywhere.
    fileprivate static var key: Self {
        Self { value throws(CatalogueRefusal) in
            let key = try text(bytesMax: 64).read(value)
            let allowed = key.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                    UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
            guard allowed else {
                throw CatalogueRefusal("may have the letters a to z, digits, '-', '_' and '.', nothing else")
            }
            return key
        }
    }
}

extension FieldRule where Value == [ConcertFile.Price] {
    fileprivate static var prices: Self {
        Self { value throws(CatalogueRefusal) in
            guard case .object(let members) = value else {
                throw CatalogueRefusal("must be an object, not \(value.kind)")
            }
            guard !members.isEmpty else { throw CatalogueRefusal("has no price") }
            guard members.count <= SeatingPlan.categoriesMax else {
                throw CatalogueRefusal("has \(members.count) prices, at most \(SeatingPlan.categoriesMax) may be")
            }
            var categories: Set<String> = []
            var prices: [ConcertFile.Price] = []
            for member in members {
                do throws(CatalogueRefusal) {
                    let category = try FieldRule<String>.name.read(.string(member.name))
                    guard categories.insert(category).inserted else { throw CatalogueRefusal("is given twice") }
                    let points = try FieldRule<Int64>.integer(0...ConcertFile.pointsMax).read(member.value)
                    prices.append(ConcertFile.Price(category: category, points: points))
                } catch {
                    throw error.within(member: member.name)
                }
            }
            return prices
        }
    }
}
