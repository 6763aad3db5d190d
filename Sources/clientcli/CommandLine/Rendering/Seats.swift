// The seats of a date. Programs get a line a seat; people get a summary, and a picture of each row when they ask or
// when the hall is small.
//
//     Balcony  2   ○○○○●●●○○★★○○      ○ free   ◐ held   ● sold   ✕ blocked   ★ yours

import BoxOfficeClient
import BoxOfficeTerminal

/// A seat of a date as it is now.
struct SeatNow: Sendable {
    /// A name that finds it again: its label where that is its own, else its `seat_guid`.
    var name: String
    var seat: HallMap.Seat
    var price: Points?
    var status: SeatStatus
    /// Whether the one who asks holds or owns it.
    var isMine: Bool

    var json: JSON {
        [
            "seat": JSON(name), "zone": JSON(seat.zone), "row": JSON(seat.row), "number": JSON(seat.number),
            "category": JSON(seat.category), "price": JSON(price) { JSON($0) }, "status": JSON(status.name),
            "mine": JSON(isMine), "guid": JSON(seat.guid),
        ]
    }

    fileprivate var symbol: Character {
        if isMine { return "★" }
        switch status {
        case .available: return "○"
        case .held: return "◐"
        case .sold: return "●"
        case .blocked: return "✕"
        case .unknown: return "?"
        }
    }

    fileprivate func paint(_ look: Look) -> @Sendable (String) -> String {
        if isMine { return look.style.bold }
        switch status {
        case .available: return look.style.green
        case .held: return look.style.yellow
        case .sold, .unknown: return look.style.dim
        case .blocked: return look.style.red
        }
    }
}

/// The seats of a date, in the order of the hall.
struct SeatsNow: Sendable {
    var seats: [SeatNow]

    /// - Parameter mine: the seats that whoever asks holds or owns; nil for a guest.
    init(of hall: HallMap, at performance: Performance, map: SeatMapState, mine: Set<SeatIndex>) {
        let prices = Dictionary(performance.categories.map { ($0.category, $0.price) }) { first, _ in first }
        let names = hall.seatNames
        seats = hall.seats.map { seat in
            SeatNow(
                name: names[Int(seat.index.rawValue)], seat: seat, price: prices[seat.category],
                status: map[seat.index] ?? .blocked, isMine: mine.contains(seat.index))
        }
    }

    /// Zone by zone and category by category: how many there are, and how many are free.
    func summary(_ look: Look) -> Table {
        struct Part: Hashable { var zone, category: String }
        var order: [Part] = []
        var counts: [Part: (seats: Int, free: Int, price: Points?)] = [:]
        for now in seats {
            let part = Part(zone: now.seat.zone, category: now.seat.category)
            if counts[part] == nil { order.append(part) }
            let isFree = now.status == .available
            counts[part, default: (0, 0, now.price)].seats += 1
            counts[part]?.free += isFree ? 1 : 0
        }
        var table = Table([
            .init("ZONE", shrinks: true), .init("CATEGORY", shrinks: true), .init("PRICE", .right),
            .init("FREE", .right), .init("SEATS", .right),
        ])
        for part in order {
            guard let count = counts[part] else { continue }
            table.add([
                .init(part.zone), .init(part.category), .init(count.price.map(grouped) ?? "-"),
                .init("\(count.free)", paint: count.free == 0 ? look.style.dim : look.style.green), "\(count.seats)",
            ])
        }
        return table
    }

    /// Every seat.
    func table(_ look: Look) -> Table {
        var table = Table([
            .init("SEAT"), .init("CATEGORY", shrinks: true), .init("PRICE", .right), .init("STATUS"),
        ])
        for now in seats {
            let status = now.status.name + (now.isMine ? ", yours" : "")
            table.add([
                .init(now.name), .init(now.seat.category), .init(now.price.map(grouped) ?? "-"),
                .init(status, paint: now.paint(look)),
            ])
        }
        return table
    }

    /// Consecutive seats of one row.
    private var rows: [ArraySlice<SeatNow>] {
        var rows: [ArraySlice<SeatNow>] = []
        var start = seats.startIndex
        for index in seats.indices {
            let next = index + 1
            if next == seats.endIndex || seats[next].seat.row != seats[start].seat.row
                || seats[next].seat.zone != seats[start].seat.zone
            {
                rows.append(seats[start..<next])
                start = next
            }
        }
        return rows
    }

    /// Whether a picture of it is something to look at without being asked.
    func isSmall(columns: Int) -> Bool {
        let rows = rows
        return rows.count <= 30 && rows.allSatisfy { $0.count + 20 <= columns }
    }

    /// A line a row, a sign a seat.
    func picture(_ look: Look) -> [String] {
        let rows = rows
        let names = rows.map { row in
            sanitize(
                [row.first?.seat.zone ?? "", row.first?.seat.row ?? ""].filter { !$0.isEmpty }.joined(separator: " "))
        }
        let width = names.reduce(0) { max($0, displayWidth(of: $1)) }
        let lines = zip(names, rows).map { name, row in
            padded(name, toColumns: width) + "  " + row.map { $0.paint(look)(String($0.symbol)) }.joined()
        }
        return lines + ["", "○ free   ◐ held   ● sold   ✕ not for sale   ★ yours"]
    }
}

extension HallMap {
    /// For each seat a name that finds it again.
    var seatNames: [String] {
        let guids = Set(seats.map(\.guid))
        return seats.map { seat in
            // A label that is some seat's guid is left to that seat.
            let isOwn =
                index(named: seat.label) == seat.index && (seat.label == seat.guid || !guids.contains(seat.label))
            return isOwn ? seat.label : seat.guid
        }
    }
}
