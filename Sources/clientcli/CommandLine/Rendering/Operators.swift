// What operators see.

import BoxOfficeClient
import BoxOfficeTerminal

extension ServerFigures: Shown {
    var json: JSON {
        [
            "now": JSON(now), "uptimeSeconds": JSON(uptimeSeconds), "connections": JSON(connections),
            "membersConnected": JSON(membersConnected), "members": JSON(members), "requests": JSON(requests),
            "refusals": JSON(refusals), "commits": JSON(commits), "facts": JSON(facts),
            "rooms": .list(rooms.map(\.json)),
            "limits": .object(limits.map { .init(name: $0.limit.name, value: JSON($0.reached)) }),
        ]
    }

    func lines(_ look: Look) -> [String] {
        [
            "Up \(countdown(seconds: Int(clamping: uptimeSeconds))), \(counted(connections, "connection")) of "
                + "\(counted(membersConnected, "member")), \(members) signed up",
            "\(requests) requests, \(refusals) refused; \(commits) transactions, \(facts) rows",
            "Limits reached: \(limitsReached)",
            "",
        ] + RoomFigures.table(rooms, look).lines(columnsMax: look.columns, style: look.style)
    }
}

extension ServerFigures {
    /// The limits that were reached, the most often first.
    fileprivate var limitsReached: String {
        let reached = limits.filter { $0.reached > 0 }.sorted { $0.reached > $1.reached }
        return reached.isEmpty ? "none" : reached.map { "\($0.limit.name) \($0.reached)" }.joined(separator: ", ")
    }
}

extension PlanSummary {
    var json: JSON {
        ["plan": JSON(plan), "name": JSON(name), "seats": JSON(seats), "digest": JSON("\(digest)")]
    }

    static func table(_ plans: [PlanSummary]) -> Table {
        var table = Table([.init("PLAN", .right), .init("NAME", shrinks: true), .init("SEATS", .right)])
        for plan in plans { table.add(["\(plan.plan)", .init(plan.name), "\(plan.seats)"]) }
        return table
    }
}

extension Imported: Shown {
    var json: JSON {
        guard plan == nil else { return ["plan": JSON(plan) { JSON($0) }, "seats": JSON(seats)] }
        return ["concerts": .list(concerts.map(\.json))]
    }

    func lines(_ look: Look) -> [String] {
        if let plan { return ["Seating plan \(plan) with \(counted(seats, "seat")) is in the box office."] }
        return concerts.map { concert in
            let dates = concert.performances.map { "\($0)" }.joined(separator: ", ")
            return "Concert \(concert.concert) \(look.style.bold(sanitize(concert.title))), dates \(dates)"
        }
    }
}

extension ImportedConcert {
    var json: JSON {
        [
            "concert": JSON(concert), "title": JSON(title),
            "performances": .list(performances.map { JSON($0) }),
        ]
    }
}

extension SeatsBlocked: Shown {
    var json: JSON { ["performance": JSON(performance), "blocked": JSON(blocked)] }

    func lines(_ look: Look) -> [String] {
        ["Date \(performance): \(counted(blocked, "seat")) not for sale now"]
    }
}
