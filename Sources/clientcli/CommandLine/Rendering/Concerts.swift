// Concerts and their dates.

import BoxOfficeClient
import BoxOfficeTerminal

extension Concert {
    var json: JSON {
        [
            "concert": JSON(concert), "title": JSON(title), "artists": JSON(artists),
            "description": JSON(description), "dates": JSON(performances),
        ]
    }

    static func table(_ concerts: [Concert]) -> Table {
        var table = Table([
            .init("CONCERT", .right), .init("TITLE", shrinks: true), .init("ARTISTS", shrinks: true),
            .init("DATES", .right),
        ])
        for concert in concerts {
            table.add([
                "\(concert.concert)", .init(concert.title), .init(concert.artists.joined(separator: ", ")),
                "\(concert.performances)",
            ])
        }
        return table
    }
}

extension CategoryPrice {
    var json: JSON {
        ["category": JSON(category), "price": JSON(price), "seats": JSON(seats), "available": JSON(available)]
    }
}

extension Performance {
    var json: JSON {
        [
            "performance": JSON(performance), "concert": JSON(concert), "hall": JSON(hall), "plan": JSON(plan),
            "startsAt": JSON(startsAt), "timeZone": JSON(timeZone), "saleOpensAt": JSON(saleOpensAt),
            "saleClosesAt": JSON(saleClosesAt), "available": JSON(available),
            "categories": .list(categories.map(\.json)),
        ]
    }

    /// When it starts, as the hall's clocks show it.
    var localStart: String { localTime(microseconds: startsAt.rawValue, zone: timeZone) }

    /// A table. Where it is too wide, prices are not cut: each stands on a line of its own below the date.
    static func rows(_ performances: [Performance], now: Instant, _ look: Look) -> [String] {
        let whole = table(performances, withPrices: true, now: now, look)
        guard let columns = look.columns, whole.naturalColumns > columns else {
            return whole.lines(columnsMax: nil, style: look.style)
        }
        let rows = table(performances, withPrices: false, now: now, look).lines(columnsMax: columns, style: look.style)
        let prices = performances.map { performance in
            var table = Table([.init("", shrinks: true), .init("", .right), .init("", .right)])
            for category in performance.categories {
                table.add([
                    .init(category.category), .init(grouped(category.price)), .init("\(category.available) free"),
                ])
            }
            let indent = String(repeating: " ", count: 6)
            return table.lines(columnsMax: columns - indent.count, style: look.style).dropFirst().map { indent + $0 }
        }
        return rows.prefix(1) + zip(rows.dropFirst(), prices).flatMap { [$0] + $1 }
    }

    private static func table(
        _ performances: [Performance], withPrices: Bool, now: Instant, _ look: Look
    ) -> Table {
        var table = Table(
            [
                .init("DATE", .right), .init("STARTS"), .init("HALL", shrinks: true), .init("FREE", .right),
                .init("SALE"),
            ] + (withPrices ? [.init("PRICES")] : []))
        for performance in performances {
            let prices = performance.categories.map { "\($0.category) \(grouped($0.price)) (\($0.available) free)" }
            let free = performance.available
            table.add([
                "\(performance.performance)", .init(performance.localStart), .init(performance.hall),
                .init("\(free)", paint: free == 0 ? look.style.dim : look.style.green),
                .init(performance.sale(at: now, look)), .init(prices.joined(separator: ", ")),
            ])
        }
        return table
    }

    private func sale(at now: Instant, _ look: Look) -> String {
        if now < saleOpensAt { return "opens " + localTime(microseconds: saleOpensAt.rawValue, zone: timeZone) }
        return now < saleClosesAt ? "open" : "closed"
    }
}
