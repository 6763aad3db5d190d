import BoxOfficeProtocol

/// A hall: what is immutable under its digest.
public struct Hall: Hashable, Sendable {
    /// The name by which concert files refer to it.
    public var name: String
    /// Names of the price categories, in the plan's order.
    public var categories: [String]
    /// Rows in the plan's order; seats are numbered through them from 0.
    public var rows: [HallRow]
    /// SHA-256 over the plan's seats, made by who parsed the plan.
    public var digest: Digest

    /// All of it.
    public init(name: String, categories: [String], rows: [HallRow], digest: Digest) {
        self.name = name
        self.categories = categories
        self.rows = rows
        self.digest = digest
    }
}

/// A seating plan: the hall, and the file it came from.
public struct PlanRow: Hashable, Sendable {
    /// Its number.
    public var id: PlanID
    /// The seats.
    public var hall: Hall
    /// The file, for export.
    public var document: [UInt8]

    /// All columns.
    public init(id: PlanID, hall: Hall, document: [UInt8]) {
        self.id = id
        self.hall = hall
        self.document = document
    }
}

/// Something that is played, on one date or several.
public struct ConcertRow: Hashable, Sendable {
    /// Its number.
    public var id: ConcertID
    /// The key of the concert file: importing it again changes this concert instead of making another.
    public var key: String
    /// For people.
    public var title: String
    /// Who plays.
    public var artists: [String]
    /// More about it; may be empty.
    public var description: String

    /// All columns.
    public init(id: ConcertID, key: String, title: String, artists: [String], description: String) {
        self.id = id
        self.key = key
        self.title = title
        self.artists = artists
        self.description = description
    }
}

/// One date of a concert in one hall.
public struct PerformanceRow: Hashable, Sendable {
    /// Its number.
    public var id: PerformanceID
    /// The key of the concert file, unique in its concert.
    public var key: String
    /// Of which concert.
    public var concert: ConcertID
    /// In which hall.
    public var plan: PlanID
    /// When it starts.
    public var startsAt: Instant
    /// IANA name.
    public var timeZone: String
    /// From when seats can be held; the earliest instant when they always could.
    public var saleOpensAt: Instant
    /// From when they no longer can.
    public var saleClosesAt: Instant
    /// A price for each category of the hall, in its order; nil for a category that is not for sale.
    public var prices: [Points?]
    /// Seats that are not for sale, rising.
    public var blocked: [SeatIndex]

    /// All columns.
    public init(
        id: PerformanceID, key: String, concert: ConcertID, plan: PlanID, startsAt: Instant, timeZone: String,
        saleOpensAt: Instant, saleClosesAt: Instant, prices: [Points?], blocked: [SeatIndex]
    ) {
        self.id = id
        self.key = key
        self.concert = concert
        self.plan = plan
        self.startsAt = startsAt
        self.timeZone = timeZone
        self.saleOpensAt = saleOpensAt
        self.saleClosesAt = saleClosesAt
        self.prices = prices
        self.blocked = blocked
    }
}
