// Waiting rooms, as operators see them.

import BoxOfficeClient
import BoxOfficeTerminal

extension RoomSettings: Shown {
    var json: JSON {
        [
            "concert": JSON(concert), "mode": JSON(mode.name), "capacity": JSON(capacity),
            "admissionsPerMinute": JSON(admissionsPerMinute), "activeSeconds": JSON(activeSeconds),
            "idleSeconds": JSON(idleSeconds), "callWindowSeconds": JSON(callWindowSeconds),
            "opensAt": JSON(opensAt) { JSON($0) }, "message": JSON(message) { JSON($0) },
        ]
    }

    func lines(_ look: Look) -> [String] { ["Room of concert \(concert)", policies(look)] + more(look) }

    /// The mode and the numbers, in a line.
    func policies(_ look: Look) -> String {
        let paint = mode == .open ? look.style.green : look.style.yellow
        let pace = admissionsPerMinute == 0 ? "no pace" : "\(admissionsPerMinute) a minute"
        let idle = idleSeconds == 0 ? "no idle limit" : "idle \(idleSeconds) s"
        return "\(paint(mode.name)); \(capacity) inside, \(pace); active \(activeSeconds) s, \(idle), "
            + "call window \(callWindowSeconds) s"
    }

    /// What not every room has.
    func more(_ look: Look) -> [String] {
        [opensAt.map { "Opens \(look.time($0))" }, message.map { "Says “\(sanitize($0))”" }].compactMap { $0 }
    }
}

extension RoomFigures: Shown {
    var json: JSON {
        settings.json.with([
            "title": JSON(title), "waiting": JSON(waiting), "called": JSON(called), "active": JSON(active),
            "admitted": JSON(admitted), "admittedLastMinute": JSON(admittedLastMinute), "completed": JSON(completed),
            "expired": JSON(expired), "left": JSON(left), "abandoned": JSON(abandoned), "removed": JSON(removed),
            "waitedSecondsMedian": JSON(waitedSecondsMedian) { JSON($0) },
            "waitedSeconds95": JSON(waitedSeconds95) { JSON($0) }, "seatsAvailable": JSON(seatsAvailable),
            "seatsHeld": JSON(seatsHeld), "seatsSold": JSON(seatsSold), "now": JSON(now),
        ])
    }

    func lines(_ look: Look) -> [String] {
        let title = "\(look.style.bold(sanitize(title))), concert \(settings.concert)"
        return [title, settings.policies(look)] + settings.more(look) + figures(look)
    }

    /// For a screen that is redrawn: the same with the time.
    func block(_ look: Look) -> [String] {
        let lines = lines(look)
        return ["\(lines[0]), \(look.clock(now))"] + lines.dropFirst()
    }

    private func figures(_ look: Look) -> [String] {
        let rows: [(String, [(String, String)])] = [
            ("Now", [("waiting", "\(waiting)"), ("called", "\(called)"), ("active", "\(active)")]),
            ("Let in", [("last minute", "\(admittedLastMinute)"), ("in all", "\(admitted)")]),
            ("Ended", [("completed", "\(completed)"), ("expired", "\(expired)"), ("left", "\(left)")]),
            ("Lost", [("abandoned", abandonment), ("removed", "\(removed)")]),
            ("Waited", [("median", span(waitedSecondsMedian)), ("95 of 100 up to", span(waitedSeconds95))]),
            ("Seats", [("free", "\(seatsAvailable)"), ("held", "\(seatsHeld)"), ("sold", "\(seatsSold)")]),
        ]
        return rows.map { name, values in
            let texts = values.map { "\($0) \(look.style.bold($1))" }
            return padded(name, toColumns: 8) + texts.joined(separator: "   ")
        }
    }

    /// Those who gave up, and of how many that came to the end of the line.
    private var abandonment: String {
        let all = Double(abandoned) + Double(admitted)  // which any two numbers can be added up in
        return all == 0 ? "0" : "\(abandoned) (\(Int((Double(abandoned) * 100 / all).rounded())) %)"
    }

