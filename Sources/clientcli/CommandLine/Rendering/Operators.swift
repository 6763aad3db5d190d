// What operators see.

import BoxOfficeClient
import BoxOfficeTerminal

extension RoomSettings: Shown {
    var json: JSON {
        [
            "concert": JSON(concert), "mode": JSON(mode.name), "capacity": JSON(capacity),
            "activeSeconds": JSON(activeSeconds), "callWindowSeconds": JSON(callWindowSeconds),
        ]
    }

    func lines(_ look: Look) -> [String] {
        let paint = mode == .open ? look.style.green : look.style.yellow
        return [
            "Room of concert \(concert): \(paint(mode.name)), \(capacity) inside at most, "
                + "\(activeSeconds) s inside, \(callWindowSeconds) s to come back"
        ]
    }
}

extension RoomFigures: Shown {
    var json: JSON {
        settings.json.with([
            "title": JSON(title), "waiting": JSON(waiting), "called": JSON(called), "active": JSON(active),
            "completed": JSON(completed), "expired": JSON(expired), "seatsAvailable": JSON(seatsAvailable),
            "seatsHeld": JSON(seatsHeld), "seatsSold": JSON(seatsSold),
        ])
    }

    func lines(_ look: Look) -> [String] {
        [look.style.bold(sanitize(title))] + settings.lines(look) + [
            "\(waiting) waiting, \(called) called, \(active) inside, \(completed) done, \(expired) expired",
            "Seats: \(seatsAvailable) free, \(seatsHeld) held, \(seatsSold) sold",
        ]
    }

    static func table(_ rooms: [RoomFigures], _ look: Look) -> Table {
        var table = Table([
            .init("CONCERT", .right), .init("TITLE", shrinks: true), .init("MODE"), .init("WAITING", .right),
            .init("CALLED", .right), .init("INSIDE", .right), .init("AT MOST", .right), .init("FREE", .right),
            .init("HELD", .right), .init("SOLD", .right),
        ])
        for room in rooms {
            let paint = room.settings.mode == .open ? look.style.green : look.style.yellow
            table.add([
                "\(room.settings.concert)", .init(room.title), .init(room.settings.mode.name, paint: paint),
                "\(room.waiting)", "\(room.called)", "\(room.active)", "\(room.settings.capacity)",
                "\(room.seatsAvailable)", "\(room.seatsHeld)", "\(room.seatsSold)",
            ])
        }
        return table
    }
}

extension ServerFigures: Shown {
    var json: JSON {
        [
            "now": JSON(now), "uptimeSeconds": JSON(uptimeSeconds), "connections": JSON(connections),
            "membersConnected": JSON(membersConnected), "members": JSON(members), "requests": JSON(requests),
            "refusals": JSON(refusals), "commits": JSON(commits), "facts": JSON(facts),
            "rooms": .list(rooms.map(\.json)),
        ]
    }

    func lines(_ look: Look) -> [String] {
        [
            "Up \(countdown(seconds: Int(clamping: uptimeSeconds))), \(counted(connections, "connection")) of "
                + "\(counted(membersConnected, "member")), \(members) signed up",
            "\(requests) requests, \(refusals) refused; \(commits) transactions, \(facts) rows",
            "",
        ] + RoomFigures.table(rooms, look).lines(columnsMax: look.columns, style: look.style)
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
