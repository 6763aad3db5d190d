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

    static func table(_ performances: [Performance], now: Instant, _ look: Look) -> Table {
        var table = Table([
            .init("DATE", .right), .init("STARTS"), .init("HALL", shrinks: true), .init("FREE", .right),
            .init("SALE"), .init("PRICES", shrinks: true),
        ])
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