    private func span(_ seconds: UInt32?) -> String { seconds.map { countdown(seconds: Int($0)) } ?? "–" }

    /// All of it in a line, for an output that keeps what is written.
    func line(_ look: Look) -> String {
        "\(look.clock(now))  \(settings.mode.name): waiting \(waiting), called \(called), active \(active); "
            + "admitted \(admitted) (\(admittedLastMinute) last minute), completed \(completed), expired \(expired), "
            + "left \(left), abandoned \(abandoned), removed \(removed); waited \(span(waitedSecondsMedian)), "
            + "95 of 100 up to \(span(waitedSeconds95)); "
            + "seats \(seatsAvailable) free, \(seatsHeld) held, \(seatsSold) sold"
    }

    static func table(_ rooms: [RoomFigures], _ look: Look) -> Table {
        var table = Table([
            .init("CONCERT", .right), .init("TITLE", shrinks: true), .init("MODE"), .init("WAITING", .right),
            .init("CALLED", .right), .init("INSIDE", .right), .init("AT MOST", .right), .init("A MINUTE", .right),
            .init("FREE", .right), .init("HELD", .right), .init("SOLD", .right),
        ])
        for room in rooms {
            let paint = room.settings.mode == .open ? look.style.green : look.style.yellow
            table.add([
                "\(room.settings.concert)", .init(room.title), .init(room.settings.mode.name, paint: paint),
                "\(room.waiting)", "\(room.called)", "\(room.active)", "\(room.settings.capacity)",
                "\(room.admittedLastMinute)", "\(room.seatsAvailable)", "\(room.seatsHeld)", "\(room.seatsSold)",
            ])
        }
        return table
    }
}

extension RoomChange: Shown {
    var json: JSON {
        [
            "change": JSON(change), "concert": JSON(concert), "at": JSON(at), "by": JSON(by) { JSON($0) },
            "subject": JSON(subject.name), "from": value(from), "to": value(to), "member": JSON(member) { JSON($0) },
            "reason": JSON(reason) { JSON($0) },
        ]
    }

    /// An opening is recorded in microseconds; everything else reads as it is.
    private func value(_ text: String) -> JSON {
        if text.isEmpty { return .null }
        return opening(text).map { JSON($0) } ?? JSON(text)
    }

    private func opening(_ text: String) -> Instant? {
        subject == .opensAt ? Int64(text).map { Instant($0) } : nil
    }

    private func shown(_ text: String, _ look: Look) -> String {
        if text.isEmpty { return subject == .opensAt ? "first sale" : "–" }
        return opening(text).map { look.time($0) } ?? text
    }

    func lines(_ look: Look) -> [String] {
        let name = look.style.bold(sanitize(member ?? ""))
        switch subject {
        case .removed: return ["\(name) has no place in the room of concert \(concert) any more, and is told why."]
        case .barred: return ["\(name) has no place in the room of concert \(concert), and may not join it again."]
        case .allowed: return ["\(name) may join the room of concert \(concert) again."]
        default: return ["Room of concert \(concert): \(subject.name) was \(shown(from, look)), is \(shown(to, look))"]
        }
    }

    static func table(_ changes: [RoomChange], _ look: Look) -> Table {
        var table = Table([
            .init("WHEN"), .init("WHO", shrinks: true), .init("WHAT"), .init("FROM", shrinks: true),
            .init("TO", shrinks: true), .init("MEMBER", shrinks: true), .init("REASON", shrinks: true),
        ])
        for change in changes {
            table.add([
                .init(look.time(change.at)), .init(change.by ?? "(local socket)"), .init(change.subject.name),
                .init(change.shown(change.from, look)), .init(change.shown(change.to, look)),
                .init(change.member ?? ""), .init(change.reason ?? ""),
            ])
        }
        return table
    }
}
