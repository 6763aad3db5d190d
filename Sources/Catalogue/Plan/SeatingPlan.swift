// A hall as the pretix seating plan editor writes it (its schema is public: seating-plan.schema.json, version 0.0.1).
//
//     plan   name, categories, zones, size?
//     zone   name?, position, displayed?, rows, areas?
//     row    row_number, position?, seats
//     seat   seat_guid (unique in the plan), seat_number, position, category (a name declared in categories)
//
// Positions nest: where a seat is on the map is zone + row + seat. Newer editors add members to each of these (`uuid`,
// `radius`, `row_number_position`…). They mean nothing to a box office; they are kept as they came and written back, so
// that a plan leaves as it arrived and its editor finds everything again. Areas (the stage, a bar) are pictures to us
// and kept in the same way.
//
// Seats are one flat list in the order of the file, and a row is a range of it: whoever sells seats counts them by
// position in this list, whoever draws the hall follows zones and rows.

/// A hall: its seats with their labels, positions and categories, in zones and rows.
public struct SeatingPlan: Hashable, Sendable {
    /// The name by which concert files refer to the plan.
    public let name: String
    /// How large the map is, when the editor says so; the unit is the one positions are in.
    public let size: Size?
    /// The price levels.
    public let categories: [Category]
    /// The parts of the hall.
    public let zones: [Zone]
    /// All seats in the order of the file; a seat's `index` is its position here.
    public let seats: [Seat]
    let extras: [JSONMember]

    init(name: String, size: Size?, categories: [Category], zones: [Zone], seats: [Seat], extras: [JSONMember]) {
        self.name = name
        self.size = size
        self.categories = categories
        self.zones = zones
        self.seats = seats
        self.extras = extras
    }

    /// A width and a height.
    public struct Size: Hashable, Sendable {
        /// Greater than 0.
        public let width: Double
        /// Greater than 0.
        public let height: Double
    }

    /// A place on the map, x to the right and y downwards.
    public struct Point: Hashable, Sendable {
        /// To the right.
        public let x: Double
        /// Downwards.
        public let y: Double
    }

    /// A price level.
    public struct Category: Hashable, Sendable {
        /// Unique in the plan; prices are given by it.
        public let name: String
        /// A colour as stylesheets write it (`#7f4a91`), when the editor gives one.
        public let color: String?
        let extras: [JSONMember]
    }

    /// A part of the hall: the floor, a stand, a balcony.
    public struct Zone: Hashable, Sendable {
        /// Empty when the plan does not name it.
        public let name: String
        /// Where it is in the plan.
        public let position: Point
        /// Whether its outline is to be drawn, when the editor says so.
        public let displayed: Bool?
        /// Its rows.
        public let rows: [Row]
        let areas: [JSONValue]
        let extras: [JSONMember]
    }

    /// A row of seats.
    public struct Row: Hashable, Sendable {
        /// Its number or letter, as on the ticket; may be empty.
        public let number: String
        /// Where it is in its zone.
        public let position: Point
        /// Which of the plan's `seats` are in it.
        public let seats: Range<Int>
        let extras: [JSONMember]
    }

    /// A seat.
    public struct Seat: Hashable, Sendable {
        /// Its position in the plan's `seats`.
        public let index: UInt32
        /// Its name among programs, unique in the plan.
        public let guid: String
        /// The name of its zone; may be empty.
        public let zone: String
        /// The number of its row; may be empty.
        public let row: String
        /// Its number in the row; may be empty.
        public let number: String
        /// Zone, row and number joined with `-`, empty ones left out; the guid when all three are. It need not be
        /// unique: see `SeatNames`.
        public let label: String
        /// Which of the plan's `categories` it is in.
        public let category: Int
        /// Where it is on the map, from the left.
        public let x: Double
        /// Where it is on the map, from the top.
        public let y: Double
        /// Where it is in its row, as the file has it.
        let position: Point
        let extras: [JSONMember]
    }
}

extension SeatingPlan.Seat {
    /// The label of a seat: the parts that are not empty, joined with `-`.
    static func label(_ parts: String...) -> String {
        parts.lazy.map(\.trimmed).filter { !$0.isEmpty }.joined(separator: "-")
    }
}
