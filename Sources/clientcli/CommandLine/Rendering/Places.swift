// A place in a waiting room.

import BoxOfficeClient
import BoxOfficeTerminal

extension Place: Shown {
    var json: JSON {
        [
            "concert": JSON(concert), "token": JSON(token), "ticket": JSON(ticket), "status": JSON(status.name),
            "rank": JSON(rank) { JSON($0) }, "position": JSON(position), "ahead": JSON(ahead),
            "waiting": JSON(waiting), "reason": JSON(reason.name),
            "estimatedWaitSeconds": JSON(waitSeconds) { JSON($0) },
            "estimatedWaitSecondsMin": JSON(waitSecondsMin) { JSON($0) },
            "estimatedWaitSecondsMax": JSON(waitSecondsMax) { JSON($0) },
            "activeUntil": JSON(activeUntil) { JSON($0) },
            "calledUntil": JSON(calledUntil) { JSON($0) },
            "payUntil": JSON(payUntil) { JSON($0) },
            "remainingSeconds": JSON(remaining) { JSON($0.remainingSeconds) },
            "opensAt": JSON(opensAt) { JSON($0) }, "message": JSON(message) { JSON($0) },
            "now": JSON(now),
        ]
    }

    /// Until what comes next by time.
    private var remaining: Microseconds? {
        switch status {
        case .active: (payUntil ?? activeUntil).map { $0 - now }
        case .called: calledUntil.map { $0 - now }
        default: nil
        }
    }

    /// Whether the order of those who came before the opening is still to be drawn.
    var isBeforeDraw: Bool { status == .waiting && rank == nil }

    /// Whether only the time is another.
    func isSame(as other: Place) -> Bool {
        var same = other
        same.now = now
        return same == self
    }

    func lines(_ look: Look) -> [String] { lines(look, countsDown: false) }

    /// - Parameter countsDown: whether what changes every second by itself is there too.
    func lines(_ look: Look, countsDown: Bool) -> [String] {
        let left = remaining.map { countdown(microseconds: $0.count) } ?? ""
        switch status {
        case .waiting:
            let place =
                isBeforeDraw
                ? "Ticket \(look.style.bold("\(ticket)")), \(waiting) waiting; the order is drawn at the opening"
                : "Place \(look.style.bold("\(position)")) of \(waiting), \(ahead) ahead"
            return [place] + wait(look, countsDown: countsDown) + said(look)
        case .called:
            let until = calledUntil.map { "When you go away again, be back before \(look.clock($0))." }
            let next = "Your turn came while you were away: you are next when there is space."
            return [look.style.yellow(next)] + [until, still].compactMap { $0 } + said(look)
        case .active where payUntil != nil:
            return ["\(look.style.green("Inside")), to pay what you hold: \(look.style.bold(left)) left"]
        case .active:
            let until = activeUntil.map { ", until \(look.clock($0))" } ?? ""
            return ["\(look.style.green("Inside")): you may hold and pay for \(look.style.bold(left))\(until)"]
        case .completed: return ["The place was used: you have paid."]
        case .expired: return [look.style.red("The place has expired.")]
        case .left: return ["You have left the waiting room."]
        case .removed: return [look.style.red("An operator has ended the place.")]
        case .unknown: return ["The place is in a state that this version does not know: \(status.name)"]
        }
    }

    /// How long it takes, or why nobody can tell.
    private func wait(_ look: Look, countsDown: Bool) -> [String] {
        let estimate = waitEstimate(
            secondsMin: waitSecondsMin.map { Int($0) }, secondsMax: waitSecondsMax.map { Int($0) })
        switch reason {
        case .moving, .unknown: return ["Wait  \(look.style.bold(estimate))"]
        case .full: return ["Wait  \(look.style.bold(estimate)), the room is full"]
        case .paused, .draining: return [look.style.yellow(still ?? "")]
        case .notOpen:
            guard let opensAt, opensAt != .distantFuture else { return ["The sale has not opened yet"] }
            let left = opensAt > now && countsDown ? ", in \(countdown(microseconds: (opensAt - now).count))" : ""
            return ["Opens \(look.style.bold(look.time(opensAt)))\(left)"]
        }
    }

    /// Why nothing moves, when an operator wants it so.
    private var still: String? {
        switch reason {
        case .paused: "Nothing moves: the room is paused"
        case .draining: "Nothing moves: the room lets nobody in any more"
        case .moving, .unknown, .full, .notOpen: nil
        }
    }

    private func said(_ look: Look) -> [String] { message.map { ["“\(sanitize($0))”"] } ?? [] }
}

extension Microseconds {
    /// Whole seconds, rounded up, never below zero: while there is time left it is not 0.
    var remainingSeconds: UInt64 { (remainingMilliseconds + 999) / 1000 }
}
