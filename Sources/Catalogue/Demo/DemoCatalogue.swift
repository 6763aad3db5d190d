// Something to try the box office with: a club, an arena, five concerts by artists who do not exist, ten dates in three
// time zones. The halls are computed rather than stored, as 12,000 seats are a megabyte of text; what is handed out are
// files in the two formats all the same, and take the way every import takes. The dates follow a given instant, so
// that the demo never lies in the past.

/// The demo catalogue, as the files an operator would import.
public enum DemoCatalogue {
    /// A file of the catalogue.
    public struct File: Hashable, Sendable {
        /// Which format it has, and so which import reads it.
        public enum Kind: Hashable, Sendable {
            /// A seating plan: `SeatingPlan.parse`.
            case seatingPlan
            /// Concerts and dates: `ConcertFile.parse`.
            case concerts
        }

        /// Its file name.
        public let name: String
        /// Which format it has.
        public let kind: Kind
        /// Its contents.
        public let bytes: [UInt8]
    }

    /// All files in the order of import: plans first, as dates refer to them.
    ///
    /// - Parameter now: Microseconds since 1970 UTC; all dates are later and all sales open.
    public static func files(now: Int64) -> [File] {
        [
            File(name: "club.json", kind: .seatingPlan, bytes: clubPlan.export()),
            File(name: "arena.json", kind: .seatingPlan, bytes: arenaPlan.export()),
            File(name: "concerts.json", kind: .concerts, bytes: concerts(startingAfter: now)),
        ]
    }

    /// A concert file whose sales are open and whose first date is two weeks after `instant`, in microseconds since
    /// 1970 UTC.
    public static func concerts(startingAfter instant: Int64) -> [UInt8] {
        ConcertFile(concerts: demoConcerts(startingAfter: instant)).export()
    }
}
