// Reads a seating plan file and refuses what could not be sold from. In the order of the file, so that the first mistake
// is the one that is named; categories come first wherever they stand, as every seat refers to them.

extension SeatingPlan {
    /// The plan in a seating plan file.
    ///
    /// - Parameter bytes: The file, UTF-8.
    /// - Throws: What is wrong with it, with the place in the file.
    public static func parse(_ bytes: [UInt8]) throws(CatalogueRefusal) -> SeatingPlan {
        var reader = SeatingPlanReader()
        return try reader.plan(try JSONReader.read(bytes))
    }
}

private struct SeatingPlanReader {
    private var builder = SeatingPlanBuilder()
    private var categories: [SeatingPlan.Category] = []
    private var categoryIndexes: [String: Int] = [:]
    private var seatsByGuid: [String: Int] = [:]

    mutating func plan(_ value: JSONValue) throws(CatalogueRefusal) -> SeatingPlan {
        let fields = try JSONFields(value)
        let name = try fields.required("name", .name)
        let size = try fields.optional("size", .size)
        try fields.requiredItems("categories", max: SeatingPlan.categoriesMax) { _, value throws(CatalogueRefusal) in
            try category(value)
        }
        try fields.requiredItems("zones", max: SeatingPlan.zonesMax) { _, value throws(CatalogueRefusal) in
            try zone(value)
        }
        guard !builder.seats.isEmpty else { throw CatalogueRefusal("has no seat").within(member: "zones") }
        return builder.plan(
            name: name, size: size, categories: categories,
            extras: fields.others(than: ["name", "size", "categories", "zones"]))
    }

    private mutating func category(_ value: JSONValue) throws(CatalogueRefusal) {
        let fields = try JSONFields(value)
        let name = try fields.required("name", .name)
        let color = try fields.optional("color", .text(bytesMax: TextRule.colorBytesMax, emptyAllowed: true))
        if let first = categoryIndexes.updateValue(categories.count, forKey: name) {
            throw CatalogueRefusal("\(quoted(name)) is already the name of categories[\(first)]")
                .within(member: "name")
        }
        categories.append(
            SeatingPlan.Category(name: name, color: color, extras: fields.others(than: ["name", "color"])))
    }

    private mutating func zone(_ value: JSONValue) throws(CatalogueRefusal) {
        let fields = try JSONFields(value)
        let name = try fields.optional("name", .text(bytesMax: TextRule.nameBytesMax, emptyAllowed: true))
        let displayed = try fields.optional("displayed", .flag)
        builder.zoneBegan(name ?? "", at: try fields.required("position", .point))
        try fields.requiredItems("rows", max: SeatingPlan.rowsMax) { _, value throws(CatalogueRefusal) in
            try row(value)
        }
        var areas: [JSONValue] = []
        try fields.items("areas", max: SeatingPlan.areasMax) { _, value throws(CatalogueRefusal) in
            areas.append(try area(value))
        }
        let known = ["name", "displayed", "position", "rows", "areas"]
        builder.zoneEnded(displayed: displayed, areas: areas, extras: fields.others(than: known))
    }

    private mutating func row(_ value: JSONValue) throws(CatalogueRefusal) {
        guard builder.rowCount < SeatingPlan.rowsMax else {
            throw CatalogueRefusal("is one row more than the \(SeatingPlan.rowsMax) a plan may have")
        }
        let fields = try JSONFields(value)
        let number = try fields.required("row_number", .seatOrRowNumber)
        builder.rowBegan(number, at: try fields.optional("position", .point) ?? .zero)
        try fields.requiredItems("seats", max: .max) { _, value throws(CatalogueRefusal) in
            try seat(value)
        }
        builder.rowEnded(extras: fields.others(than: ["row_number", "position", "seats"]))
    }

    private mutating func seat(_ value: JSONValue) throws(CatalogueRefusal) {
        guard builder.seats.count < SeatingPlan.seatsMax else {
            throw CatalogueRefusal("is one seat more than the \(SeatingPlan.seatsMax) a plan may have")
        }
        let fields = try JSONFields(value)
        let guid = try fields.required("seat_guid", .textOrInteger(bytesMax: TextRule.guidBytesMax))
        let number = try fields.required("seat_number", .seatOrRowNumber)
        let position = try fields.required("position", .point)
        let category = try fields.required("category", .text(bytesMax: TextRule.nameBytesMax, emptyAllowed: true))
        if let first = seatsByGuid.updateValue(builder.seats.count, forKey: guid) {
            throw CatalogueRefusal("\(quoted(guid)) is already the guid of \(place(ofSeat: first))")
                .within(member: "seat_guid")
        }
        guard let categoryIndex = categoryIndexes[category] else {
            throw CatalogueRefusal("\(quoted(category)) is not among the plan's categories").within(member: "category")
        }
        let absolute = builder.absolute(position)
        guard abs(absolute.x) <= SeatingPlan.coordinateMax, abs(absolute.y) <= SeatingPlan.coordinateMax else {
            let bound = JSONValue.plain(SeatingPlan.coordinateMax)
            throw CatalogueRefusal("adds up, with zone and row, to a place outside -\(bound) to \(bound)")
                .within(member: "position")
        }
        builder.seat(
            number, guid: guid, category: categoryIndex, at: position,
            extras: fields.others(than: ["seat_guid", "seat_number", "position", "category"]))
    }

    /// An area is kept as it is; but numbers out of range are a mistake in it too.
    private func area(_ value: JSONValue) throws(CatalogueRefusal) -> JSONValue {
        let fields = try JSONFields(value)
        _ = try fields.optional("position", .point)
        for member in ["width", "height", "rotation"] { _ = try fields.optional(member, .coordinate) }
        return value
    }

    /// The path of a seat that was read before.
    private func place(ofSeat index: Int) -> String {
        for (zoneIndex, zone) in builder.zones.enumerated() {
            if let row = zone.rows.firstIndex(where: { $0.seats.contains(index) }) {
                return "zones[\(zoneIndex)].rows[\(row)].seats[\(index - zone.rows[row].seats.lowerBound)]"
            }
        }
        if let row = builder.rows.firstIndex(where: { $0.seats.contains(index) }) {
            return "zones[\(builder.zones.count)].rows[\(row)].seats[\(index - builder.rows[row].seats.lowerBound)]"
        }
        return "zones[\(builder.zones.count)].rows[\(builder.rows.count)].seats[\(index - builder.rowStart)]"
    }
}

extension FieldRule where Value == String {
    fileprivate static var seatOrRowNumber: Self {
        textOrInteger(bytesMax: TextRule.numberBytesMax, emptyAllowed: true)
    }
}

extension FieldRule where Value == Double {
    fileprivate static var coordinate: Self { number(-SeatingPlan.coordinateMax...SeatingPlan.coordinateMax) }
}

extension FieldRule where Value == SeatingPlan.Point {
    fileprivate static var point: Self {
        Self { value throws(CatalogueRefusal) in
            let fields = try JSONFields(value)
            return SeatingPlan.Point(x: try fields.required("x", .coordinate), y: try fields.required("y", .coordinate))
        }
    }
}

extension FieldRule where Value == SeatingPlan.Size {
    fileprivate static var size: Self {
        Self { value throws(CatalogueRefusal) in
            let fields = try JSONFields(value)
            let side = FieldRule<Double>.number(1...SeatingPlan.coordinateMax)
            return SeatingPlan.Size(
                width: try fields.required("width", side), height: try fields.required("height", side))
        }
    }
}
