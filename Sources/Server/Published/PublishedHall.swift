// A hall as it is asked for: pages of whole rows, and names of seats. Both are made once for each seating plan.

import BoxOfficeCatalogue
import BoxOfficeEngine
import BoxOfficeProtocol

/// A seating plan, ready to be asked for. Immutable.
final class PublishedHall: Sendable {
    let plan: PlanRow
    let seats: UInt32
    private let pages: Lazy<[Page]>
    private let names: Lazy<SeatNames?>

    /// Rows of one answer.
    private struct Page: Sendable {
        var rows: Range<Int>
        var body: EncodedBody
    }

    init(_ plan: PlanRow) {
        self.plan = plan
        seats = UInt32(plan.hall.rows.reduce(0) { $0 + $1.seats.count })
        let seats = seats
        pages = Lazy { Self.pages(of: plan.hall, seats: seats) }
        // What was imported was parsed before: it parses again.
        names = Lazy { (try? SeatingPlan.parse(plan.document)).map(SeatNames.init) }
    }

    /// Makes what the first one to ask would wait for.
    func prepare() {
        _ = pages.value
        _ = names.value
    }

    /// The page that holds this row; nil when there is no such row.
    func page(from row: UInt32) -> EncodedBody? {
        let pages = pages.value
        return pages.first { $0.rows.contains(Int(row)) }?.body
    }

    /// The seats that these names stand for, or which of them stand for none, or for several.
    func find(_ labels: [String]) throws(Refusal) -> SeatsFound {
        guard let names = names.value else { throw Refusal(.unknownSeat, labels: labels) }
        var seats: [SeatIndex] = []
        var unclear: [String] = []
        for label in labels {
            if case .seat(let index) = names.match(label) {
                seats.append(SeatIndex(index))
            } else {
                unclear.append(label)
            }
        }
        guard unclear.isEmpty else { throw Refusal(.unknownSeat, labels: unclear) }
        return SeatsFound(seats: seats)
    }

    /// A page ends before it has more seats than one may, or before its rows fill a frame.
    static let pageBytesMax = WireLimits.replyBytesMax * 3 / 4

    private static func pages(of hall: Hall, seats: UInt32) -> [Page] {
        var pages: [Page] = []
        var start = 0
        var firstSeat = 0
        while start < hall.rows.count {
            var end = start
            var seatCount = 0
            var byteCount = 0
            while end < hall.rows.count {
                let row = hall.rows[end]
                let bytes = row.encoded.count
                let fits =
                    seatCount + row.seats.count <= WireLimits.hallPageSeatsMax && byteCount + bytes <= pageBytesMax
                // A row that is too long for any page was refused at its import.
                guard fits || end == start else { break }
                seatCount += row.seats.count
                byteCount += bytes
                end += 1
            }
            let page = HallPage(
                digest: hall.digest, name: hall.name, categories: hall.categories, seats: seats,
                rowsBefore: UInt32(start), firstSeat: SeatIndex(UInt32(firstSeat)), rows: Array(hall.rows[start..<end]),
                more: end < hall.rows.count)
            pages.append(Page(rows: start..<end, body: EncodedBody(page)))
            firstSeat += seatCount
            start = end
        }
        return pages
    }
}
