// Concerts and their dates, in a format of ours (docs/catalogue.md):
//
//     { "format": "boxoffice-concerts", "version": 1,
//       "concerts": [
//         { "key": "harbour-lights", "title": "Harbour Lights", "artists": ["Tidal Glass"],
//           "description": "…", "room": {"capacity": 50, "admissionsPerMinute": 120, "activeSeconds": 600},
//           "dates": [
//             { "key": "berlin-1", "plan": "Lantern Club", "timeZone": "Europe/Berlin",
//               "startsAt": "2027-03-12T20:00:00+01:00",
//               "saleOpensAt": "2027-01-15T10:00:00+01:00", "saleClosesAt": "2027-03-12T19:00:00+01:00",
//               "prices": {"Front": 9000, "Standard": 6500, "Balcony": 4500} } ] } ] }
//
// Keys make an import repeatable: the same concert key, and in it the same date key, means the same thing as in the
// file before, with what has changed. Titles may change; keys must not.
//
// Members this format does not have are refused, unlike in seating plans: nobody else's editor adds any here, and
// `saleOpenAt` for `saleOpensAt` would open a sale at once.

/// A file of concerts with their dates and prices.
public struct ConcertFile: Hashable, Sendable {
    /// In the order of the file.
    public let concerts: [Concert]

    /// A concert file of these concerts. What was not parsed is not checked: `parse` what `export` writes to know.
    public init(concerts: [Concert]) { self.concerts = concerts }

    /// A concert with its dates.
    public struct Concert: Hashable, Sendable {
        /// Names the concert from one import to the next; unique in the file.
        public let key: String
        /// As shown to people, 1 to 200 bytes of UTF-8.
        public let title: String
        /// Who plays.
        public let artists: [String]
        /// More about it, with line feeds; may be empty.
        public let description: String
        /// How its waiting room differs from the server's settings.
        public let room: Room
        /// Its dates, at least one.
        public let dates: [Performance]

        /// A concert with these members.
        public init(
            key: String, title: String, artists: [String], description: String = "", room: Room = Room(),
            dates: [Performance]
        ) {
            self.key = key
            self.title = title
            self.artists = artists
            self.description = description
            self.room = room
            self.dates = dates
        }
    }

    /// One date of a concert in one hall. Instants are microseconds since 1970 UTC.
    public struct Performance: Hashable, Sendable {
        /// Names the date from one import to the next; unique in its concert.
        public let key: String
        /// The name of the hall's seating plan.
        public let plan: String
        /// When it starts.
        public let startsAt: Int64
        /// The hall's IANA time zone, in which the date is shown.
        public let timeZone: String
        /// When its sale opens; nil when it is open from the import on.
        public let saleOpensAt: Int64?
        /// When its sale closes; `startsAt` when the file does not say.
        public let saleClosesAt: Int64
        /// What a seat costs by the name of its category, ordered by that name.
        public let prices: [Price]

        /// A date with these members; the sale closes when it starts unless told otherwise.
        public init(
            key: String, plan: String, startsAt: Int64, timeZone: String, saleOpensAt: Int64? = nil,
            saleClosesAt: Int64? = nil, prices: [Price]
        ) {
            self.key = key
            self.plan = plan
            self.startsAt = startsAt
            self.timeZone = timeZone
            self.saleOpensAt = saleOpensAt
            self.saleClosesAt = saleClosesAt ?? startsAt
            self.prices = prices.sorted { $0.category < $1.category }
        }

        /// What a seat of a category costs; nil when the date has no such price.
        public func points(forCategory name: String) -> Int64? { prices.first { $0.category == name }?.points }
    }

    /// What a seat of a category costs.
    public struct Price: Hashable, Sendable {
        /// The name of a category of the date's seating plan.
        public let category: String
        /// In whole points, from 0 to `pointsMax`.
        public let points: Int64

        /// A price of `points` for the seats of `category`.
        public init(category: String, points: Int64) {
            self.category = category
            self.points = points
        }
    }
}

extension ConcertFile {
    /// The most concerts of a file.
    public static let concertsMax = 1_000
    /// The most dates of a concert.
    public static let datesMax = 1_000
    /// The most artists of a concert.
    public static let artistsMax = 50
    /// The highest price: 9 of a member's 18 digits, so that no sum of a date's prices comes near the end of Int64.
    public static let pointsMax: Int64 = 1_000_000_000
    /// The most bytes of a file.
    public static let fileBytesMax = JSONReader.bytesMax
}
