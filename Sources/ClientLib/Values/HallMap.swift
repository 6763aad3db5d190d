/// A hall: its seats with their names, positions and categories.
public struct HallMap: Hashable, Sendable {
    /// A seat of a hall.
    public struct Seat: Hashable, Sendable {
        /// Its place in the order of the seating plan.
        public var index: SeatIndex
        /// The zone's name; may be empty.
        public var zone: String
        /// The row's number; may be empty.
        public var row: String
        /// Its number in the row.
        public var number: String
        /// Zone, row and number joined with a hyphen; parts that are empty are left out.
        public var label: String
        /// The `seat_guid` of the plan.
        public var guid: String
        /// The name of its category.
        public var category: String
        /// Hundredths of the plan's unit from the left.
        public var x: Int32
        /// Hundredths of the plan's unit from the top.
        public var y: Int32
    }

    /// More seats than this are not a hall.
    static let seatsMax = 1_000_000

    /// Names the seats for good.
    public let digest: Digest
    /// The hall's name.
    public let name: String
    /// The names of its categories, in the order of the plan.
    public private(set) var categories: [String] = []
    /// All seats, by their index.
    public private(set) var seats: [Seat] = []

    private(set) var rowCount = 0
    private var indices: [String: SeatIndex?] = [:]

    /// The seat with this index.
    public subscript(index: SeatIndex) -> Seat? {
        let index = Int(index.rawValue)
        return seats.indices.contains(index) ? seats[index] : nil
    }

    /// The seat that a name stands for: its label, its guid, or row and number where these alone are unique; nil when
    /// there is none or the name fits several.
    public func index(named name: String) -> SeatIndex? { indices[name] ?? nil }

    // MARK: Building

    init(digest: Digest, name: String) {
        self.digest = digest
        self.name = name
    }

    /// False when the page is not the next one of this hall.
    mutating func append(_ page: HallPage) -> Bool {
        // Rows without seats would let a server add pages without end.
        guard page.digest == digest, Int(page.rowsBefore) == rowCount, Int(page.firstSeat.rawValue) == seats.count,
            !page.rows.isEmpty || !page.more, page.rows.allSatisfy({ !$0.seats.isEmpty })
        else { return false }
        categories = page.categories
        for row in page.rows {
            guard seats.count + row.seats.count <= min(Int(page.seats), Self.seatsMax) else { return false }
            for seat in row.seats {
                guard categories.indices.contains(Int(seat.category)) else { return false }
                seats.append(
                    Seat(
                        index: SeatIndex(UInt32(seats.count)), zone: row.zone, row: row.row, number: seat.number,
                        label: Self.joined(row.zone, row.row, seat.number), guid: seat.guid,
                        category: categories[Int(seat.category)], x: seat.x, y: seat.y))
            }
        }
        rowCount += page.rows.count
        return page.more || seats.count == Int(page.seats)
    }

    /// Makes the index of names, once all seats are there. A label hides a guid, and both hide what is short for them.
    mutating func finish() {
        indices.reserveCapacity(seats.count * 3)
        var names: [String: SeatIndex?] = [:]
        for form in [{ $0.label }, { $0.guid }, { Self.joined($0.row, $0.number) }] as [(Seat) -> String] {
            names.removeAll(keepingCapacity: true)
            for seat in seats {
                let name = form(seat)
                guard indices[name] == nil else { continue }
                names[name] = names[name] == nil ? .some(seat.index) : .some(nil)
            }
            indices.merge(names) { first, _ in first }
        }
    }

    private static func joined(_ parts: String...) -> String {
        parts.filter { !$0.isEmpty }.joined(separator: "-")
    }
}

/// The halls that were looked at last: a hall never changes under its digest.
struct HallCache: Sendable {
    static let hallsMax = 8

    private var halls: [HallMap] = []

    subscript(digest: Digest) -> HallMap? { halls.first { $0.digest == digest } }

    mutating func keep(_ hall: HallMap) {
        halls.removeAll { $0.digest == hall.digest }
        halls.append(hall)
        if halls.count > Self.hallsMax { halls.removeFirst() }
    }
}
